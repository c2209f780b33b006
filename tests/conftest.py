"""Lets tests import the helpers that lie beside them (desk.py, mutants.py), and keeps compiled templates inside the checkout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
os.environ["XDG_CACHE_HOME"] = str(HERE.parent / ".pytest_cache" / "xdg")
