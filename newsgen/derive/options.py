"""Options: expiries ahead and just past, puts against calls, implied volatility; in: open interest by expiry, daily bars, out: figures.

An expiry is one venue's, named by the venue with the day, and is settled at 08:00 UTC of it; a contract is of one coin. In the news is the
largest expiry due within three days, and the largest of the past twelve hours by what was open shortly before. A value in dollars is
coins times the spot price: of now before an expiry, of the moment of the expiry after it. Does not say where a price will go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import fmean, median
from typing import Any

from newsgen.derive._bars import close_at
from newsgen.derive._figure import (
    ASSET,
    BOTH,
    DAY,
    FRESH_S,
    MARKET,
    Compute,
    computed,
    day_of,
    fresh_run,
    from_reading,
    history,
    numbered,
    ref,
)
from newsgen.derive._formula import rounded
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, Track, known_of, moves_of, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, from_epoch, to_epoch

__all__ = ["FIGURES"]

_PATIENCE_S = 2 * 3600  # open interest is asked for every quarter of an hour, or every hour
_AHEAD_S, _PAST_S = 3 * DAY, 12 * 3600
_SETTLED = timedelta(hours=8)
_ASSETS = ("BTC", "ETH")
_BAR_S = 26 * 3600  # how old the last daily bar of implied volatility may be
_ROOT_OF_YEAR = "19.1049731745428"  # of 365 days: crypto trades on all of them


@dataclass(frozen=True, slots=True)
class _Expiry:
    """The open interest of one expiry."""

    due: int
    calls: Reading
    puts: Reading

    @property
    def coins(self) -> Decimal:
        return self.calls.value + self.puts.value

    @property
    def venue(self) -> str:
        return self.calls.key.venue.partition(":")[0]


def _due(venue: str) -> int | None:
    """When an expiry is settled, from the day in its venue's name."""
    try:
        day = date.fromisoformat(venue.partition(":")[2])
    except ValueError:
        return None
    return to_epoch(datetime(day.year, day.month, day.day, tzinfo=UTC) + _SETTLED)


def _reading_at(run: Run, moment: int) -> Reading | None:
    """The newest reading at or before a moment, unless it is old by then."""
    i = run.index_at(moment)
    return run.reading(i) if i >= 0 and moment - run.at(i) <= _PATIENCE_S else None


def _expiries(ask: Ask, asset: str, after: int, until: int) -> Iterator[_Expiry]:
    """Those due after one moment and at or before another, as they stood at the last moment that counts; one source for each."""
    seen: set[str] = set()
    for calls in ask.view.runs("options.expiry_calls_oi", asset):
        due = _due(calls.key.venue)
        if due is None or not after < due <= until or calls.key.venue in seen:
            continue
        moment = min(due, ask.view.as_of_s)
        puts = ask.view.run("options.expiry_puts_oi", asset, source=calls.key.source, venue=calls.key.venue)
        one = _reading_at(calls, moment)
        other = None if isinstance(puts, Absent) else _reading_at(puts, moment)
        if one and other and one.observed_at == other.observed_at:
            seen.add(calls.key.venue)
            yield _Expiry(due, one, other)


def _largest(ask: Ask, asset: str, after: int, until: int) -> _Expiry | None:
    """The largest by coins; of another asset than bitcoin the one that expires with bitcoin's largest."""
    return ask.memo(("expiry", asset, after), lambda: _find_largest(ask, asset, after, until))


def _find_largest(ask: Ask, asset: str, after: int, until: int) -> _Expiry | None:
    found = [*_expiries(ask, asset, after, until)]
    first = _largest(ask, _ASSETS[0], after, until) if asset != _ASSETS[0] else None
    if first is not None:
        found = [e for e in found if e.calls.key.venue == first.calls.key.venue and e.calls.key.source == first.calls.key.source]
    return max(found, key=lambda e: e.coins, default=None)


def _ahead(ask: Ask, asset: str) -> _Expiry | Absent:
    """The largest expiry of the next three days."""
    now = ask.view.as_of_s
    return _largest(ask, asset, now, now + _AHEAD_S) or Absent(f"no open options of {asset} that expire within three days")


