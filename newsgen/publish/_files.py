"""A file, written whole or not at all; in: a path and its content, out: whether it is another file now."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["write"]


def write(path: Path, content: str | bytes, *, lasting: bool = False) -> bool:
    """Write beside the place and rename, so that a reader never sees half of it; a file that has the content already keeps its date.

    Args:
        lasting: Wait until the disk has it and its name, some milliseconds: what nobody can make again.
    """
    data = content.encode() if isinstance(content, str) else content
    with suppress(FileNotFoundError):
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if lasting:
                stream.flush()
                os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if lasting:
        _sync_names(path.parent)
    return True


def _sync_names(folder: Path) -> None:
    """Wait until the disk has the names of a folder's files: a rename is one of them."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
