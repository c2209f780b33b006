"""4 Window label: the name of a window against its timestamps; in: figures, out: findings.

A year to date starts from the close of December 31, a month to date from the last close of the month before, a rolling window has its
length. A change's two prices must stand that far apart. What is told of a whole week, month, quarter or year is of one that has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from newsgen.check._check import Check, Desk
from newsgen.check._facts import Fact
from newsgen.check._sessions import holidays
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
    yield from _told_as_whole(desk, [f for f in desk.facts if _is_open(f.figure)])


def _told_as_whole(desk: Desk, running: list[Fact]) -> Iterator[Finding]:
    """A running period that is called closed, or that a sentence tells without saying that it runs."""
    for fact in running:
        if fact.figure.label != "so_far":
            yield desk.finding("window_label", "figures", f"{fact.describe()}: its {fact.figure.window} has not ended", [fact])
    words = desk.words.completeness.get("running", ())
    for i, sentence in enumerate(desk.sentences if running else ()):
        told = [c for c in desk.claims[i] if c.fits and all(f in running for f in c.fits)]
        if told and not any(word in sentence.text.lower() for word in words):
            message = f'"{told[0].numeral.text}" is of a {told[0].fits[0].figure.window} that has not ended, and the text does not say so'
            yield desk.finding("window_label", sentence, message, told[0].fits)


def _is_open(figure: Figure) -> bool:
    """Whether a figure is told as a whole period's, and the period went on: of coins till midnight UTC, of funds till the last session."""
    at = (figure.window_end or figure.observed_at).astimezone(UTC)
    if figure.name in ("price.period_change", "price.period_close") and figure.window in _BEGINS:
        return at.time() != time(0) or not _BEGINS[figure.window](at.date())
    if figure.name.startswith("etf.net_flow_week") and figure.window == "week":
        later = (at.date() + timedelta(days=k) for k in range(1, 5 - at.weekday()))
        return any(day not in holidays(day.year) for day in later)
    return False


# Whether the day after a period's last one, on which its close is told, begins another.
_BEGINS: Mapping[str, Callable[[date], bool]] = {
    "week": lambda day: day.weekday() == 0,
    "month": lambda day: day.day == 1,
    "quarter": lambda day: day.day == 1 and day.month % 3 == 1,
    "year": lambda day: (day.month, day.day) == (1, 1),
}


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


CHECK = Check("window_label", 4, "A window has the length and the start that its name says, and a whole period has ended.", window_label)
