"""Ghost: exactly one post, the right version last, whatever the site does and wherever the process dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_ghost import KEY, FakeGhost
from fake_site import serving
from matrix import Rehearsal, every_step, versions

from newsgen.publish import Target
from newsgen.target_settings import GhostSettings

ENV = {"GHOST": KEY}


@pytest.fixture
def site() -> Iterator[FakeGhost]:
    fake = FakeGhost()
    with serving(fake):
        yield fake


def _target(site: FakeGhost, **more: Any) -> Target:
    return Target(GhostSettings(name="ghost", url=site.url, secret_env="GHOST", allow_private=True, **({"picture": False} | more)))


def _desk(site: FakeGhost, folder: Path, **more: Any) -> Rehearsal:
    return Rehearsal(_target(site, **more), site, ENV, folder)


def test_there_is_one_post_after_a_death_at_any_step(site: FakeGhost, tmp_path: Path) -> None:
    steps = every_step(_target(site), site, versions(), env=ENV, folder=tmp_path)
    assert len(steps) == 34
