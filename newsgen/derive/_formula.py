"""Formulas: expressions over i1, i2 ... from a closed list of operations; in: text, inputs and the archive's rows, out: a value.

`check/` evaluates the same language on its own from this page; neither imports the other.

An input iN is the N-th of a figure's `inputs`. A Reading or a Figure stands for its value. A SeriesRef stands for a *series*: the
rows of that column that were known at as_of and observed at or before the reference's `until`, oldest first, one per observed moment
(the newest revision known). `until` is where the past ends: for history it is the start of the present window, or the second before
an instant, so that no row overlaps what it is compared with.

Numbers: decimal literals, iN, + - * / and unary minus, parentheses, and

    sum(a, ...)  max(a, ...)  min(a, ...)  abs(a)
    pct_change(now, base)   (now / base - 1) * 100
    share(part, whole)      part / whole * 100
    floor_to(a, step)       the greatest multiple of step at or below a; ceil_to(a, step): the least at or above it
    count(a, ...)           how many arguments; count_above(x, a, ...) of them, how many are > x; count_below(x, a, ...) < x
    middle(a, ...)          the argument in the middle by size, or half the sum of the two that are
    above(a, b)             true when a > b (a flag)
    step_of(x, a, ...)      the greatest of a, ... at or below x

exactly in Decimal, 28 digits, half even; nothing is rounded after. No operation is done on floats. Of one input's time or word:

    day(iN)      UTC day that ends at or holds observed_at (the day of observed_at less one second): for bars and windows
    moment(iN)   observed_at;  date(iN): its UTC date: for instants;  session(iN): its New York date: for US sessions
    due(iN)      08:00 UTC of the day that a reading's venue names (an expiry of options);  last_friday(iN): whether that day is the last
                 Friday of its month (a flag)
    label(iN)    the word that came with the value

Series: an input, or

    join(s, t, ...)   rows of s, then those rows of t observed after s's `until`, and so on; the whole has the last one's `until`
    total(s, ...)     per moment the sum over all; only moments that every one has
    rolling(s, n)     per row the sum of it and the n - 1 rows before, where these n follow each other in the series' own step
                      (the least distance of two rows)
    clock(s)          the rows at the time of day of the last row
    changes(s)        percent changes over exactly one day: (row / row a day earlier - 1) * 100, for each row that has one
    steps(s)          differences to the row before;  but_last(s): without the newest row
    weeks(s)  months(s)  quarters(s)  years(s)   the rows at the midnight (UTC) that ends a week (on Sunday), a month, a quarter, a year
    on_days(s, t)     the rows of t, each with the value of the row of s of the same UTC day, where there is one
    week_moves(s)     percent changes to the row of the UTC day a week before, for each row that has one
    correlations(s, t, n)  per row of t from the n + 1st the correlation (Pearson) of the last n percent changes of both from row to row;
                      s has the moments of t
    moved(s, n)       differences to the row exactly n days before, for each row that has one
    parted(s, t)      per moment that both have the smaller of the two sizes where one is positive and one negative, else 0
    less(s, t)        per moment that both have the row of s less that of t
    session_weeks(s)  per week from Monday (New York) the sum of its rows, at the moment of the last of them
    runs(s)           per row the signed length of the run of one sign that ends with it
    moves(s)          percent changes to the row before
    magnitude(s)      absolute values
    dated(s)          the rows a second later: a value that is stamped at a midnight is of the day which that begins
    below_peaks(h, s) per row of s how far it lies below the highest row of h up to it, in percent of that
    last_days(s, n)   the rows observed after `until` less n days
    last_rows(s, n)   the n newest rows

From a series:

    last_at_or_above(s, x)  last_at_or_below(s, x)   UTC day (as `day`) of the newest row >= x (<= x); nothing when there is none,
                                                     which is a record. (Of a US session it is the New York date as well.)
    newest(s)                  the last row's value
    highest(s)  lowest(s)      extreme value;  total_of(s): sum of all rows
    highest_day(s)             UTC day of the newest row with the highest value; highest_session(s): its New York date
    held_above(s, x)  held_below(s, x)   observed_at of the first row of the unbroken run of rows > x (< x) that ends the series
    streak(s)                  length of the run of one sign that ends the series, with that sign; 0 when the last row is 0
    percentile(s, x)           100 * rows below x / rows
    mean(s)  median(s)  stdev(s)  mean; the middle value, or the mean of the two; sample standard deviation (n - 1)
    tight_rows(h, l, a, b, p)  how many of the newest rows, a day apart, keep the greatest of h and a within p percent above the least of
                               l and b
    rows(s)                    how many rows;  days_between(iN, iM): whole days from the one's observed_at to the other's;
                               minutes_between(iN, iM): whole minutes
    rows_at_or_above(s, x)  rows_at_or_below(s, x)   how many rows are >= x (<= x)

percentile, mean, median and stdev are statistics: floats, rounded half even to six decimals, then exact again; right within 0.000001.
"""

