"""The wheel: built, installed into an empty environment outside the checkout, and the demo played from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from test_demo import the_demo_plays_days_into_a_site

ROOT = Path(__file__).parent.parent


def _uv() -> list[str]:
    """uv as it is here: `uv run` names its own path, a shell has it on the path, or the Python below this environment has it."""
    below = Path(sys.base_prefix) / "bin" / "python3"
    candidates = [[os.environ.get("UV", "")], [shutil.which("uv") or ""], [str(below), "-m", "uv"], ["/usr/bin/python3", "-m", "uv"]]
    for command in candidates:
        if command[0] and Path(command[0]).exists() and _runs([*command, "--version"]):
            return command
    pytest.skip("no uv: PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install uv")


def _runs(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _run(command: list[str], cwd: Path) -> str:
    env = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT")}
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=cwd, env=env, timeout=240)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_wheel_holds_all_it_needs_and_plays_the_demo_elsewhere(tmp_path: Path) -> None:
    uv = _uv()
    _run([*uv, "build", "--wheel", "--quiet", "--out-dir", str(tmp_path / "dist"), str(ROOT)], ROOT)
    [wheel] = (tmp_path / "dist").glob("newsgen-*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder, shipped in (("templates", "_templates"), ("samples", "_samples")):
        files = {
            p.relative_to(ROOT / folder).as_posix() for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts
        }
        missing = {f for f in files if f"newsgen/{shipped}/{f}" not in inside}
        assert not missing
    assert not [name for name in inside if name.startswith(("tests/", "samples/", "templates/"))]

    pins = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]["constraint-dependencies"]
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("\n".join(pins) + "\n")
    home = tmp_path / "venv"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    _run([*uv, "venv", "--quiet", "--python", sys.executable, str(home)], elsewhere)
    _run(
        [*uv, "pip", "install", "--quiet", "--python", str(home / "bin" / "python"), "--constraint", str(constraints), str(wheel)],
        elsewhere,
    )

    the_demo_plays_days_into_a_site(home / "bin" / "newsgen", 1, elsewhere)
    where = _run([str(home / "bin" / "python"), "-c", "import newsgen; print(newsgen.__file__)"], elsewhere)
    assert where.strip().startswith(str(home))
