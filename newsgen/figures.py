"""The `figures` command: every figure of the catalogue at a moment; in: a View, out: rows for a table or JSON.

Absent figures are shown with their reason. Words here speak to editors.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from newsgen import derive
from newsgen.market import Absent, Book, Figure, FigureSpec, View, iso, plain

__all__ = ["FigureRows", "all_figures", "render_found", "render_table", "search"]

_SUBJECTS = {"market": ("market",), "index": ("SP500", "NDX", "VIX", "DXY", "GOLD", "US10Y"), "company": ("Strategy",)}


@dataclass(frozen=True, slots=True)
class FigureRows:
    """Figures at one moment, as `--format json` prints them."""

    as_of: str
    rows: list[dict[str, Any]]


def all_figures(view: View, subject: str | None = None, pattern: str = "*") -> FigureRows:
    """All figures of all subjects they are made for, narrowed by subject and name pattern."""
    book = Book(view, derive.catalogue())
    subjects = {**_SUBJECTS, "asset": view.assets}
    rows = [
        _row(name, one, book.get(name, one))
        for name, spec in sorted(book.catalogue.items())
        if fnmatch(name, pattern)
        for kind in sorted(spec.of)
        for one in subjects.get(kind, ())
        if subject in (None, one)
    ]
    return FigureRows(iso(view.as_of), rows)


def _row(name: str, subject: str, figure: Figure | Absent) -> dict[str, Any]:
    if isinstance(figure, Absent):
        return {"name": name, "subject": subject, "value": None, "unit": None, "window": None, "observed_at": None,
                "source": None, "formula": None, "absent": figure.reason}  # fmt: skip
    return {
        "name": name, "subject": subject, "value": plain(figure.value), "unit": str(figure.unit), "window": figure.window,
        "observed_at": iso(figure.observed_at), "source": figure.source, "formula": figure.formula, "absent": None,
    }  # fmt: skip


def render_table(rows: FigureRows) -> str:
    """The rows for a person: one line each, absent ones with their reason."""
    lines = [f"as of {rows.as_of}"]
    for row in rows.rows:
        value = f"{row['value']} {row['unit']}" if row["absent"] is None else f"absent: {row['absent']}"
        tail = "  ".join(str(row[k]) for k in ("window", "source", "formula") if row[k])
        lines.append(f"{row['subject']:9} {row['name']:38} {value:34} {tail}".rstrip())
    return "\n".join(lines)


def search(words: str) -> list[FigureSpec]:
    """The figures whose name, meaning or unit has all of the words, those that have them in their name first."""
    wanted = words.lower().replace(".", " ").replace("_", " ").split()
    found = []
    for spec in derive.catalogue().values():
        name = spec.name.replace(".", " ").replace("_", " ")
        text = f"{name} {spec.meaning} {spec.unit} {spec.window}".lower()
        if all(word in text for word in wanted):
            found.append((-sum(word in name for word in wanted), spec.name, spec))
    return [spec for _, _, spec in sorted(found, key=lambda item: item[:2])]


def render_found(specs: list[FigureSpec]) -> str:
    """Each figure with its unit, what it is made for, an example, its meaning, and when it is absent."""
    lines = []
    for spec in specs:
        example = f", as {spec.example}" if spec.example else ""
        lines.append(f"{spec.name}  ({spec.unit}{example}; of {', '.join(sorted(spec.of))}{'; ranked' if spec.trail else ''})")
        lines += [f"    {spec.meaning}", f"    Absent: {spec.absent_when}"]
    return "\n".join(lines)
