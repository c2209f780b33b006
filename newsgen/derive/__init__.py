"""Figures: derived values that lead back to their readings; in: a View through a Book, out: Figure or Absent."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache

from newsgen.discover import load_constants
from newsgen.errors import PluginError
from newsgen.market import FigureSpec

__all__ = ["catalogue"]


@cache
def catalogue() -> Mapping[str, FigureSpec]:
    """Every figure by name, from the modules of this folder.

    Raises:
        PluginError: A module does not load, or two define one name.
    """
    found: dict[str, FigureSpec] = {}
    for module, specs in load_constants(sys.modules[__name__], "FIGURES", tuple).items():
        for spec in specs:
            if spec.name in found:
                raise PluginError(f"newsgen.derive.{module}", f"the figure {spec.name} exists twice")
            found[spec.name] = spec
    return found
