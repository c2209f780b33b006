"""Open interest in coins, and against its past; in: the column that `open_interest.usd` is of, and spot closes, out: figures.

Where the vendor gives no coins they are the dollars at the spot price of that moment. The past is that of the same vendor and venues, and
begins where its data begin: nothing here covers the metric's life.
"""

from __future__ import annotations

from newsgen.derive._bars import close_at
from newsgen.derive._figure import ASSET, DAY, FRESH_S, Compute, computed, day_of, from_reading, history
from newsgen.derive._formula import rounded
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import changes_at, known_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, SeriesRef, Unit, from_epoch, to_epoch

__all__ = ["FIGURES"]

_DAYS = 30
_MIN_SHARE = 0.95


def _run(ask: Ask, asset: str) -> tuple[Figure, Run] | Absent:
    """The present open interest and the column it is of."""
    present = ask.figure("open_interest.usd", asset)
    if isinstance(present, Absent):
        return present
    reading = present.inputs[0]
    found = (r for r in ask.view.runs("open_interest.usd", asset) if isinstance(reading, Reading) and r.key == reading.key)
    run = next(found, None)
    return (present, run) if run is not None else Absent(f"the open interest of {asset} is of no column")


def _told_coins(ask: Ask, asset: str, run: Run, moment: int) -> Reading | None:
    """What the same vendor says of the same venues in coins, in the ten minutes up to a moment."""
    for coins in ask.view.runs("open_interest.coins", asset, source=run.key.source, venue=run.key.venue):
        i = coins.index_at(moment)
        if i >= 0 and moment - coins.at(i) <= FRESH_S:
            return coins.reading(i)
    return None


def _parts(ask: Ask, asset: str, run: Run, i: int) -> list[Reading] | Absent:
    """The coins at the i-th reading: one reading, or dollars and a price."""
    told = _told_coins(ask, asset, run, run.at(i))
    if told is not None:
        return [told]
    price = close_at(ask, asset, run.at(i))
    return price if isinstance(price, Absent) else [run.reading(i), price]


def _coins(ask: Ask, asset: str) -> Figure | Absent:
    found = _run(ask, asset)
    parts = found if isinstance(found, Absent) else _parts(ask, asset, found[1], len(found[1]) - 1)
    if isinstance(found, Absent) or isinstance(parts, Absent):
        return parts if isinstance(parts, Absent) else Absent("")
    scope = found[1].key.venue
    if len(parts) == 1:
        return from_reading("open_interest.coins", asset, parts[0], scope=scope)
    return computed("open_interest.coins", asset, Unit.COINS, "i1 / i2", parts, scope=scope)


def _coins_change(ask: Ask, asset: str) -> Figure | Absent:
    """Of both moments the coins are told, or of both they are worked out."""
    found = _run(ask, asset)
    if isinstance(found, Absent):
        return found
    run = found[1]
    day_before = run.at(-1) - DAY
    i = run.index_at(day_before)
    if i < 0 or day_before - run.at(i) > FRESH_S:
        return Absent(f"no open interest of {asset} 24 hours before the last")
    now, before = _parts(ask, asset, run, len(run) - 1), _parts(ask, asset, run, i)
    if isinstance(now, Absent) or isinstance(before, Absent):
        return now if isinstance(now, Absent) else before if isinstance(before, Absent) else Absent("")
    if len(now) != len(before):
        return Absent(f"the open interest of {asset} is told in coins at one of the two moments only")
    formula = "pct_change(i1, i2)" if len(now) == 1 else "pct_change(i1 / i2, i3 / i4)"
    return computed("open_interest.coins_change_24h", asset, Unit.PCT, formula, [*now, *before], window="24h",
                    window_start=from_epoch(run.at(i)), window_end=from_epoch(run.at(-1)), scope=run.key.venue)  # fmt: skip