def _expired(ask: Ask, asset: str) -> _Expiry | Absent:
    """The largest expiry of the past twelve hours, where no larger one is ahead."""
    now = ask.view.as_of_s
    found, ahead = _largest(ask, asset, now - _PAST_S, now), _ahead(ask, asset)
    if found is None:
        return Absent(f"no options of {asset} expired in the past twelve hours")
    if isinstance(ahead, _Expiry) and ahead.coins > found.coins:
        return Absent(f"the options of {asset} that are due next are more than those that expired")
    return found


Find = Callable[[Ask, str], _Expiry | Absent]


def _of(find: Find, make: Callable[[Ask, str, _Expiry], Figure | Absent]) -> Compute:
    """A figure of an asset's expiry."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        expiry = find(ask, asset)
        return expiry if isinstance(expiry, Absent) else make(ask, asset, expiry)

    return compute


def _due_at(name: str) -> Callable[[Ask, str, _Expiry], Figure | Absent]:
    return lambda ask, asset, expiry: history(name, asset, Unit.MOMENT, from_epoch(expiry.due), "due(i1)", [expiry.calls],
                                              scope=expiry.venue, label=asset)  # fmt: skip


def _coins(name: str) -> Callable[[Ask, str, _Expiry], Figure | Absent]:
    return lambda ask, asset, expiry: computed(name, asset, Unit.COINS, "i1 + i2", [expiry.calls, expiry.puts], scope=expiry.venue)


def _put_call_of(name: str) -> Callable[[Ask, str, _Expiry], Figure | Absent]:
    return lambda ask, asset, expiry: computed(name, asset, Unit.RATIO, "i1 / i2", [expiry.puts, expiry.calls], scope=expiry.venue)


def _price(ask: Ask, asset: str, expiry: _Expiry) -> Figure | Reading | Absent:
    """The last price before an expiry, the price at its moment after it."""
    return ask.figure("price.last", asset) if expiry.due > ask.view.as_of_s else close_at(ask, asset, expiry.due)


def _usd(name: str) -> Callable[[Ask, str, _Expiry], Figure | Absent]:
    def make(ask: Ask, asset: str, expiry: _Expiry) -> Figure | Absent:
        price = _price(ask, asset, expiry)
        if isinstance(price, Absent):
            return price
        return computed(name, asset, Unit.USD, "(i1 + i2) * i3", [expiry.calls, expiry.puts, price], scope=expiry.venue, label=asset,
                        source=expiry.calls.origin.source_name)  # fmt: skip

    return make


def _price_at(ask: Ask, asset: str, expiry: _Expiry) -> Figure | Absent:
    close = close_at(ask, asset, expiry.due)
    return close if isinstance(close, Absent) else from_reading("options.expired_price", asset, close)


def _pain_reading(ask: Ask, asset: str, expiry: _Expiry) -> Reading | Absent:
    key, none = expiry.calls.key, Absent(f"no strike of maximum pain of {asset} for this expiry")
    run = ask.view.run("options.max_pain", asset, source=key.source, venue=key.venue)
    return none if isinstance(run, Absent) else _reading_at(run, min(expiry.due, ask.view.as_of_s)) or none


def _pain(name: str) -> Callable[[Ask, str, _Expiry], Figure | Absent]:
    def make(ask: Ask, asset: str, expiry: _Expiry) -> Figure | Absent:
        reading = _pain_reading(ask, asset, expiry)
        return reading if isinstance(reading, Absent) else from_reading(name, asset, reading, scope=expiry.venue)

    return make


def _pain_gap(name: str) -> Callable[[Ask, str, _Expiry], Figure | Absent]:
    """How far the strike of maximum pain lies above (below, negative) the price."""

    def make(ask: Ask, asset: str, expiry: _Expiry) -> Figure | Absent:
        reading, price = _pain_reading(ask, asset, expiry), _price(ask, asset, expiry)
        if isinstance(reading, Absent) or isinstance(price, Absent):
            return reading if isinstance(reading, Absent) else price if isinstance(price, Absent) else Absent("")
        return computed(name, asset, Unit.PCT, "pct_change(i1, i2)", [reading, price], scope=expiry.venue)

    return make


def _share(ask: Ask, asset: str, expiry: _Expiry) -> Figure | Absent:
    """Of all options of the asset that are open on the venue."""
    source = expiry.calls.key.source
    runs = [ask.view.run(f"options.{side}_oi", asset, source=source, venue=expiry.venue) for side in ("calls", "puts")]
    whole = [reading for run in runs if isinstance(run, Run) and (reading := _reading_at(run, to_epoch(expiry.calls.observed_at)))]
    if len(whole) < len(runs) or any(w.observed_at != expiry.calls.observed_at for w in whole):
        return Absent(f"no open interest of all options of {asset} at the same moment")
    return computed("options.expiry_share", asset, Unit.PCT, "share(i1 + i2, i3 + i4)", [expiry.calls, expiry.puts, *whole],
                    scope=expiry.venue)  # fmt: skip


def _both(name: str, find: Find) -> Compute:
    """Of an asset its own; of the market the sum of bitcoin's and ether's where they expire together, else the larger one."""
    own = _of(find, _usd(name))

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        if subject != "market":
            return own(ask, subject)
        found = [f for a in _ASSETS if a in ask.view.assets and isinstance(f := ask.figure(name, a), Figure)]
        if not found:
            return Absent("no options of bitcoin or ether in the news")
        first = max(found, key=lambda f: f.number)
        together = [f for f in found if f.scope == first.scope and f.source == first.source and _day_of(f) == _day_of(first)]
        return computed(name, subject, Unit.USD, numbered("sum", len(together)), together, scope=first.scope,
                        label=",".join(f.label for f in together))  # fmt: skip

    return compute


def _day_of(figure: Figure) -> int | None:
    calls = figure.inputs[0]
    return _due(calls.key.venue) if isinstance(calls, Reading) else None


def _market_calls(ask: Ask, names: tuple[str, ...]) -> Reading | Absent:
    """The calls of the expiry that the market's figure is of, the first of the names that is known."""
    for name in names:
        whole = ask.figure(name, "market")
        part = whole.inputs[0] if isinstance(whole, Figure) else None
        calls = part.inputs[0] if isinstance(part, Figure) else None
        if isinstance(calls, Reading):
            return calls
    return Absent("no options of bitcoin or ether in the news")


