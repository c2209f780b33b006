"""Formatter, linter, strict types and import contracts, run with the tests, so that one command checks all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = {
    "formatter": ("ruff", "format", "--check", "."),
    "linter": ("ruff", "check", "."),
    "types": ("mypy",),
    "import contracts": ("lint-imports",),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tree_passes_the(tool: str) -> None:
    program, *arguments = TOOLS[tool]
    done = subprocess.run([Path(sys.executable).parent / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
