"""Lays a chart out on its page and has the template draw it; in: points and words, out: SVG with its size.

The drawings stand in templates/charts/*.svg. Light colours stand as attributes, dark ones in a style sheet that follows the reader's
scheme: so one file serves inline, as an image and as PNG. Room for words is measured, not guessed. Chooses nothing and reads no data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import median

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from newsgen.lettering import BOLD, Fitted, fitted, shortened, width, wrapped
from newsgen.market import Unit
from newsgen.write import numbers
from newsgen.write.scale import Axis, apart, day_ticks, round_ticks, segments, tenth
from newsgen.write.style import HouseStyle

__all__ = ["Bars", "Line", "Pen", "draw_bars", "draw_line", "draw_table", "drawing_environment"]

WIDTH, HEIGHT = 520, 350  # small enough for words to be read on a phone, where a chart is some 350 pixels wide
MARGIN = 20.0
_TITLE = ((21.0, 2), (18.0, 2), (16.0, 3))  # sizes, and the lines that have room
_TICK, _SMALL = 15.0, 13.0
_LABEL_GAP = 21.0  # between the middles of two labels beside the plot
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GAP = 2.5  # a hole of more than so many steps breaks a line
_MILLION = 1_000_000


def drawing_environment(*roots: Path) -> Environment:
    """The templates of drawings, the desk's own first; everything is escaped, and what XML has not is left out."""

    def carried(value: object) -> object:
        return type(value)(_NO_XML.sub("", value)) if isinstance(value, str) else value

    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(root / "charts") for root in roots]), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=carried, auto_reload=False,
    )  # fmt: skip
    environment.filters["at"] = tenth
    return environment


