"""mempool.space: a block every ten minutes since the halving of 2024, fees and hash rate made up; one answer mixes units of time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from newsgen.testing._wire import Scene, Wire, dumps, ms

__all__ = ["WIRE", "height"]

_HALVING, _AT = 840_000, datetime(2024, 4, 20, 0, 9, tzinfo=UTC)
_PERIOD, _BLOCK = 2016, timedelta(minutes=10)


def height(at: datetime) -> int:
    """Of the newest block."""
    return _HALVING + (at - _AT) // _BLOCK


def _found(block: int) -> datetime:
    return _AT + (block - _HALVING) * _BLOCK


def _adjustment(scene: Scene, params: Mapping[str, str]) -> bytes:
    now = height(scene.at)
    last = now - now % _PERIOD
    due = _found(last + _PERIOD)
    return dumps({
        "progressPercent": round(now % _PERIOD / _PERIOD * 100, 5), "difficultyChange": scene.made_up("difficulty", "2", "1.5"),
        "estimatedRetargetDate": ms(due), "remainingBlocks": last + _PERIOD - now, "remainingTime": ms(due) - ms(scene.at),
        "previousRetarget": 1.2, "previousTime": int(_found(last).timestamp()), "nextRetargetHeight": last + _PERIOD,
        "timeAvg": 600_000, "adjustedTimeAvg": 600_000, "timeOffset": 0,
    })  # fmt: skip


def _fees(scene: Scene, params: Mapping[str, str]) -> bytes:
    fast = int(scene.made_up("fees", "12", "0.7"))
    return dumps({"fastestFee": fast, "halfHourFee": max(1, fast // 2), "hourFee": max(1, fast // 3), "economyFee": 1, "minimumFee": 1})


def _hashrate(scene: Scene, params: Mapping[str, str]) -> bytes:
    rate, difficulty = (scene.made_up(name, base, "0.04") for name, base in (("hashrate", "900"), ("work", "126")))
    return dumps({"hashrates": [], "difficulty": [], "currentHashrate": int(rate * Decimal(10) ** 18),
                  "currentDifficulty": int(difficulty * Decimal(10) ** 12)})  # fmt: skip


def _height(scene: Scene, params: Mapping[str, str]) -> bytes:
    return str(height(scene.at)).encode()


WIRE = Wire({"difficulty_adjustment": _adjustment, "fees": _fees, "hashrate": _hashrate, "height": _height})
