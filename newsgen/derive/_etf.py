"""The sessions of the US spot funds of an asset: the kit of the families that tell of them; in: a View, out: the run of sessions.

One source for all: the preferred one. A session is a trading day in New York.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from newsgen.derive._figure import Compute, session_of
from newsgen.market import Absent, Ask, Figure, Run

__all__ = ["of_run", "run_of"]

_STALE_DAYS = 5  # a long weekend; an older session is no news


def run_of(ask: Ask, asset: str) -> Run | Absent:
    """The net flows of the funds of an asset, where the last session is not too old."""
    run = ask.view.run("etf.net_flow", asset, window="session", venue="us")
    if isinstance(run, Absent):
        return run
    last = session_of(run.at(-1))
    if session_of(ask.view.as_of_s) - last > timedelta(days=_STALE_DAYS):
        return Absent(f"the last known session of the {asset} funds is {last}")
    return run


def of_run(make: Callable[[Ask, str, Run], Figure | Absent]) -> Compute:
    """A figure that is made from the run of sessions; absent when that is."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        run = run_of(ask, asset)
        return run if isinstance(run, Absent) else make(ask, asset, run)

    return compute
