"""Lets tests import the helpers that lie beside them (desk.py, mutants.py), and keeps what is compiled, templates and modules, in the
checkout: hundreds of tests start a newsgen of their own, which must not compile itself each time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
os.environ["XDG_CACHE_HOME"] = str(HERE.parent / ".pytest_cache" / "xdg")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
LONGEST = ("test_wheel.py", "test_rehearsal.py")  # begun first: what is begun last is waited for by one process alone


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
