"""The page of a replay: calendar, counts, the strongest stories, the price with the stories on it, every article; in: takes, out: HTML.

One file without scripts: an article opens by its address (`#a12`) and closes by the page's. The words stand in templates/pages/replay.html.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from newsgen.discover import templates_root
from newsgen.publish import Printed, page_environment
from newsgen.replay import SHORT, Difference, Take, tally

__all__ = ["replay_page"]

_STRONGEST = 20
_WIDTH, _HEIGHT, _FOOT = 1000.0, 260.0, 22.0


@dataclass(frozen=True, slots=True)
class _Shown:
    """An article of the page with its place in it."""

    id: str  # the fragment of its address
    take: Take
    article: Printed
    score: str

    @property
    def shade(self) -> str:
        """How the calendar marks it: by form, and whether it would have waited for an editor."""
        assert self.take.article is not None
        held = self.take.article.verdict.decision != "publish"
        return "held" if held else "full" if self.article.form not in SHORT else "brief"


def replay_page(takes: Sequence[Take], title: str, asset: str, changes: Sequence[Difference] = (), asked: str = "") -> str:
    """The whole page.

    Args:
        title: What was replayed, for the head.
        asset: Whose price is drawn.
        changes: Where other thresholds give something else.
        asked: These thresholds, as they were asked for.
    """
    shown = [_shown(i, take) for i, take in enumerate(takes) if take.article is not None]
    by_day: dict[date, list[_Shown]] = {}
    for one in shown:
        by_day.setdefault(_day(one.take), []).append(one)
    weeks = max((takes[-1].as_of - takes[0].as_of) / timedelta(weeks=1), 1) if takes else 1
    counts = tally(takes)
    names = {id(one.take): one for one in shown}
    template = page_environment(templates_root()).get_template("replay.html")
    return template.render(
        title=title, counts=counts, angles=_angles(counts.by_angle, counts.scores, weeks), months=_months(takes, by_day),
        strongest=_by_score(shown)[:_STRONGEST], articles=shown, chart=_chart(takes, names), asset=asset,
        changes=changes, asked=asked, gained=sum(c.kind == "gained" for c in changes), lost=sum(c.kind == "lost" for c in changes),
        names=names, id_of=lambda take: names[id(take)].id if id(take) in names else "",
    )  # fmt: skip


def _shown(number: int, take: Take) -> _Shown:
    assert take.article is not None
    score = f"{take.lead.score}" if take.lead else "0"
    return _Shown(f"a{number}", take, Printed.of(take.article), score)


def _by_score(shown: Sequence[_Shown]) -> list[_Shown]:
    """The strongest first, what would have been published before what is held."""
    return sorted(shown, key=lambda one: (one.shade == "held", -float(one.score)))


def _day(take: Take) -> date:
    return take.as_of.date()


def _angles(counts: dict[str, int], scores: dict[str, tuple[float, float, float]], weeks: float) -> list[dict[str, Any]]:
    most = max(counts.values(), default=1)
    return [
        {"name": name, "count": count, "a_week": f"{count / weeks:.2f}", "share": round(100 * count / most),
         "low": f"{scores[name][0]:.0f}", "middle": f"{scores[name][1]:.0f}", "high": f"{scores[name][2]:.0f}"}
        for name, count in counts.items()
    ]  # fmt: skip


def _months(takes: Sequence[Take], by_day: dict[date, list[_Shown]]) -> list[dict[str, Any]]:
    """Weeks of days, month by month; each day with its articles, the strongest first, or None where no moment fell."""
    seen = {_day(t) for t in takes}
    found = []
    for year, month in sorted({(d.year, d.month) for d in seen}):
        weeks = [
            [{"day": d.day, "seen": d in seen, "articles": _by_score(by_day.get(d, []))} if d.month == month else None for d in week]
            for week in calendar.Calendar().monthdatescalendar(year, month)
        ]
        found.append({"name": f"{calendar.month_name[month]} {year}", "weeks": weeks})
    return found


def _chart(takes: Sequence[Take], names: dict[int, _Shown]) -> dict[str, Any] | None:
    """The price as a line and the stories as marks on it, in the units of the drawing."""
    priced = [(i, t.price) for i, t in enumerate(takes) if t.price is not None]
    if len(priced) < 2:
        return None
    low, high = min(p for _, p in priced), max(p for _, p in priced)
    span = high - low or 1.0

    def at(i: int, price: float) -> tuple[float, float]:
        return round(i / (len(takes) - 1) * _WIDTH, 1), round((1 - (price - low) / span) * (_HEIGHT - _FOOT - 10) + 5, 1)

    marks = [
        {"x": x, "y": y, "id": one.id, "shade": one.shade, "text": one.article.headline.text}
        for i, price in priced
        if (one := names.get(id(takes[i]))) is not None
        for x, y in [at(i, price)]
    ]
    years = [
        {"x": round(i / (len(takes) - 1) * _WIDTH, 1), "text": str(t.as_of.year)}
        for i, t in enumerate(takes)
        if i and t.as_of.year != takes[i - 1].as_of.year
    ]
    line = " ".join(f"{x},{y}" for x, y in (at(i, p) for i, p in priced))
    return {"line": line, "marks": marks, "years": years, "width": _WIDTH, "height": _HEIGHT, "low": f"{low:,.0f}", "high": f"{high:,.0f}"}
