"""The layouts of history files; in: a file's name, out: how it reads. The prefix of the name decides, the longest wins."""

from __future__ import annotations

from newsgen.store.layouts.files import LAYOUTS
from newsgen.store.layouts.layout import Cell, Layout, Sum

__all__ = ["LAYOUTS", "Cell", "Layout", "Sum", "layout_of"]


def layout_of(file_name: str) -> Layout | None:
    """The layout of a file, so that `btc_spot_4h_2026.csv` reads like `btc_spot_4h.csv`; None when no prefix fits."""
    if not file_name.endswith(".csv"):
        return None
    stem = file_name.removesuffix(".csv")
    fitting = [layout for layout in LAYOUTS if stem.startswith(layout.prefix) and stem[len(layout.prefix) :][:1] in ("", "_", "-", ".")]
    return max(fitting, key=lambda layout: len(layout.prefix), default=None)
