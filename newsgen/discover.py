"""A folder is its own registry: finds plugin modules and the folders of templates and samples.

In: a package or a root folder. Out: the constants found there, or paths. A module that fails to load stops the start-up.
Does not know what the plugins do.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from newsgen.errors import PluginError

__all__ = ["angle_folders", "load_constants", "samples_root", "templates_root"]

T = TypeVar("T")
_PACKAGE = Path(__file__).parent


def load_constants(package: ModuleType, constant: str, kind: type[T]) -> dict[str, T]:
    """Load every module of a package that has no leading underscore and take one constant from each.

    Returns:
        Module name to constant, in the order of the names.

    Raises:
        PluginError: A module fails to import, lacks the constant, or has one of another type.
    """
    found: dict[str, T] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        if info.name.startswith("_") or info.ispkg:
            continue
        name = f"{package.__name__}.{info.name}"
        try:
            module = importlib.import_module(name)
        except Exception as error:
            raise PluginError(name, f"cannot be imported: {error}") from error
        value = getattr(module, constant, None)
        if not isinstance(value, kind):
            raise PluginError(name, f"wants a constant {constant} of type {kind.__name__}")
        found[info.name] = value
    return found


def templates_root() -> Path:
    """The folder of templates: in a checkout beside the package, in an installed wheel inside it."""
    return _shipped("templates", "_templates")


def samples_root() -> Path:
    """The folder of samples, as `templates_root`."""
    return _shipped("samples", "_samples")


def _shipped(beside: str, inside: str) -> Path:
    installed = _PACKAGE / inside
    return installed if installed.is_dir() else _PACKAGE.parent / beside


def angle_folders(root: Path) -> list[Path]:
    """The angle folders below a template root, by name; those with a leading underscore are not angles."""
    return sorted(p for p in (root / "angles").iterdir() if p.is_dir() and not p.name.startswith(("_", ".")))
