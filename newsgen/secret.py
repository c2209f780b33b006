"""Secrets: where they are found, and a type that prints as ***; in: an environment and a file of mode 600, out: Secret.

They never stand in newsgen.toml, on a command line, in an error, a log or a row.
"""

from __future__ import annotations

import hmac
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from newsgen.errors import ConfigError

__all__ = ["Secret", "read_secret", "read_secrets_file"]

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


class Secret:
    """Text that prints as ***.

    Not a `str`: an f-string, a join or JSON would print a subclass of str as it is, whatever its `__str__` says.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


def read_secret(name: str, env: Mapping[str, str], secrets_file: str | Path = "") -> Secret | None:
    """A secret from the environment, else from the secrets file; None when neither has it.

    Raises:
        ConfigError: The file is not there, others may read it, or a line of it is wrong.
    """
    value = env.get(name) or (read_secrets_file(Path(secrets_file)).get(name) if secrets_file else None)
    return Secret(value) if value else None


def read_secrets_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file that its owner alone may read.

    Raises:
        ConfigError: The file is not there, others may read it, or a line of it is wrong; no value is ever shown.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            _refuse_shared(path, os.fstat(stream.fileno()).st_mode)
            lines = stream.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"secrets file {path}: cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            name, value = _assignment(path, number, line.strip())
            found[name] = value
    return found


def _refuse_shared(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise ConfigError(f"secrets file {path}: is no file")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            f"secrets file {path}: mode {stat.S_IMODE(mode):o} lets other users of this machine read the secrets; run chmod 600 {path}"
        )


def _assignment(path: Path, number: int, line: str) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ConfigError(f"secrets file {path}:{number}: is no NAME=value")
    name, value = match.groups()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return name, value
