"""Bitcoin beside another market; in: closes per session and daily closes of bitcoin, out: both changes over a week, how they go together.

A session of an index or of gold is set beside the UTC day of its date: bitcoin's close comes a few hours later. Told is the last session
whose UTC day has ended. A correlation is one of returns from session to session, over thirty of them; it crosses zero or a half (either
sign) where no session of the sixty days before was on that side. The market's figures are those of the index in the news.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.derive._figure import DAY, INDEX, MARKET, Compute, computed, history, session_of
from newsgen.derive._formula import evaluate, rounded
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import correlations, differences, trail_of, week_moves
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, SeriesRef, Trail, Unit

__all__ = ["FIGURES"]

_COIN = "BTC"
_INDICES = ("NDX", "GOLD")
_SESSIONS = 30
_MIN_YEAR = 200  # weeks that end with a session of the year before
_UNCROSSED = timedelta(days=60)
_LEVELS = (Decimal("-0.5"), Decimal(0), Decimal("0.5"))
_STALE_DAYS = 5


@dataclass(frozen=True, slots=True)
class _Pair:
    """The sessions of an index beside bitcoin's days, up to the last session whose UTC day has ended.

    Attributes:
        last: The index of that session in its column.
    """

    index: Run
    coin: Run
    last: int

    @property
    def day_end(self) -> int:
        """When the UTC day of the last session ended."""
        return _end_of_day(self.index.at(self.last))

    def refs(self, weeks_back: int = 0) -> tuple[SeriesRef, SeriesRef]:
        """Bitcoin's days and the sessions, up to the last one or the same day some weeks before."""
        until = self.day_end - weeks_back * 7 * DAY
        return SeriesRef(self.coin.key, until), SeriesRef(self.index.key, until - 1 if weeks_back else self.index.at(self.last))

    def coin_close(self, day_end: int) -> Reading | None:
        i = self.coin.index_of(day_end)
        return self.coin.reading(i) if i >= 0 else None

    def session(self, day_end: int) -> Reading | None:
        """The session of the UTC day that ends at a moment."""
        i = self.index.index_at(day_end)
        return self.index.reading(i) if i >= 0 and _end_of_day(self.index.at(i)) == day_end else None