def _market_due(name: str, *of: str) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        calls = _market_calls(ask, of)
        if isinstance(calls, Absent):
            return calls
        due = _due(calls.key.venue)
        if due is None:
            return Absent("the expiry names no day")
        return history(name, subject, Unit.MOMENT, from_epoch(due), "due(i1)", [calls], scope=calls.key.venue.partition(":")[0])

    return compute


def _monthly(ask: Ask, subject: str) -> Figure | Absent:
    calls = _market_calls(ask, ("options.expired_usd", "options.expiry_usd"))
    if isinstance(calls, Absent):
        return calls
    day = date.fromisoformat(calls.key.venue.partition(":")[2])
    last = day.weekday() == 4 and (day + timedelta(days=7)).month != day.month
    return history("options.expiry_is_monthly", subject, Unit.FLAG, last, "last_friday(i1)", [calls])


def _open_put_call(ask: Ask, asset: str) -> Figure | Absent:
    """All open puts over all open calls, of one venue."""
    calls = fresh_run(ask, "options.calls_oi", asset, _PATIENCE_S)
    if isinstance(calls, Absent):
        return calls
    puts = ask.view.run("options.puts_oi", asset, source=calls.key.source, venue=calls.key.venue)
    if isinstance(puts, Absent) or puts.at(-1) != calls.at(-1):
        return Absent(f"no open puts of {asset} beside the calls")
    return computed("options.put_call", asset, Unit.RATIO, "i1 / i2", [puts.reading(-1), calls.reading(-1)], scope=calls.key.venue)


