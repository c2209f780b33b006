"""Draw again whenever a template, a rule or the edition folder changes; in: folders and what to draw, out: drawings until Ctrl-C.

A template that is wrong is told with its place, and what was drawn before stays valid: the next save tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from newsgen.config import Settings
from newsgen.draft import Draft, Material, Wish, draft, load_words, open_material, template_roots
from newsgen.errors import NewsgenError
from newsgen.pipeline import Newsroom

__all__ = ["watch"]

Changes = Iterable[tuple[str, Path]]  # "added", "modified" or "deleted", and where
_QUIET_MS, _LONGEST_MS = 20, 100  # a save is several writes; this long without one, and it is over


def watch(
    settings: Settings, wish: Wish, show: Callable[[Draft], None], tell: Callable[[str], None], changes: Iterable[Changes] | None = None
) -> None:
    """Draw now and after every change, until Ctrl-C."""
    folders = [*template_roots(settings), *([wish.folder] if wish.folder else [])]
    watched = [p for p in folders if p.is_dir()]
    try:
        drawing = _Drawing(settings, wish)
        for count, changed in enumerate(changes or _changes(watched)):
            drawing.forget(changed)
            _draw(drawing, show, tell)
            if count == 0:
                tell(f"watching {', '.join(map(str, watched))}; Ctrl-C ends")
    except KeyboardInterrupt:
        return


def _draw(drawing: _Drawing, show: Callable[[Draft], None], tell: Callable[[str], None]) -> None:
    try:
        show(drawing.draw())
    except NewsgenError as error:
        tell(str(error))
    except BrokenPipeError:
        raise
    except Exception as error:
        tell(f"a fault of ours: {type(error).__name__}: {error}")


class _Drawing:
    """Keeps what a change does not touch: a saved template needs neither the rules nor the readings again."""

    def __init__(self, settings: Settings, wish: Wish) -> None:
        self._settings, self._wish = settings, wish
        self._words: Newsroom | None = None
        self._material: Material | None = None

    def forget(self, changes: Changes) -> None:
        """Drop what was made from the files that changed."""
        folder = self._wish.folder.resolve() if self._wish.folder else None
        for kind, path in changes:
            if folder is not None and path.resolve().is_relative_to(folder):
                self._material = None
            elif kind != "modified" or path.suffix != ".j2":  # Jinja looks at known templates itself, not for new ones before them
                self._words = None

    def draw(self) -> Draft:
        self._words = self._words or load_words(self._settings, self._wish)
        self._material = self._material or open_material(self._settings, self._wish)
        return draft(self._words, self._material, self._settings, self._wish)


def _changes(folders: list[Path]) -> Iterator[Changes]:
    """First nothing, for the first drawing; then every change. The watch begins before the first drawing, so that no save is missed."""
    import watchfiles

    found = watchfiles.watch(*folders, debounce=_LONGEST_MS, step=_QUIET_MS, yield_on_timeout=True, rust_timeout=_LONGEST_MS)
    for count, changes in enumerate(found):
        if changes or count == 0:
            yield [(kind.name, Path(path)) for kind, path in changes]
