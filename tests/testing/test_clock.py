"""Clocks of a rehearsal."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from newsgen.testing.market import Clock, SteppedClock

START = datetime(2025, 7, 14, 12, tzinfo=UTC)


def test_a_clock_runs_at_its_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(START, speed=3600, _began=1000.0)
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    assert clock() == START
    monkeypatch.setattr(time, "monotonic", lambda: 1002.5)
    assert clock() == START + timedelta(hours=2, minutes=30)


def test_a_stepped_clock_goes_when_it_is_told_to() -> None:
    clock = SteppedClock(START.astimezone(timezone(timedelta(hours=-4))))
    assert clock() == clock() == START
    assert clock().tzinfo is UTC
    assert clock.advance(timedelta(minutes=5)) == clock() == START + timedelta(minutes=5)


@pytest.mark.parametrize("kind", [Clock, SteppedClock])
def test_a_start_without_a_zone_is_refused(kind: type[Clock | SteppedClock]) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        kind(datetime(2025, 7, 14))
