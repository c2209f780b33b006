"""Writes the versions of everything installed here into pyproject.toml, as constraints: python tests/pins.py

A lock file would record download addresses; constraints hold the versions only. test_pins.py compares them with what is installed.
"""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
_BLOCK = re.compile(r"constraint-dependencies = \[\n.*?\n\]\n", re.DOTALL)
OURS = frozenset({"newsgen", "pip", "uv", "setuptools", "wheel"})


def installed() -> dict[str, str]:
    """Versions by normalised name, without newsgen itself and the installers."""
    found = {re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower(): d.version for d in distributions()}
    return {name: version for name, version in sorted(found.items()) if name not in OURS}


def block(versions: dict[str, str]) -> str:
    lines = "".join(f'  "{name}=={version}",\n' for name, version in versions.items())
    return f"constraint-dependencies = [\n{lines}]\n"


if __name__ == "__main__":
    text = PYPROJECT.read_text("utf-8")
    PYPROJECT.write_text(_BLOCK.sub(block(installed()), text), "utf-8")