def _dvol(ask: Ask, asset: str) -> Figure | Absent:
    run = fresh_run(ask, "options.dvol", asset, FRESH_S)
    return run if isinstance(run, Absent) else from_reading("options.dvol", asset, run.reading(-1), scope=run.key.venue)


def _bars(ask: Ask, asset: str) -> Run | Absent:
    """Closed daily bars of implied volatility."""
    return fresh_run(ask, "options.dvol_close", asset, _BAR_S, window="1d")


def _of_bars(make: Callable[[str, Run], Figure | Absent]) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        run = _bars(ask, asset)
        return run if isinstance(run, Absent) else make(asset, run)

    return compute


def _close(asset: str, run: Run) -> Figure:
    return from_reading("options.dvol_close", asset, run.reading(-1), window="day", scope=run.key.venue)


def _close_at(asset: str, run: Run) -> Figure:
    return history("options.dvol_close_at", asset, Unit.DATE, day_of(run.at(-1)), "day(i1)", [run.reading(-1)], scope=run.key.venue)


def _dvol_change(days: int, name: str, unit: Unit, formula: str) -> Compute:
    def make(asset: str, run: Run) -> Figure | Absent:
        before = run.index_of(run.at(-1) - days * DAY)
        if before < 0:
            return Absent(f"no implied volatility of {asset} {days} days before the last close")
        return computed(name, asset, unit, formula, [run.reading(-1), run.reading(before)], window="day" if days == 1 else f"{days}d",
                        window_start=from_epoch(run.at(before)), window_end=from_epoch(run.at(-1)), scope=run.key.venue)  # fmt: skip

    return _of_bars(make)


def _before(run: Run) -> Known:
    return known_of(run).until(run.at(-1) - 1)


def _enough(run: Run, days: int) -> Known | Absent:
    """The closes of so many days before the last, where hardly any is missing."""
    known = _before(run).after(run.at(-1) - 1 - days * DAY)
    return known if len(known) >= 0.95 * days else Absent(f"only {len(known)} daily closes of implied volatility in {days} days")


def _percentile(asset: str, run: Run) -> Figure | Absent:
    known = _enough(run, 365)
    if isinstance(known, Absent):
        return known
    close = run.reading(-1)
    value = rounded(100 * sum(v < float(close.value) for v in known.values) / len(known))
    return history("options.dvol_percentile_1y", asset, Unit.PCT, value, "percentile(last_days(i1, 365), i2)",
                   [ref(run, run.at(-1) - 1), close], window="day", scope=run.key.venue,
                   archive_start=day_of(run.at(0)))  # fmt: skip


def _off_median(asset: str, run: Run) -> Figure | Absent:
    """How far the close lies from the median of a year's closes, on either side."""
    known = _enough(run, 365)
    if isinstance(known, Absent):
        return known
    close, until = run.reading(-1), run.at(-1) - 1
    value = abs(close.value - rounded(median(known.values)))
    return history("options.dvol_off_median", asset, Unit.POINTS, value, "abs(i2 - median(last_days(i1, 365)))", [ref(run, until), close],
                   window="day", scope=run.key.venue, archive_start=day_of(run.at(0)))  # fmt: skip


def _off_median_trail(ask: Ask, asset: str) -> Trail | Absent:
    """The distances of the closes before from the same median."""
    run = _bars(ask, asset)
    known = run if isinstance(run, Absent) else _enough(run, 365)
    if isinstance(run, Absent) or isinstance(known, Absent):
        return run if isinstance(run, Absent) else known if isinstance(known, Absent) else Absent("")
    middle, before = median(known.values), _before(run)
    track = Track(before.at, [abs(v - middle) for v in before.values])
    return trail_of([Known(track, 0, len(track.at))], run.at(-1) - 1)


def _average(asset: str, run: Run) -> Figure | Absent:
    known = _enough(run, 30)
    if isinstance(known, Absent):
        return known
    until = run.at(-1) - 1
    return history("options.dvol_average_30d", asset, Unit.PCT, rounded(fmean(known.values)), "mean(last_days(i1, 30))",
                   [ref(run, until), run.reading(run.index_at(until))], window="30d", scope=run.key.venue,
                   archive_start=day_of(run.at(0)))  # fmt: skip


