"""What a template sees: figures by name, of the message's subject or of another; in: a Book, out: lazy name spaces.

`price.change_24h` is a figure of the message's subject, `BTC.price.change_24h` one of another subject. A figure that is absent
comes back as Missing: it can be tested (`is there`) but not printed. Does not format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from newsgen.errors import UnknownFigure
from newsgen.market import Absent, Book, Figure

__all__ = ["FamilyScope", "Missing", "SubjectScope", "template_names"]


class Missing:
    """An absent figure inside a template."""

    __slots__ = ("name", "reason")

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        raise TypeError(f"{self.name} is a figure, and absent ({self.reason}): print it through a filter")


class FamilyScope:
    """One family of figures of one subject: `price`. A figure that was asked for stays as an attribute."""

    def __init__(self, book: Book, family: str, subject: str, *, followed: bool = True) -> None:
        self._book, self._family, self._subject, self._followed = book, family, subject, followed

    def __getattr__(self, name: str) -> Figure | Missing:
        full = f"{self._family}.{name}"
        try:
            figure = self._book.get(full, self._subject)
        except KeyError:
            raise UnknownFigure(f"a template names the figure {full}, which the catalogue does not have") from None
        found: Figure | Missing
        if not self._followed:
            found = Missing(full, f"the edition does not follow {self._subject}")
        else:
            found = Missing(full, figure.reason) if isinstance(figure, Absent) else figure
        self.__dict__[name] = found
        return found

    def __str__(self) -> str:
        raise TypeError(f"{self._family} is a family of figures: name one of them")


class SubjectScope:
    """All families of one subject: `BTC`. A family that was asked for stays as an attribute."""

    def __init__(self, book: Book, subject: str, *, followed: bool = True) -> None:
        self._book, self.key, self._followed = book, subject, followed

    def __getattr__(self, family: str) -> FamilyScope:
        found = self.__dict__[family] = FamilyScope(self._book, family, self.key, followed=self._followed)
        return found

    def __str__(self) -> str:
        raise TypeError(f"{self.key} is a subject: print it with |name")


def template_names(
    book: Book, subject: str, asset: str, subjects: Iterable[str], unfollowed: frozenset[str]
) -> Mapping[str, object]:  # fmt: skip
    """The names a template may use: the families of the subject, the subjects, and `asset`; figures of the unfollowed are absent."""

    def scope(one: str) -> SubjectScope:
        followed = one not in unfollowed
        return book.memo(("scope", one, followed), lambda: SubjectScope(book, one, followed=followed))

    of_subject = scope(subject)
    families: dict[str, object] = {family: getattr(of_subject, family) for family in _families(book)}
    return families | {s: scope(s) for s in (*subjects, *unfollowed)} | {"asset": scope(asset)}


def _families(book: Book) -> frozenset[str]:
    return _families_of(tuple(book.catalogue))


@lru_cache(maxsize=8)  # one catalogue serves all books
def _families_of(catalogue: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in catalogue)
