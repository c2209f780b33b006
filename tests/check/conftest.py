"""Makes the two modules beside this file importable under names of their own: tests are no package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

for _name in ("factories", "edits"):
    _key = f"check_{_name}"
    if _key not in sys.modules:
        _spec = importlib.util.spec_from_file_location(_key, Path(__file__).with_name(f"{_name}.py"))
        assert _spec is not None and _spec.loader is not None
        _module = importlib.util.module_from_spec(_spec)
        sys.modules[_key] = _module
        _spec.loader.exec_module(_module)
