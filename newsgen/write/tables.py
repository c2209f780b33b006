"""Tables: figures in rows, printed through the ledger; in: a table's description and assets, out: cells with marks.

A row that lacks a figure is left out, and a table of one row is none. The words stand in templates/tables/<name>/<locale>.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from newsgen.errors import ConfigError
from newsgen.market import Absent, Book, Figure

__all__ = ["TableForm", "load_tables", "rows_of"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Part):
    """One column: its head, and the figure of each row with the filter that prints it; without a figure the row's own name."""

    head: str
    figure: str = ""
    prints: Literal["price", "money", "signed", "name"] = "name"


class TableForm(_Part):
    """A table as its file describes it."""

    title: str
    of: Literal["assets"]  # one row for each asset of the edition
    column: tuple[Column, ...]


def load_tables(roots: Sequence[Path], locale: str) -> dict[str, TableForm]:
    """The tables of the template roots, the first root before the others.

    Raises:
        ConfigError: A file is wrong; names file and key.
    """
    found: dict[str, TableForm] = {}
    for root in roots:
        for path in sorted((root / "tables").glob(f"*/{locale}.toml")):
            if path.parent.name not in found:
                found[path.parent.name] = _load(path)
    return found


def _load(path: Path) -> TableForm:
    try:
        return TableForm.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"tables/{path.parent.name}/{path.name}: {error}") from error


def rows_of(form: TableForm, assets: Sequence[str], book: Book, cell: Callable[[str, Figure | str], str]) -> list[list[str]]:
    """The rows that can be filled, each cell as `cell` prints it (a filter's name, and a figure or an asset)."""
    rows = []
    for asset in assets:
        figures = [book.get(column.figure, asset) if column.figure else asset for column in form.column]
        if not any(isinstance(f, Absent) for f in figures):
            rows.append([cell(column.prints, f) for column, f in zip(form.column, figures, strict=True) if not isinstance(f, Absent)])
    return rows if len(rows) > 1 else []
