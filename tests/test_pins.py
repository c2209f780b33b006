"""The pins of pyproject.toml are what is installed and tested here, transitive packages too."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from pins import PYPROJECT, block, installed

DATA = tomllib.loads(PYPROJECT.read_text("utf-8"))
PINS = dict(pin.split("==") for pin in DATA["tool"]["uv"]["constraint-dependencies"])
OWN_ENVIRONMENT = Path(sys.prefix) == PYPROJECT.parent / ".venv"


def test_every_pin_is_the_version_that_is_installed() -> None:
    here = installed()
    assert {name: version for name, version in PINS.items() if here.get(name) != version} == {}, "python tests/pins.py writes them anew"


@pytest.mark.skipif(not OWN_ENVIRONMENT, reason="another environment than the project's own may hold more")
def test_nothing_is_installed_without_a_pin() -> None:
    assert sorted(set(installed()) - set(PINS)) == [], "python tests/pins.py writes them anew"


def test_what_the_project_asks_for_is_pinned() -> None:
    asked = [*DATA["project"]["dependencies"], *DATA["dependency-groups"]["dev"]]
    names = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]).lower() for line in asked}
    assert names - set(PINS) == set()
    assert requires("newsgen") is not None


def test_the_block_is_written_as_the_script_writes_it() -> None:
    assert block(PINS) in PYPROJECT.read_text("utf-8")
    assert list(PINS) == sorted(PINS)