def _since(name: str, *, low: bool) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        run, close = _bars(ask, asset), ask.figure("options.dvol_close", asset)
        if isinstance(run, Absent) or isinstance(close, Absent):
            return run if isinstance(run, Absent) else close if isinstance(close, Absent) else Absent("")
        known = _before(run)
        if not len(known):
            return Absent(f"no earlier implied volatility of {asset}")
        past = Past((Piece(known, DAY, lambda i: [run.reading(i)]),), (ref(run, run.at(-1) - 1),), "i1")
        return since(ask, name, asset, close, past, low=low, at=day_of(run.at(-1)))

    return compute


def _close_trail(ask: Ask, asset: str) -> Trail | Absent:
    run = _bars(ask, asset)
    return run if isinstance(run, Absent) else trail_of([known_of(run)], run.at(-1) - 1)


def _change_trail(ask: Ask, asset: str) -> Trail | Absent:
    run = _bars(ask, asset)
    return run if isinstance(run, Absent) else trail_of([moves_of(run)], run.at(-1) - DAY)


def _realised(ask: Ask, asset: str) -> Figure | Absent:
    """The deviation of 30 daily changes, brought to a year as the implied one is."""
    deviation = ask.figure("price.sd_30d", asset)
    if isinstance(deviation, Absent):
        return deviation
    return computed("options.realised_30d", asset, Unit.PCT, f"i1 * {_ROOT_OF_YEAR}", [deviation], window="30d")


_NO_EXPIRY = "No expiry due within three days, or its open interest is older than two hours."
_NO_EXPIRED = "None expired in the past twelve hours, a larger one is ahead, or nothing is known of the two hours before."
_NO_PAIN = "As for the coins, or the venue gives no one strike."
_NO_PRICE = "As for the coins, or no price."
_NO_BARS = "No daily bar of the past 26 hours."
_NO_YEAR = "As above, or fewer than 95 % of the days before."


def _spec(name: str, unit: Unit, meaning: str, of: frozenset[str], absent: str, compute: Compute, *more: Any) -> FigureSpec:
    return FigureSpec(f"options.{name}", unit, meaning, of, absent, compute, *more)


def _specs_of(name: str, find: Find, absent: str, word: str, due: str) -> tuple[FigureSpec, ...]:
    """The figures that an expiry ahead and one just past have in common."""
    full = f"options.{name}"
    return (
        _spec(f"{name}_at", Unit.MOMENT, f"When the {word} {due}.", BOTH, absent, _at(full, find), "", "2025-07-25T08:00:00Z"),
        _spec(f"{name}_coins", Unit.COINS, f"Open calls and puts of the {word}, of one coin each.", ASSET, absent,
              _of(find, _coins(f"{full}_coins")), "", "41200"),
        _spec(f"{name}_usd", Unit.USD, f"Their value at the spot price; of the market bitcoin's and ether's of the same {word}.", BOTH,
              _NO_PRICE, _both(f"{full}_usd", find), "", "5600000000"),
        _spec(f"{name}_put_call", Unit.RATIO, f"Open puts over open calls of the {word}.", ASSET, absent,
              _of(find, _put_call_of(f"{full}_put_call")), "", "0.81"),
        _spec(f"{name}_max_pain", Unit.USD, f"Price at which the holders of the {word} would be paid least.", ASSET, _NO_PAIN,
              _of(find, _pain(f"{full}_max_pain")), "", "112000"),
        _spec(f"{name}_pain_gap_pct", Unit.PCT, "That price against the spot price.", ASSET, _NO_PAIN,
              _of(find, _pain_gap(f"{full}_pain_gap_pct")), "", "-3.1"),
    )  # fmt: skip


def _at(full: str, find: Find) -> Compute:
    own, market = _of(find, _due_at(f"{full}_at")), _market_due(f"{full}_at", f"{full}_usd")
    return lambda ask, subject: market(ask, subject) if subject == "market" else own(ask, subject)


