"""The samples' tape, read once."""

from __future__ import annotations

import pytest

from newsgen.testing.market import Tape


@pytest.fixture(scope="session")
def tape() -> Tape:
    return Tape.of_samples()