@dataclass(frozen=True, slots=True)
class Pen:
    """What every drawing needs besides its data."""

    drawings: Environment
    style: HouseStyle
    as_of: datetime
    title: str
    source: str
    alt: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line over time.

    Attributes:
        points: Epoch seconds and value, oldest first; the last one is told beside the plot.
        filled: Down from zero, as a fall is drawn.
        marks: Levels with their words.
        span: A stretch of time with its words, (start, end, words).
    """

    points: Sequence[tuple[int, float]]
    filled: bool
    unit: Unit
    marks: Sequence[tuple[float, str]] = ()
    span: tuple[int, int, str] | None = None
    last: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars from zero, a slot for each day.

    Attributes:
        values: Of each slot (above, below): what is drawn upwards, and, of two sides, what is drawn downwards; None where nothing is known.
        sided: Whether there are two sides; else a value below zero is drawn downwards.
        run: So many bars at the end are in full colour, the others pale; 0: all are.
        labels: "above", "below", "run", "last_above", "last_below".
    """

    slots: Sequence[date]
    values: Sequence[tuple[float, float] | None]
    sided: bool
    unit: Unit
    run: int
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the plot stands on the page."""

    title: Fitted
    source: list[str]
    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    ticks: list[tuple[float, str]]  # position and label

    @property
    def y(self) -> Axis:
        return Axis(self.low, self.high, self.bottom, self.top)


def draw_line(pen: Pen, line: Line) -> tuple[str, int, int]:
    """A line of values over time, with its event marked and its end told."""
    values = [v for _, v in line.points]
    low, high = min(values), max(values)
    shown = [m for m in line.marks if low - (high - low) * 0.35 <= m[0] <= high + (high - low) * 0.35]
    low, high = _padded(min([low, *(m[0] for m in shown)]), max([high, *(m[0] for m in shown)]), line.filled)
    frame = _frame(pen, low, high, line.unit, [line.last], heading=line.span is not None and bool(line.span[2]))
    x, y = Axis(line.points[0][0], max(line.points[-1][0], line.points[0][0] + 1), frame.left, frame.right), frame.y
    parts = segments(line.points, _GAP * _step(line.points), x, y)
    end = parts[-1][-1]
    ends = [(line.last, y.at(values[-1]))] if line.last else []
    svg = _render(
        pen, "line.svg", frame, ends, parts=parts, zero=y.at(0) if line.filled else None, end=end,
        marks=[_mark(v, text, parts, frame) for v, text in _distinct(shown, y)], span=_span(line.span, x, frame),
        days=_day_labels(pen, line.points[0][0], line.points[-1][0], x, frame),
    )  # fmt: skip
    return svg, WIDTH, HEIGHT


def draw_bars(pen: Pen, bars: Bars) -> tuple[str, int, int]:
    """Bars up and down from zero, the run at their end in full colour."""
    known = [v for v in bars.values if v is not None]
    high = max([0.0, *(v[0] for v in known)])
    low = min([0.0, *(-v[1] if bars.sided else v[0] for v in known)])
    low, high = _padded(low, high, filled=False, zero=True)
    labels = bars.labels
    ends = [(labels.get("last_above", ""), 0), (labels.get("last_below", ""), 1)]
    frame = _frame(pen, low, high, bars.unit, [text for text, _ in ends], heading=True, sided=bars.sided)
    y, slot = frame.y, (frame.right - frame.left) / len(bars.slots)
    drawn = []
    for i, value in enumerate(bars.values):
        for side, size in enumerate(value or ()):
            amount = -size if side else size
            if amount and (bars.sided or not side):
                pale = bool(bars.run) and i < len(bars.slots) - bars.run
                drawn.append(_bar(frame, slot, i, amount, pale))
    last = bars.values[-1] or (0.0, 0.0)
    told = [(text, y.at(-last[side] if side else last[side])) for text, side in ends if text]
    legend = _legend([(labels.get("above", ""), "up"), (labels.get("below", ""), "down"), (labels.get("run", ""), "")], frame)
    svg = _render(pen, "bars.svg", frame, told, bars=drawn, zero=y.at(0), legend=legend, days=_slot_labels(pen, bars.slots, slot, frame))
    return svg, WIDTH, HEIGHT


def draw_table(pen: Pen, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, int, int]:
    """A table of texts: the first column to the left, the others to the right."""
    title = fitted(pen.title, WIDTH - 2 * MARGIN, _TITLE)
    room = WIDTH - 2 * MARGIN
    size, needed = _columns(heads, rows, room)
    spare = max(0.0, room - sum(needed)) / max(len(heads) - 1, 1)
    edges = [MARGIN]
    for i, one in enumerate(needed[1:], 1):
        edges.append(edges[-1] + (needed[0] if i == 1 else 0) + one + spare)
    top = _title_end(title) + 14
    source = _sentences(pen.source)
    height = round(top + 32 * (len(rows) + 1) + 18 * len(source) + 20)
    cells = [[(shortened(text, needed[0] if i == 0 else room, size), edges[i]) for i, text in enumerate(row)] for row in rows]
    svg = _drawn(
        pen, "table.svg", width=WIDTH, height=height, margin=MARGIN, title=title, source=source, alt=pen.alt, size=size, top=top,
        heads=list(zip(heads, edges, strict=True)), rows=cells,
    )  # fmt: skip
    return svg, WIDTH, height


def _columns(heads: Sequence[str], rows: Sequence[Sequence[str]], room: float) -> tuple[float, list[float]]:
    """The size of a table's words, and the room of each column with the space before it; of the first what the others leave."""
    for size in range(int(_TICK), 7, -1):
        first, *others = (max(width(t, size, BOLD) for t in column) for column in zip(heads, *rows, strict=True))
        left = room - sum(w + 14 for w in others)
        if left >= min(first, room * 0.3):
            break
    return float(size), [min(first, max(left, 0.0)), *(w + 14 for w in others)]


def _padded(low: float, high: float, filled: bool, zero: bool = False) -> tuple[float, float]:
    """Bounds with some air, which are no point even where all values are one."""
    if low == high:
        air = abs(low) * 0.02 or 1.0
        return (low - air if not (zero or filled) or low else -air * 0.1), high + (0.0 if filled and high == 0 else air)
    air = (high - low) * 0.06
    return low - (air if low or not zero else 0.0), (0.0 if filled and high <= 0 else high + (air if high or not zero else 0.0))


def _step(points: Sequence[tuple[int, float]]) -> float:
    """How far apart the points usually lie."""
    return median([b[0] - a[0] for a, b in pairwise(points)]) if len(points) > 1 else 1.0


def _title_end(title: Fitted) -> float:
    return MARGIN + len(title.lines) * title.size * 1.2