FIGURES: tuple[FigureSpec, ...] = (
    *_specs_of("expiry", _ahead, _NO_EXPIRY, "expiry", "is due, the largest within three days"),
    *_specs_of("expired", _expired, _NO_EXPIRED, "past expiry", "was settled, the largest of twelve hours"),
    _spec("expired_price", Unit.USD, "The spot price when the past expiry was settled.", ASSET, _NO_PRICE, _of(_expired, _price_at), "",
          "116800"),
    _spec("expiry_share", Unit.PCT, "The expiry in percent of all options of the asset open on the venue.", ASSET, _NO_EXPIRY,
          _of(_ahead, _share), "", "22.4"),
    _spec("expiry_is_monthly", Unit.FLAG, "Whether the expiry, past or ahead, is of the last Friday of its month.", MARKET, _NO_EXPIRY,
          _monthly, "", "true"),
    _spec("event_at", Unit.MOMENT, "When the expiry in the news is settled: the past one's time, else that of the one ahead.", MARKET,
          _NO_EXPIRY, _market_due("options.event_at", "options.expired_usd", "options.expiry_usd"), "", "2025-07-25T08:00:00Z"),
    _spec("put_call", Unit.RATIO, "All open puts over all open calls of one venue.", ASSET, "No reading of the past two hours.",
          _open_put_call, "", "0.62"),
    _spec("max_pain", Unit.USD, "Price at which the holders of the next large expiry would be paid least.", ASSET, _NO_PAIN,
          _of(_ahead, _pain("options.max_pain")), "", "112000"),
    _spec("dvol", Unit.PCT, "Implied volatility of 30 days, percent a year.", ASSET, "No reading of the past ten minutes.", _dvol, "",
          "38.2"),
    _spec("dvol_close", Unit.PCT, "Its last daily close, UTC.", ASSET, _NO_BARS, _of_bars(_close), "day", "38.6", _close_trail),
    _spec("dvol_close_at", Unit.DATE, "The UTC day of that close.", ASSET, _NO_BARS, _of_bars(_close_at), "", "2025-07-13"),
    _spec("dvol_change_day", Unit.PCT, "The change of that close from the one before, in percent of it.", ASSET, _NO_YEAR,
          _dvol_change(1, "options.dvol_change_day", Unit.PCT, "pct_change(i1, i2)"), "day", "17.4", _change_trail),
    _spec("dvol_change_points_day", Unit.POINTS, "The same change in points.", ASSET, _NO_YEAR,
          _dvol_change(1, "options.dvol_change_points_day", Unit.POINTS, "i1 - i2"), "day", "6.4"),
    _spec("dvol_change_7d", Unit.POINTS, "The change of that close in seven days, in points.", ASSET, _NO_YEAR,
          _dvol_change(7, "options.dvol_change_7d", Unit.POINTS, "i1 - i2"), "7d", "-2.8"),
    _spec("dvol_average_30d", Unit.PCT, "The mean close of the 30 days before.", ASSET, _NO_YEAR, _of_bars(_average), "30d", "41.2"),
    _spec("dvol_percentile_1y", Unit.PCT, "Percent of the 365 closes before that were lower.", ASSET, _NO_YEAR, _of_bars(_percentile),
          "day", "3.8"),
    _spec("dvol_off_median", Unit.POINTS, "How far it is from the median of those closes, up or down.", ASSET, _NO_YEAR,
          _of_bars(_off_median), "day", "12.3", _off_median_trail),
    _spec("dvol_high_since", Unit.DATE, "The last day that closed at or above it.", ASSET, _NO_YEAR,
          _since("options.dvol_high_since", low=False), "day", "2025-04-09"),
    _spec("dvol_low_since", Unit.DATE, "The last day that closed at or below it.", ASSET, _NO_YEAR,
          _since("options.dvol_low_since", low=True), "day", "2023-10-15"),
    _spec("realised_30d", Unit.PCT, "The deviation of 30 daily price changes, brought to a year.", ASSET, "Fewer than 29 daily changes.",
          _realised, "30d", "31.5"),
)  # fmt: skip