def _end_of_day(moment: int) -> int:
    return -(-moment // DAY) * DAY


def _pair(ask: Ask, subject: str) -> _Pair | Absent:
    return ask.memo(("pair", subject), lambda: _find_pair(ask, subject))


def _find_pair(ask: Ask, subject: str) -> _Pair | Absent:
    index, coin = ask.view.run("index.close", subject, window="session"), ask.view.run("spot.close", _COIN, window="1d")
    if isinstance(index, Absent) or isinstance(coin, Absent):
        return index if isinstance(index, Absent) else coin if isinstance(coin, Absent) else Absent("")
    for i in range(len(index) - 1, max(len(index) - 3, -1), -1):
        if coin.index_of(_end_of_day(index.at(i))) >= 0:
            day = session_of(index.at(i))
            old = session_of(ask.view.as_of_s) - day > timedelta(days=_STALE_DAYS)
            return Absent(f"the last session of {subject} beside a day of bitcoin is {day}") if old else _Pair(index, coin, i)
    return Absent(f"no daily close of bitcoin for the last sessions of {subject}")


def _of_pair(make: Callable[[Ask, str, _Pair], Figure | Absent]) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        pair = _pair(ask, subject)
        return pair if isinstance(pair, Absent) else make(ask, subject, pair)

    return compute


def _session(ask: Ask, subject: str, pair: _Pair) -> Figure:
    reading = pair.index.reading(pair.last)
    return history("cross.session", subject, Unit.DATE, session_of(pair.index.at(pair.last)), "session(i1)", [reading])


def _change(name: str, of: str, read: Callable[[_Pair, int], Reading | None]) -> Compute:
    """The change of one of the two from the same weekday a week before; both need both days."""

    def make(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
        now, then = pair.day_end, pair.day_end - 7 * DAY
        one, base = read(pair, now), read(pair, then)
        if one is None or base is None or pair.session(then) is None or pair.coin_close(then) is None:
            return Absent(f"{subject} or bitcoin has no close a week before the last session")
        return computed(name, of or subject, Unit.PCT, "pct_change(i1, i2)", [one, base], window="7d")

    return _of_pair(make)


def _gap(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
    coin, index = ask.figure("cross.bitcoin_change_7d", subject), ask.figure("cross.index_change_7d", subject)
    if isinstance(coin, Absent) or isinstance(index, Absent):
        return coin if isinstance(coin, Absent) else index
    return computed("cross.gap_7d", subject, Unit.POINTS, "i1 - i2", [coin, index], window="7d")


def _percentile(name: str, of: str, *, coin: bool) -> Compute:
    """Of the sizes, either way, of the changes that ended with the sessions of a year before."""

    def make(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
        present = ask.figure("cross.bitcoin_change_7d" if coin else "cross.index_change_7d", subject)
        if isinstance(present, Absent):
            return present
        refs = pair.refs(1)
        until = refs[1].until
        year = week_moves(pair.coin if coin else pair.index, pair.index).until(until).after(until - 365 * DAY)
        if len(year) < _MIN_YEAR:
            return Absent(f"only {len(year)} weeks of {subject} and bitcoin in the year before")
        size = round(abs(float(present.number)), 9)  # as the track: equal sizes are not smaller
        value = rounded(100 * sum([-size < v < size for v in year.values]) / len(year))
        series = "on_days(i1, i2)" if coin else "i1"
        inputs: list[SeriesRef | Figure] = [*refs, present] if coin else [refs[1], present]
        formula = f"percentile(magnitude(last_days(week_moves({series}), 365)), abs(i{len(inputs)}))"
        return history(name, of or subject, Unit.PCT, value, formula, inputs, window="7d")

    return _of_pair(make)


def _parted(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
    """How unusual the less unusual of the two changes is, where one is a rise and one a fall."""
    coin, index = ask.figure("cross.bitcoin_change_7d", subject), ask.figure("cross.index_change_7d", subject)
    if isinstance(coin, Absent) or isinstance(index, Absent):
        return coin if isinstance(coin, Absent) else index
    if coin.number * index.number >= 0:
        return Absent(f"bitcoin and {subject} moved the same way in seven days")
    ranks = [ask.figure(f"cross.percentile_{one}_1y", subject) for one in ("bitcoin", "index")]
    known = [f for f in ranks if isinstance(f, Figure)]
    if len(known) < len(ranks):
        return next(f for f in ranks if isinstance(f, Absent))
    return computed("cross.parted_rank", subject, Unit.PCT, "min(i1, i2)", known, window="7d")


def _correlation(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
    known = correlations(pair.coin, pair.index, _SESSIONS).until(pair.index.at(pair.last))
    if not len(known) or known.end != pair.index.at(pair.last):
        return Absent(f"fewer than {_SESSIONS} returns of {subject} and bitcoin")
    formula = f"newest(correlations(on_days(i1, i2), i2, {_SESSIONS}))"
    value = rounded(known.track.values[known.last - 1])
    closes = pair.index.reading(pair.last), pair.coin.reading(pair.coin.index_of(pair.day_end))
    source = f"calculations from {closes[1].origin.source_name} and {closes[0].origin.source_name} data"
    return history("cross.correlation_30", subject, Unit.RATIO, value, formula, [*pair.refs(), *closes], window="session", label=_COIN,
                   source=source, observed_at=closes[0].observed_at)  # fmt: skip


def _sessions(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
    found = ask.figure("cross.correlation_30", subject)
    if isinstance(found, Absent):
        return found
    return history("cross.correlation_sessions", subject, Unit.COUNT, Decimal(_SESSIONS), str(_SESSIONS), [found], window="session",
                   label=_COIN)  # fmt: skip


def _past_correlations(pair: _Pair) -> Past | Absent:
    """The correlations before the last session's."""
    until = pair.index.at(pair.last) - 1
    known = correlations(pair.coin, pair.index, _SESSIONS).until(until)
    if not len(known):
        return Absent("no earlier correlation")

    def readings(i: int) -> Sequence[Reading]:
        return [pair.index.reading(pair.index.index_of(known.track.at[i]))]

    def value(found: Sequence[Reading]) -> Decimal:
        return rounded(known.until(int(found[0].observed_at.timestamp())).values[-1]) if found else Decimal(0)

    refs = SeriesRef(pair.coin.key, pair.day_end), SeriesRef(pair.index.key, until)
    return Past((Piece(known, 0, readings, value),), refs, f"correlations(on_days(i1, i2), i2, {_SESSIONS})", session_of)


def _crossed(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
    return ask.memo(("crossed", subject), lambda: _find_crossed(ask, subject, pair))


def _find_crossed(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
    """The level that the last correlation has crossed, where no other of sixty days was on that side; the label says which way."""
    now, past = ask.figure("cross.correlation_30", subject), _past_correlations(pair)
    if isinstance(now, Absent) or isinstance(past, Absent):
        return now if isinstance(now, Absent) else past if isinstance(past, Absent) else Absent("")
    known = past.pieces[0].known
    before = Decimal(repr(known.track.values[known.last - 1]))
    up = now.number > before
    formula = "step_of(i1, -0.5, 0, 0.5)" if up else "-step_of(-i1, -0.5, 0, 0.5)"
    passed = [level for level in _LEVELS if (before < level <= now.number if up else now.number <= level < before)]
    if not passed:
        return Absent(f"the correlation of bitcoin and {subject} has crossed neither zero nor a half")
    level = evaluate(formula, [now.number]) + 0
    return history("cross.correlation_level", subject, Unit.RATIO, level, formula, [now], label="high" if up else "low", window="session")


def _since(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
    level, past = _crossed(ask, subject, pair), _past_correlations(pair)
    if isinstance(level, Absent) or isinstance(past, Absent):
        return level if isinstance(level, Absent) else past if isinstance(past, Absent) else Absent("")
    return since(
        ask, "cross.correlation_level_since", subject, level, past, low=level.label == "low", at=session_of(pair.index.at(pair.last))
    )


def _level(ask: Ask, subject: str, pair: _Pair) -> Figure | Absent:
    level, last = _crossed(ask, subject, pair), ask.figure("cross.correlation_level_since", subject)
    if isinstance(level, Absent) or isinstance(last, Absent):
        return level if isinstance(level, Absent) else last
    if last.value is not None and session_of(pair.index.at(pair.last)) - last.value < _UNCROSSED:  # type: ignore[operator]
        return Absent(f"the correlation of bitcoin and {subject} was on that side on {last.value}")
    return level


def _in_the_news(ask: Ask) -> str | Absent:
    """The index whose correlation with bitcoin has crossed a level; else that whose week parted most from bitcoin's."""
    for name in ("cross.correlation_level", "cross.parted_rank"):
        told = [(subject, f) for subject in _INDICES if isinstance(f := ask.figure(name, subject), Figure)]
        if told:
            return max(told, key=lambda t: t[1].number if name.endswith("rank") else 0)[0]
    return Absent("no other market has parted from bitcoin")


def _subject(ask: Ask, subject: str) -> str | Absent:
    return ask.memo("index in the news", lambda: _in_the_news(ask)) if subject == "market" else subject


def _trail(ask: Ask, subject: str) -> Trail | Absent:
    """The gaps of weeks that ended a week before the last session or earlier."""
    chosen = _subject(ask, subject)
    pair = chosen if isinstance(chosen, Absent) else _pair(ask, chosen)
    if isinstance(pair, Absent):
        return pair
    until = pair.refs(1)[1].until
    return trail_of([differences(week_moves(pair.coin, pair.index), week_moves(pair.index, pair.index))], until)


def _spec(name: str, unit: Unit, meaning: str, make: Compute, window: str, example: str, absent: str = "", **more: Any) -> FigureSpec:
    full = f"cross.{name}"

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        chosen = _subject(ask, subject)
        if isinstance(chosen, Absent) or chosen == subject:
            return chosen if isinstance(chosen, Absent) else make(ask, subject)
        return ask.figure(full, chosen)

    return FigureSpec(full, unit, meaning, INDEX | MARKET, absent or _NONE, compute, window, example, **more)


_NONE = "No session of the last five days whose UTC day has ended."
_NO_WEEK = "As for the session, or one of the two has no close a week before it."
_NO_YEAR = "As for the change, or fewer than 200 weeks that end with a session in the year before."
_NOT_CROSSED = "The last correlation crossed neither zero nor a half, or another of the past 60 days was on that side."

FIGURES: tuple[FigureSpec, ...] = (
    _spec("session", Unit.DATE, "The New York date of the last session that is set beside a day of bitcoin.", _of_pair(_session), "",
          "2025-07-11"),
    _spec("index_change_7d", Unit.PCT, "The change of the index from the same weekday a week before.",
          _change("cross.index_change_7d", "", _Pair.session), "7d", "-3.4", _NO_WEEK),
    _spec("bitcoin_change_7d", Unit.PCT, "The change of bitcoin between the closes of the same UTC days.",
          _change("cross.bitcoin_change_7d", _COIN, _Pair.coin_close), "7d", "19", _NO_WEEK),
    _spec("gap_7d", Unit.POINTS, "The one less the other, in percentage points.", _of_pair(_gap), "7d", "22.4", _NO_WEEK, trail=_trail),
    _spec("percentile_index_1y", Unit.PCT, "Percent of the weeks of the year before in which the index moved less, either way.",
          _percentile("cross.percentile_index_1y", "", coin=False), "7d", "84", _NO_YEAR),
    _spec("percentile_bitcoin_1y", Unit.PCT, "Percent of the same weeks in which bitcoin moved less, either way.",
          _percentile("cross.percentile_bitcoin_1y", _COIN, coin=True), "7d", "96", _NO_YEAR),
    _spec("parted_rank", Unit.PCT, "The smaller of the two, where one rose and one fell.", _of_pair(_parted), "7d", "84",
          "As for the ranks, or both moved the same way."),
    _spec("correlation_30", Unit.RATIO, "The correlation of the returns of both from session to session, over 30 of them.",
          _of_pair(_correlation), "session", "-0.12", "As for the session, or fewer than 30 returns."),
    _spec("correlation_sessions", Unit.COUNT, "How many returns that correlation is of.", _of_pair(_sessions), "session", "30",
          "As for the correlation."),
    _spec("correlation_level", Unit.RATIO, "The level (-0.5, 0, 0.5) that it crossed; the label says which way, high or low.",
          _of_pair(_level), "", "0", _NOT_CROSSED),
    _spec("correlation_level_since", Unit.DATE, "The last session before with a correlation on that side of it.", _of_pair(_since), "",
          "2025-02-14", "No level was crossed, or a session of the past 30 days was on that side."),
)  # fmt: skip