def _frame(pen: Pen, low: float, high: float, unit: Unit, last: Sequence[str], *, heading: bool, sided: bool = False) -> _Frame:
    title = fitted(pen.title, WIDTH - 2 * MARGIN, _TITLE)
    source = _sentences(pen.source)[:3]
    rounds = _ticks(low, high, unit)
    whole = all(t == t.to_integral_value() for t in rounds)
    ticks = [(float(t), _amount(t, unit, pen.style, whole=whole, signed=not sided)) for t in rounds]
    room = max([width(text, _TICK) for _, text in ticks] + [width(text, _TICK, BOLD) for text in last] + [0.0])
    top = _title_end(title) + (30 if heading else 16)
    bottom = HEIGHT - 16 - 17 * len(source) - 34
    y = Axis(low, high, bottom, top)
    return _Frame(title, source, MARGIN, WIDTH - MARGIN - room - 12, top, bottom, low, high, [(y.at(v), text) for v, text in ticks])


def _sentences(text: str) -> list[str]:
    """The lines of a text; a sentence that does not fit behind another one begins a line."""
    lines: list[str] = []
    for sentence in re.split(r"(?<=[a-z)]\.) ", text):
        joined = f"{lines[-1]} {sentence}" if lines else sentence
        if width(joined, _SMALL) <= WIDTH - 2 * MARGIN:
            lines[-1:] = [joined]
        else:
            lines += wrapped(sentence, WIDTH - 2 * MARGIN, _SMALL)
    return lines


def _ticks(low: float, high: float, unit: Unit) -> list[Decimal]:
    """Round numbers; of a share never beyond its whole."""
    return [t for t in round_ticks(low, high) if unit is not Unit.PCT or abs(t) <= 100]


def _amount(value: Decimal, unit: Unit, style: HouseStyle, *, whole: bool, signed: bool) -> str:
    """A number at an axis, in the house's spelling; of dollars all have cents, or none has."""
    sign = "-" if signed and value < 0 else ""
    if unit is Unit.PCT:
        return sign + numbers.percent(value, style)
    if unit is not Unit.USD:
        return sign + numbers.coins(value, style)
    if abs(value) >= _MILLION:
        return sign + numbers.money(value, style, 4)
    return sign + (numbers.level(value, style) if whole or abs(value) < 1 else numbers.price(value, style))


def _render(pen: Pen, name: str, frame: _Frame, ends: Sequence[tuple[str, float]], **drawn: object) -> str:
    places = apart([y for _, y in ends], _LABEL_GAP, frame.top, frame.bottom)
    told = [(text, y) for (text, _), y in zip(ends, places, strict=True)]
    ticks = [(y, text, all(abs(y - other) >= _LABEL_GAP * 0.85 for _, other in told)) for y, text in frame.ticks]
    return _drawn(
        pen, name, width=WIDTH, height=HEIGHT, frame=frame, title=frame.title, source=frame.source, alt=pen.alt, ticks=ticks, ends=told,
        margin=MARGIN, **drawn,
    )  # fmt: skip


def _drawn(pen: Pen, name: str, **drawn: object) -> str:
    """A template's text. Its `render` would tell a fault in a traceback without the template, see faults.py."""
    template = pen.drawings.get_template(name)
    return "".join(template.root_render_func(template.new_context(drawn)))


def _distinct(marks: Sequence[tuple[float, str]], y: Axis) -> list[tuple[float, str]]:
    """The marks whose words would not stand upon another's."""
    kept: list[tuple[float, str]] = []
    for value, text in marks:
        if all(abs(y.at(value) - y.at(other)) >= _LABEL_GAP for other, _ in kept):
            kept.append((value, text))
    return kept


def _mark(value: float, text: str, parts: Sequence[Sequence[tuple[float, float]]], frame: _Frame) -> tuple[float, str, float, float, str]:
    """A level across the plot with its words where the line leaves the most room: (y, words, x, y of the words, anchor)."""
    y, wide = frame.y.at(value), width(text, _SMALL, BOLD) + 8
    spots = []
    for up in (True, False):
        middle = y - 11 if up else y + 12
        if not frame.top + 4 <= middle <= frame.bottom - 4:
            continue
        for x, anchor in ((frame.left + 2, "start"), ((frame.left + frame.right) / 2, "middle"), (frame.right - 8, "end")):
            first = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
            near = [abs(py - middle) for part in parts for px, py in part if first - 6 <= px <= first + wide + 6]
            spots.append((min(min(near, default=40.0), 40.0), up, x, middle + 5, anchor))
    if not spots:
        return y, text, frame.left + 2, y - 6, "start"
    _, _, x, base, anchor = max(spots, key=lambda s: (s[0], s[1]))
    return y, text, x, base, anchor


