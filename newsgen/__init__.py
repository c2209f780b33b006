"""newsgen: a newsroom engine. Market metrics in, checked and published articles out.

The public names; each is loaded when it is first used, so that `import newsgen` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsgen.config import Settings
    from newsgen.draft import preview
    from newsgen.errors import NewsgenError
    from newsgen.service import run
    from newsgen.story import Article

__version__ = "0.1.0"
__all__ = ["Article", "NewsgenError", "Settings", "__version__", "preview", "run"]

_HOMES = {
    "Article": "newsgen.story", "NewsgenError": "newsgen.errors", "Settings": "newsgen.config", "preview": "newsgen.draft",
    "run": "newsgen.service",
}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'newsgen' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