from __future__ import annotations

import ast
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from newsgen.market import Figure, Reading, SeriesRef, to_epoch

__all__ = ["Rows", "Series", "evaluate", "recompute", "rounded"]

DAY = 86_400
_CONTEXT = Context(prec=28)
_NEW_YORK = ZoneInfo("America/New_York")
Row = tuple[int, Decimal]
Rows = Callable[[SeriesRef], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Series:
    """Rows oldest first, and where their past ends."""

    rows: tuple[Row, ...]
    until: int


def rounded(value: float) -> Decimal:
    """A statistic as it is kept: six decimals."""
    return Decimal(repr(round(value, 6)))


def evaluate(formula: str, inputs: Sequence[Decimal]) -> Decimal:
    """Evaluate a formula of numbers.

    Raises:
        ZeroDivisionError: A base or a whole is zero.
        ValueError: The formula uses an operation outside the list, or gives no number.
    """
    with localcontext(_CONTEXT):
        value = _compiled(formula)(inputs)
    if not isinstance(value, Decimal):
        raise ValueError(f"the formula {formula} does not give a number")
    return value


def recompute(formula: str, inputs: Sequence[Reading | Figure | SeriesRef], rows: Rows) -> Any:
    """Evaluate any formula of the language, slowly and plainly; None is "nothing", a record.

    Raises:
        ZeroDivisionError, ValueError: As `evaluate`.
    """
    given = [Series(tuple(rows(i)), i.until) if isinstance(i, SeriesRef) else i for i in inputs]
    with localcontext(_CONTEXT):
        return _compiled(formula)(given)


_Part = Callable[[Sequence[Any]], Any]


@cache
def _compiled(formula: str) -> _Part:
    return _build(ast.parse(formula, mode="eval").body)


def _build(node: ast.expr) -> _Part:
    match node:
        case ast.Constant(value=int() | float() as number):
            constant = Decimal(str(number))
            return lambda inputs: constant
        case ast.Name(id=name) if _is_input(name):
            place = int(name[1:]) - 1
            return lambda inputs: _plain(inputs[place])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            part = _build(operand)
            return lambda inputs: -part(inputs)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            act, a, b = _BINARY[type(op)], _build(left), _build(right)
            return lambda inputs: act(a(inputs), b(inputs))
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=one)]) if name in _OF_INPUT and _is_input(one):
            ask, at = _OF_INPUT[name], int(one[1:]) - 1
            return lambda inputs: ask(inputs[at])
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=one), ast.Name(id=other)]) if name in _BETWEEN:
            first, last, unit = int(one[1:]) - 1, int(other[1:]) - 1, _BETWEEN[name]
            return lambda inputs: Decimal((inputs[last].observed_at - inputs[first].observed_at) // unit)
        case ast.Call(func=ast.Name(id=name), args=args) if name in _OPERATIONS:
            operation, parts = _OPERATIONS[name], [_build(p) for p in args]
            return lambda inputs: operation(*[p(inputs) for p in parts])
    raise ValueError(f"a formula cannot hold {ast.unparse(node)}")


def _is_input(name: str) -> bool:
    return name[0] == "i" and name[1:].isdigit()


def _plain(item: Any) -> Any:
    return item.value if isinstance(item, Reading | Figure) else item


def _divide(a: Decimal, b: Decimal) -> Decimal:
    if b == 0:
        raise ZeroDivisionError("division by zero in a formula")
    return a / b


def _to_step(rounding: str) -> Callable[[Decimal, Decimal], Decimal]:
    return lambda a, step: _divide(a, step).to_integral_value(rounding) * step


def _utc_day(at: int) -> date:
    return datetime.fromtimestamp(at - 1, UTC).date()


def _expiry(item: Reading | Figure) -> datetime:
    """The midnight of the day in a venue's name, `deribit:2025-07-25`."""
    if not isinstance(item, Reading):
        raise ValueError("only a reading's venue names a day")
    return datetime.fromisoformat(item.key.venue.partition(":")[2]).replace(tzinfo=UTC)


def _session(at: int) -> date:
    return datetime.fromtimestamp(at, _NEW_YORK).date()


def _join(*parts: Series) -> Series:
    rows: list[Row] = []
    until = -(2**62)
    for part in parts:
        rows += [r for r in part.rows if r[0] > until]
        until = part.until
    return Series(tuple(rows), until)


def _total(*parts: Series) -> Series:
    tables = [dict(p.rows) for p in parts]
    shared = sorted(set(tables[0]).intersection(*tables[1:]))
    return Series(tuple((at, sum((t[at] for t in tables), Decimal(0))) for at in shared), parts[0].until)


def _rolling(series: Series, count: Decimal) -> Series:
    n, rows = int(count), series.rows
    step = min((b[0] - a[0] for a, b in pairwise(rows)), default=0)
    windows = (rows[i - n + 1 : i + 1] for i in range(n - 1, len(rows)))
    whole = ((w[-1][0], sum((v for _, v in w), Decimal(0))) for w in windows if w[-1][0] - w[0][0] == (n - 1) * step)
    return Series(tuple(whole), series.until)


def _clock(series: Series) -> Series:
    phase = series.rows[-1][0] % DAY if series.rows else 0
    return Series(tuple(r for r in series.rows if r[0] % DAY == phase), series.until)


def _changes(series: Series) -> Series:
    table = dict(series.rows)
    pairs = ((at, value, table.get(at - DAY)) for at, value in series.rows)
    return Series(tuple((at, (_divide(v, b) - 1) * 100) for at, v, b in pairs if b is not None), series.until)


def _steps(series: Series) -> Series:
    rows = series.rows
    return Series(tuple((b[0], b[1] - a[1]) for a, b in pairwise(rows)), series.until)


def _ending(ends: Callable[[datetime], bool]) -> Callable[[Series], Series]:
    def pick(series: Series) -> Series:
        midnights = (r for r in series.rows if r[0] % DAY == 0)
        return Series(tuple(r for r in midnights if ends(datetime.fromtimestamp(r[0], UTC))), series.until)

    return pick


def _runs(series: Series) -> Series:
    rows = series.rows
    return Series(tuple((row[0], _streak(Series(rows[: i + 1], series.until))) for i, row in enumerate(rows)), series.until)


def _moves(series: Series) -> Series:
    return Series(tuple((now[0], (_divide(now[1], before[1]) - 1) * 100) for before, now in pairwise(series.rows)), series.until)


def _on_days(series: Series, other: Series) -> Series:
    values = {_utc_day(at): value for at, value in series.rows}
    return Series(tuple((at, values[day]) for at, _ in other.rows if (day := _utc_day(at)) in values), other.until)


def _week_moves(series: Series) -> Series:
    values, week = {_utc_day(at): value for at, value in series.rows}, timedelta(days=7)
    rows = [(at, value, values.get(_utc_day(at) - week)) for at, value in series.rows]
    return Series(tuple((at, (_divide(value, base) - 1) * 100) for at, value, base in rows if base is not None), series.until)


def _correlations(series: Series, other: Series, count: Decimal) -> Series:
    values, n = dict(series.rows), int(count)
    rows = [(at, float(values[at]), float(value)) for at, value in other.rows if at in values]
    moves = [(b[0], b[1] / a[1] - 1, b[2] / a[2] - 1) for a, b in pairwise(rows)]
    spans = [moves[i - n + 1 : i + 1] for i in range(n - 1, len(moves))]
    return Series(tuple((s[-1][0], rounded(statistics.correlation([m[1] for m in s], [m[2] for m in s]))) for s in spans), other.until)


def _moved(series: Series, days: Decimal) -> Series:
    table, back = dict(series.rows), int(days) * DAY
    return Series(tuple((at, value - table[at - back]) for at, value in series.rows if at - back in table), series.until)


def _parted(one: Series, other: Series) -> Series:
    values = dict(other.rows)
    shared = [(at, value, values[at]) for at, value in one.rows if at in values]
    return Series(tuple((at, min(abs(a), abs(b)) if a * b < 0 else Decimal(0)) for at, a, b in shared), one.until)


def _less(one: Series, other: Series) -> Series:
    values = dict(other.rows)
    return Series(tuple((at, value - values[at]) for at, value in one.rows if at in values), one.until)


def _session_weeks(series: Series) -> Series:
    weeks: dict[date, Row] = {}
    for at, value in series.rows:
        day = _session(at)
        monday = day - timedelta(days=day.weekday())
        weeks[monday] = (at, weeks[monday][1] + value if monday in weeks else value)
    return Series(tuple(weeks.values()), series.until)


def _tight_rows(highs: Series, lows: Series, top: Decimal, bottom: Decimal, pct: Decimal) -> Decimal:
    rows, found = list(zip(reversed(highs.rows), reversed(lows.rows), strict=True)), 0
    for (at, high), (_, low) in rows:
        top, bottom = max(top, high), min(bottom, low)
        if at != rows[0][0][0] - found * DAY or (_divide(top, bottom) - 1) * 100 > pct:
            break
        found += 1
    return Decimal(found)


def _below_peaks(highs: Series, series: Series) -> Series:
    peaks = [(at, max(v for seen, v in highs.rows if seen <= at), value) for at, value in series.rows]
    return Series(tuple((at, _divide(peak - value, peak) * 100) for at, peak, value in peaks), series.until)


def _newest(beyond: Callable[[Decimal, Decimal], bool]) -> Callable[[Series, Decimal], date | None]:
    return lambda s, x: next((_utc_day(at) for at, v in reversed(s.rows) if beyond(v, x)), None)


def _held(beyond: Callable[[Decimal, Decimal], bool]) -> Callable[[Series, Decimal], datetime | None]:
    def find(series: Series, limit: Decimal) -> datetime | None:
        first = None
        for at, value in reversed(series.rows):
            if not beyond(value, limit):
                break
            first = datetime.fromtimestamp(at, UTC)
        return first

    return find


def _streak(series: Series) -> Decimal:
    signs = [(v > 0) - (v < 0) for _, v in series.rows]
    length = 0
    while length < len(signs) and signs[-1] and signs[-1 - length] == signs[-1]:
        length += 1
    return Decimal(length * signs[-1]) if signs else Decimal(0)


def _values(series: Series) -> list[Decimal]:
    return [v for _, v in series.rows]


def _floats(series: Series) -> list[float]:
    return [float(v) for _, v in series.rows]


def _highest_named(name: Callable[[int], date]) -> Callable[[Series], date]:
    return lambda s: name(max(s.rows, key=lambda r: (r[1], r[0]))[0])


_BINARY: Mapping[type, Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: _divide,
}

_BETWEEN = {"days_between": timedelta(days=1), "minutes_between": timedelta(minutes=1)}

_OF_INPUT: Mapping[str, Callable[[Reading | Figure], Any]] = {
    "moment": lambda i: i.observed_at,
    "day": lambda i: _utc_day(to_epoch(i.observed_at)),
    "date": lambda i: i.observed_at.date(),
    "session": lambda i: i.observed_at.astimezone(_NEW_YORK).date(),
    "due": lambda i: _expiry(i) + timedelta(hours=8),
    "last_friday": lambda i: _expiry(i).weekday() == 4 and (_expiry(i) + timedelta(days=7)).month != _expiry(i).month,
    "label": lambda i: i.origin.label if isinstance(i, Reading) else i.label,
}

_OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "sum": lambda *a: sum(a, Decimal(0)),
    "max": lambda *a: max(a),
    "min": lambda *a: min(a),
    "abs": abs,
    "pct_change": lambda now, base: (_divide(now, base) - 1) * 100,
    "share": lambda part, whole: _divide(part, whole) * 100,
    "floor_to": _to_step(ROUND_FLOOR),
    "ceil_to": _to_step(ROUND_CEILING),
    "count": lambda *a: Decimal(len(a)),
    "count_above": lambda x, *a: Decimal(sum(v > x for v in a)),
    "count_below": lambda x, *a: Decimal(sum(v < x for v in a)),
    "middle": lambda *a: (sorted(a)[(len(a) - 1) // 2] + sorted(a)[len(a) // 2]) / 2,
    "above": lambda a, b: a > b,
    "step_of": lambda x, *a: max(v for v in a if v <= x),
    "join": _join,
    "total": _total,
    "rolling": _rolling,
    "clock": _clock,
    "changes": _changes,
    "steps": _steps,
    "tight_rows": _tight_rows,
    "rows": lambda s: Decimal(len(s.rows)),
    "rows_at_or_above": lambda s, x: Decimal(sum(v >= x for v in _values(s))),
    "rows_at_or_below": lambda s, x: Decimal(sum(v <= x for v in _values(s))),
    "but_last": lambda s: Series(s.rows[:-1], s.until),
    "weeks": _ending(lambda at: at.weekday() == 0),
    "months": _ending(lambda at: at.day == 1),
    "quarters": _ending(lambda at: at.day == 1 and at.month % 3 == 1),
    "years": _ending(lambda at: at.day == 1 and at.month == 1),
    "runs": _runs,
    "moves": _moves,
    "magnitude": lambda s: Series(tuple((at, abs(v)) for at, v in s.rows), s.until),
    "dated": lambda s: Series(tuple((at + 1, v) for at, v in s.rows), s.until + 1),
    "on_days": _on_days,
    "week_moves": _week_moves,
    "correlations": _correlations,
    "newest": lambda s: _values(s)[-1],
    "moved": _moved,
    "parted": _parted,
    "less": _less,
    "session_weeks": _session_weeks,
    "below_peaks": _below_peaks,
    "last_days": lambda s, n: Series(tuple(r for r in s.rows if r[0] > s.until - int(n) * DAY), s.until),
    "last_rows": lambda s, n: Series(s.rows[-int(n) :], s.until),
    "last_at_or_above": _newest(lambda v, x: v >= x),
    "last_at_or_below": _newest(lambda v, x: v <= x),
    "highest": lambda s: max(_values(s)),
    "lowest": lambda s: min(_values(s)),
    "total_of": lambda s: sum(_values(s), Decimal(0)),
    "highest_day": _highest_named(_utc_day),
    "highest_session": _highest_named(_session),
    "held_above": _held(lambda v, x: v > x),
    "held_below": _held(lambda v, x: v < x),
    "streak": _streak,
    "percentile": lambda s, x: rounded(100 * sum(v < float(x) for v in _floats(s)) / len(s.rows)),
    "mean": lambda s: rounded(statistics.fmean(_floats(s))),
    "median": lambda s: rounded(statistics.median(_floats(s))),
    "stdev": lambda s: rounded(statistics.stdev(_floats(s))),
}
