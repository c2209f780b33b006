"""alternative.me: the fear and greed index, numbers and times as text, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from newsgen.testing._wire import Scene, Wire, dumps

__all__ = ["WIRE"]

_CLASSES = ((25, "Extreme Fear"), (46, "Fear"), (55, "Neutral"), (76, "Greed"), (101, "Extreme Greed"))


def _fng(scene: Scene, params: Mapping[str, str]) -> bytes:
    run = scene.run("sentiment.fear_greed", "market")
    rows = []
    for i in range(1, min(int(params.get("limit", "1")), len(run)) + 1) if run else ():
        assert run is not None
        value = int(run.decimal(-i))
        midnight = run.at(-i) - run.at(-i) % 86_400
        rows.append(
            {"value": str(value), "value_classification": next(c for top, c in _CLASSES if value < top), "timestamp": str(midnight)}
        )
    if rows:
        next_at = scene.at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        rows[0]["time_until_update"] = str(int((next_at - scene.at).total_seconds()))
    return dumps({"name": "Fear and Greed Index", "data": rows, "metadata": {"error": None}})


WIRE = Wire({"fng": _fng})