def _highest_since(ask: Ask, asset: str) -> Figure | Absent:
    """Against every reading before: they are instants, and do not overlap."""
    found = _run(ask, asset)
    if isinstance(found, Absent):
        return found
    present, run = found
    known = known_of(run).until(run.at(-1) - 1)
    if not len(known):
        return Absent(f"no open interest of {asset} before the last")
    at = known.track.at
    past = Past((Piece(known, DAY, lambda i: [run.reading(run.index_of(at[i]))]),), (SeriesRef(run.key, run.at(-1) - 1),), "i1")
    return since(ask, "open_interest.highest_since", asset, present, past)


def _peak(name: str, *, dated: bool) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        found = _run(ask, asset)
        if isinstance(found, Absent):
            return found
        run = found[1]
        known = known_of(run).until(run.at(-1) - DAY)
        i = known.extreme(low=False)
        if i < 0:
            return Absent(f"no open interest of {asset} more than 24 hours ago")
        peak, ref = run.reading(run.index_of(known.track.at[i])), SeriesRef(run.key, run.at(-1) - DAY)
        if run.decimal(len(run) - 1) > peak.value and isinstance(ask.figure("open_interest.highest_since", asset), Absent):
            return Absent(f"the open interest of {asset} is above all of more than 24 hours ago, and no record of it is told")
        start = day_of(known.start)
        if dated:
            day = day_of(to_epoch(peak.observed_at))
            return history(name, asset, Unit.DATE, day, "highest_day(i1)", [ref, peak], scope=run.key.venue, archive_start=start)
        return history(name, asset, Unit.USD, peak.value, "highest(i1)", [ref, peak], scope=run.key.venue, archive_start=start)

    return compute


def _deviation(ask: Ask, asset: str) -> Figure | Absent:
    """Of the 30 daily changes that end at the same clock time, the last one a day before the present reading."""
    found = _run(ask, asset)
    if isinstance(found, Absent):
        return found
    run = found[1]
    until = run.at(-1) - DAY
    base = run.index_of(until)
    past = changes_at(run, until % DAY).until(until).after(until - _DAYS * DAY)
    if base < 0 or len(past) < _MIN_SHARE * _DAYS:
        return Absent(f"only {len(past)} daily changes of the open interest of {asset} in the {_DAYS} days before")
    values = past.values
    mean = sum(values) / len(values)
    spread = (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5
    formula = f"stdev(last_days(changes(clock(i1)), {_DAYS}))"
    return history("open_interest.sd_30d", asset, Unit.PCT, rounded(spread), formula, [SeriesRef(run.key, until), run.reading(base)],
                   window="30d", window_start=from_epoch(until - _DAYS * DAY), window_end=from_epoch(until), scope=run.key.venue,
                   archive_start=day_of(run.at(0)))  # fmt: skip


_NONE = "As for the open interest in dollars"

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("open_interest.coins", Unit.COINS, "Open interest in coins, as told, or its dollars at the spot price.", ASSET,
               f"{_NONE}, or neither coins nor a spot close at that moment.", _coins, "", "402000"),
    FigureSpec("open_interest.coins_change_24h", Unit.PCT, "Its change in 24 hours.", ASSET,
               f"{_NONE}, or the coins 24 hours before are not known in the same way.", _coins_change, "24h", "4.1"),
    FigureSpec("open_interest.highest_since", Unit.DATE, "The last UTC day with an open interest at least as large, in dollars.", ASSET,
               f"{_NONE}, or one as large within 30 days (the reason names it).", _highest_since, "", "2025-05-22"),
    FigureSpec("open_interest.highest_before", Unit.USD, "The largest open interest of more than 24 hours ago.", ASSET,
               f"{_NONE}, or none of more than 24 hours ago.", _peak("open_interest.highest_before", dated=False), "", "81700000000"),
    FigureSpec("open_interest.highest_before_at", Unit.DATE, "The UTC day of that.", ASSET, f"{_NONE}, or none of more than 24 hours ago.",
               _peak("open_interest.highest_before_at", dated=True), "", "2025-05-22"),
    FigureSpec("open_interest.sd_30d", Unit.PCT, "The standard deviation of 30 daily changes before the past 24 hours.", ASSET,
               f"{_NONE}, or fewer than 29 daily changes in those 30 days.", _deviation, "30d", "2.4"),
)  # fmt: skip
