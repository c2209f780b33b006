"""4 Window label: the name of a window against its timestamps; in: figures, out: findings.

A year to date starts from the close of December 31, a month to date from the last close of the month before, a rolling window has its
length. A change's two prices must stand that far apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from newsgen.check._check import Check, Desk
from newsgen.market import Figure, Reading
from newsgen.story import Finding

__all__ = ["CHECK"]

_SPANS = {
    "1h": timedelta(hours=1), "4h": timedelta(hours=4), "24h": timedelta(days=1), "7d": timedelta(days=7),
    "30d": timedelta(days=30), "90d": timedelta(days=90), "365d": timedelta(days=365),
}  # fmt: skip


def window_label(desk: Desk) -> Iterator[Finding]:
    """Compare each figure's window with the moments behind it."""
    for fact in desk.facts:
        problem = _problem(fact.figure, desk.article.as_of)
        if problem:
            yield desk.finding("window_label", "figures", f"{fact.describe()}: {problem}", [fact])


def _problem(figure: Figure, as_of: datetime) -> str:
    start, end = figure.window_start, figure.window_end
    if (
        start is None
        and ".change_" in figure.name
        and figure.formula
        and figure.formula.startswith("pct_change(")
        and len(figure.inputs) == 2
    ):
        now, base = figure.inputs
        if isinstance(now, Reading | Figure) and isinstance(base, Reading | Figure):
            start, end = base.observed_at, now.observed_at
    if start is None or end is None:
        return ""
    if end > as_of:
        return f"its window ends after the article's moment, at {end:%Y-%m-%d %H:%M} UTC"
    if figure.window in _SPANS and end - start != _SPANS[figure.window]:
        return f"its window is called {figure.window} and runs over {end - start}"
    first_month = {"ytd": 1, "mtd": end.month}.get(figure.window)
    if first_month and start != datetime(end.year, first_month, 1, tzinfo=UTC):
        return f"its window is called {figure.window} and starts at {start:%Y-%m-%d %H:%M} UTC"
    return ""


CHECK = Check("window_label", 4, "A window has the length and the start that its name says.", window_label)