def _span(span: tuple[int, int, str] | None, x: Axis, frame: _Frame) -> tuple[float, float, str, float, str] | None:
    """A stretch of time behind the line, its words above it: (left, width, words, x, anchor)."""
    if span is None or span[1] <= x.low or span[0] >= x.high:
        return None
    left, right = (min(max(x.at(moment), frame.left), frame.right) for moment in span[:2])
    half, middle = width(span[2], _SMALL, BOLD) / 2, (left + right) / 2
    if middle + half > frame.right:
        return left, right - left, span[2], frame.right, "end"
    return left, right - left, span[2], max(middle, MARGIN + half), "middle"


def _day_labels(pen: Pen, start: int, end: int, x: Axis, frame: _Frame) -> list[tuple[float, str]]:
    dates = pen.style.dates
    for most in (6, 5, 4, 3, 2):
        ticks = day_ticks(start, end, dates.zone, most)
        found = [(x.at(t.at), _month(t.day, pen.style) if t.monthly else _day(t.day, pen.style)) for t in ticks]
        placed = _within(found, frame)
        if all(b[0] - a[0] >= (width(a[1], _TICK) + width(b[1], _TICK)) / 2 + 10 for a, b in pairwise(placed)):
            return placed
    return []


def _within(labels: Sequence[tuple[float, str]], frame: _Frame) -> list[tuple[float, str]]:
    """Labels that stand under their ticks, and move in where the page ends."""
    placed = []
    for x, text in labels:
        half = width(text, _TICK) / 2
        placed.append((min(max(x, MARGIN + half), WIDTH - MARGIN - half), text))
    return placed


def _day(day: date, style: HouseStyle) -> str:
    return style.dates.day.format(month=style.dates.months_with_day[day.month - 1], day=day.day)


def _month(day: date, style: HouseStyle) -> str:
    """The month; of a January the year, which begins there."""
    return str(day.year) if day.month == 1 else style.dates.months_with_day[day.month - 1]


def _slot_labels(pen: Pen, slots: Sequence[date], slot: float, frame: _Frame) -> list[tuple[float, str]]:
    """Days under the bars, counted back from the last one."""
    texts = [_day(d, pen.style) for d in slots]
    every = max(1, -(-int(max(width(t, _TICK) for t in texts) + 16) // max(int(slot), 1)), -(-len(slots) // 5))
    chosen = range(len(slots) - 1, -1, -every)
    placed = _within([(frame.left + (i + 0.5) * slot, texts[i]) for i in chosen], frame)
    kept: list[tuple[float, str]] = []
    for x, text in placed:
        if not kept or kept[-1][0] - x >= (width(kept[-1][1], _TICK) + width(text, _TICK)) / 2 + 8:
            kept.append((x, text))
    return kept


def _bar(frame: _Frame, slot: float, i: int, amount: float, pale: bool) -> tuple[float, float, float, float, str, bool]:
    """A bar: x, y, width, height, side, pale."""
    wide = max(min(slot * 0.72, 46.0), 0.8)
    zero, end = frame.y.at(0), frame.y.at(amount)
    return (frame.left + (i + 0.5) * slot - wide / 2, min(zero, end), wide, max(abs(end - zero), 0.6), "up" if amount > 0 else "down", pale)


def _legend(entries: Sequence[tuple[str, str]], frame: _Frame) -> list[tuple[float, str, str]]:
    """The words of the colours in a row, as far as there is room: (x, words, side)."""
    found, x = [], MARGIN
    for text, side in entries:
        wide = (18 if side else 0) + width(text, _SMALL) + 16
        if text and x + wide - 16 <= WIDTH - MARGIN:
            found.append((x, text, side))
            x += wide
    return found
