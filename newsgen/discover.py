"""A folder is its own registry: finds plugin modules, the folders of templates and samples, and the user's cache.

In: a package or a root folder. Out: the constants found there, or paths. A module that fails to load stops the start-up.
Does not know what the plugins do.
"""

from __future__ import annotations

import importlib
import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from types import ModuleType
from typing import TypeVar

from newsgen.errors import PluginError

__all__ = ["angle_folders", "cache_folder", "folder_stamp", "load_constants", "samples_root", "templates_root"]

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
    # pkgutil.iter_modules asks inspect about each file: 10 ms of a preview.
    for stem in sorted(path.stem for folder in package.__path__ for path in Path(folder).glob("[!_.]*.py")):
        name = f"{package.__name__}.{stem}"
        try:
            module = importlib.import_module(name)
        except Exception as error:
            raise PluginError(name, f"cannot be imported: {error}") from error
        value = getattr(module, constant, None)
        if not isinstance(value, kind):
            raise PluginError(name, f"wants a constant {constant} of type {kind.__name__}")
        found[stem] = value
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


def cache_folder() -> Path | None:
    """A folder for what can be made again: `newsgen` in XDG_CACHE_HOME, else in ~/.cache; None where that cannot be trusted or made.

    Compiled templates in it are run, and past the sandbox: it must be this user's, and nobody else may write there.
    """
    try:
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        folder = (named if named.is_absolute() else Path.home() / ".cache") / "newsgen"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except (OSError, RuntimeError):
        return None
    own = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
    return folder if own else None


def folder_stamp(*roots: Path) -> int:
    """A number that changes when a file below the roots is added, removed or written."""
    files: list[tuple[str, int, int]] = []
    for path in sorted(p for root in roots for p in root.rglob("*")):
        with suppress(FileNotFoundError):  # an editor's own temporary file, gone before we look
            found = path.stat()
            if S_ISREG(found.st_mode):
                files.append((path.as_posix(), found.st_mtime_ns, found.st_size))
    return hash(tuple(files))


def angle_folders(root: Path) -> list[Path]:
    """The angle folders below a template root, by name; those with a leading underscore are not angles."""
    return sorted(p for p in (root / "angles").iterdir() if p.is_dir() and not p.name.startswith(("_", ".")))
