"""WordPress: exactly one post, the right version last, whatever the site does and wherever the process dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_site import serving
from fake_wordpress import PASSWORD, USER, FakeWordPress
from matrix import Rehearsal, every_step, versions

from newsgen.publish import Target
from newsgen.target_settings import WordPressSettings

ENV = {"WP": PASSWORD}


@pytest.fixture
def site() -> Iterator[FakeWordPress]:
    fake = FakeWordPress()
    with serving(fake):
        yield fake


def _target(site: FakeWordPress, **more: Any) -> Target:
    return Target(WordPressSettings(name="wp", url=site.url, user=USER, secret_env="WP", allow_private=True, **more))


def _desk(site: FakeWordPress, folder: Path, **more: Any) -> Rehearsal:
    return Rehearsal(_target(site, **more), site, ENV, folder)


def test_there_is_one_post_after_a_death_at_any_step(site: FakeWordPress, tmp_path: Path) -> None:
    steps = every_step(_target(site), site, versions(), env=ENV, folder=tmp_path)
    assert len(steps) == 38
