"""Charts of an article: which belong to its story, and what each draws and says; in: an article and its wording, out: `story.Chart`s.

Which chart belongs to which story stands in templates/charts/charts.toml, the words in <locale>.j2 beside it. A chart whose series is
absent or thin, or whose words cannot be said, is none. Draws nothing itself (drawing.py), and prints no number.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsgen.errors import ConfigError
from newsgen.market import Absent, Book, Figure, SeriesKey, from_epoch, to_epoch
from newsgen.story import Article, Chart, Message, Pitch
from newsgen.write.article import Beside, beside, table_of
from newsgen.write.drawing import Bars, Line, Pen, draw_bars, draw_line, draw_table, drawing_environment
from newsgen.write.render import Rendered, Wording
from newsgen.write.scale import heights

__all__ = ["ChartBook", "Charts", "Pick", "draw_chart", "load_charts"]

_DAY = 86_400
_BARS_S = {"1h": 3600, "4h": 4 * 3600, "1d": _DAY}
_MOST_POINTS = 400  # of a line: more are no wider than the stroke
_COVERED = 0.6  # of the days that a chart is of must be known


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChartForm(_Part):
    """One chart as charts.toml describes it."""

    kind: Literal["price", "liquidations", "etf_flows", "drawdown", "table"]
    draws: Literal["line", "bars", "table"]
    above: str = ""  # the figure whose past is drawn
    below: str = ""  # one that is drawn the other way from zero
    days: int = 0
    least: int = 2  # points
    fine: bool = False  # the closes of the bars behind a price
    falls: bool = False  # drawn below zero
    sessions: bool = False  # one bar beside the other, whatever days lie between
    run: str = ""  # the figure that counts the bars of the run at the end
    table: str = ""


class Pick(_Part):
    """A chart of a story, with what marks the event on it."""

    chart: str
    otherwise: str = ""  # in its place where it cannot be drawn
    marks: tuple[str, ...] = ()
    span: str = ""


class ChartBook(_Part):
    """The charts that there are, and whose they are."""

    form: Mapping[str, ChartForm] = Field(default_factory=dict)
    mark: Mapping[str, str] = Field(default_factory=dict)  # by its words' block: the figure that it marks
    span: Mapping[str, str] = Field(default_factory=dict)
    family: Mapping[str, tuple[Pick, ...]] = Field(default_factory=dict)
    angle: Mapping[str, tuple[Pick, ...]] = Field(default_factory=dict)

    def of(self, lead: Pitch) -> tuple[Pick, ...]:
        """The charts of a story, first to last."""
        return self.angle.get(lead.angle, self.family.get(lead.family, ()))


@dataclass(frozen=True, slots=True)
class Charts:
    """What charts there are, and the templates that draw them."""

    book: ChartBook
    drawings: Environment


def load_charts(roots: Sequence[Path]) -> Charts:
    """The first charts.toml of the template roots, and the drawings; without that file there are no charts.

    Raises:
        ConfigError: It is wrong, or names a chart, mark or span that it does not have.
    """
    path = next((p for root in roots if (p := root / "charts" / "charts.toml").is_file()), None)
    return Charts(ChartBook() if path is None else _load(path), drawing_environment(*roots))


def _load(path: Path) -> ChartBook:
    try:
        book = ChartBook.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"charts/{path.name}: {error}") from error
    for pick in (p for picks in (*book.family.values(), *book.angle.values()) for p in picks):
        unknown = [chart for chart in (pick.chart, pick.otherwise or pick.chart) if chart not in book.form] + [
            m for m in pick.marks if m not in book.mark
        ]
        unknown += [pick.span] * (bool(pick.span) and pick.span not in book.span)
        if unknown:
            raise ConfigError(f"charts/{path.name}: names {unknown[0]}, which it does not have")
    return book


def draw_chart(article: Article, wording: Wording, charts: Charts, pick: Pick) -> tuple[Article, Chart] | None:
    """One chart of a story, with the article that has the figures of its words too; None where neither it nor its substitute can be drawn.

    Args:
        article: What was written from this wording's book: its figures keep their numbers.
    """
    tried = (_Maker(article, wording, charts, pick, name).made() for name in (pick.chart, pick.otherwise) if name)
    return next((made for made in tried if made is not None), None)


Points = Sequence[tuple[int, float]]  # epoch seconds and value, oldest first


@dataclass(frozen=True, slots=True)
class _Words:
    """The texts of a chart; "" where there is none."""

    title: str
    source: str
    alt: str
    labels: Mapping[str, str]


class _Maker:
    """Makes one chart of one article."""

    def __init__(self, article: Article, wording: Wording, charts: Charts, pick: Pick, name: str) -> None:
        self.article, self.wording, self.charts, self.pick, self.name = article, wording, charts.book, pick, name
        self.lead = lead = next(p for p in article.pitches if p.role == "lead")
        self.drawings = charts.drawings
        self.book: Book = wording.book
        self.form = charts.book.form[name]
        self.assets = self.book.view.assets
        self.zone = ZoneInfo(wording.words.style.dates.zone)
        self.asset = lead.subject if lead.subject in self.assets else self.assets[0]
        self.columns: set[SeriesKey] = set()  # whose rows are drawn

    def made(self) -> tuple[Article, Chart] | None:
        if self.form.draws == "table":
            return self._table()
        subject = self._subject()
        if subject is None:
            return None
        return self._line(subject) if self.form.draws == "line" else self._bars(subject)

    def _subject(self) -> str | None:
        """Whose figure is drawn: the lead's own subject, the asset of the story, or the market, whichever has it."""
        for subject in dict.fromkeys((self.lead.subject, self.asset, "market")):
            if isinstance(self.book.get(self.form.above, subject), Figure):
                return subject
        return None

    def _line(self, subject: str) -> tuple[Article, Chart] | None:
        last = self.book.get(self.form.above, subject)
        points = self._points(last, subject, self.form.above) if isinstance(last, Figure) else []
        if not isinstance(last, Figure) or not self._is_enough(points):
            return None
        if self.form.falls:
            points = [(at, -value) for at, value in points]
        marks = {name: f for name in self.pick.marks if isinstance(f := self.book.get(self.charts.mark[name], subject), Figure)}
        span = self.book.get(self.charts.span[self.pick.span], subject) if self.pick.span else Absent("")
        held = isinstance(span, Figure) and span.window_start is not None and span.window_end is not None
        said = self._said(subject, [*marks, *([self.pick.span] if held else [])])
        if said is None:
            return None
        article, words = said
        drawn = Line(
            points, self.form.falls, last.unit, [(float(f.number), words.labels[n]) for n, f in marks.items() if words.labels.get(n)],
            (to_epoch(span.window_start), to_epoch(span.window_end), words.labels.get(self.pick.span, ""))
            if isinstance(span, Figure) and span.window_start and span.window_end else None,
            words.labels.get("last_above") or words.labels.get("price_last", ""),
        )  # fmt: skip
        return article, self._chart(words, draw_line(self._pen(words), drawn), heights([v for _, v in points]))

    def _bars(self, subject: str) -> tuple[Article, Chart] | None:
        above, below = self.book.get(self.form.above, subject), self.book.get(self.form.below, subject) if self.form.below else None
        if not isinstance(above, Figure) or isinstance(below, Absent):
            return None
        points = self._points(above, subject, self.form.above)
        others = self._points(below, subject, self.form.below) if below is not None else []
        said = self._said(subject, []) if self._is_enough(points) else None
        if said is None:
            return None
        article, words = said
        run = self.book.get(self.form.run, subject) if self.form.run else Absent("")
        days = [self._day(at) for at, _ in points]
        other = {self._day(at): value for at, value in others}
        values = {day: (value, other.get(day, 0.0)) for day, (_, value) in zip(days, points, strict=True)}
        slots = days if self.form.sessions else _each_day(days[0], days[-1])
        marked = abs(int(run.number)) if isinstance(run, Figure) and words.labels.get("run") else 0
        drawn = Bars(slots, [values.get(day) for day in slots], below is not None, above.unit, marked, words.labels)
        return article, self._chart(words, draw_bars(self._pen(words), drawn))

    def _day(self, end: int) -> date:
        """The day of a bar: of a session its date in New York, which is that in UTC too; of 24 hours that on which they end for readers."""
        return from_epoch(end).date() if self.form.sessions else datetime.fromtimestamp(end - 1, self.zone).date()

    def _table(self) -> tuple[Article, Chart] | None:
        """The table as a picture, where the article does not carry it as a table."""
        if self.article.tables:
            return None
        made = table_of(self.article, self.form.table, self.assets, self.wording)
        said = beside(made[0], self.wording, [self._message(self.asset, "table_source")]) if made is not None else None
        if made is None or said is None:
            return None
        table = made[1]
        rows = [[str(cell["text"]) for cell in row] for row in table["rows"]]
        heads = [str(head) for head in table["columns"]]
        alt = "; ".join(f"{row[0]}: " + ", ".join(f"{head} {cell}" for head, cell in zip(heads[1:], row[1:], strict=True)) for row in rows)
        words = _Words(str(table["title"]), said.texts[0].text, f"{table['title']}. {alt}.", {})
        return said.article, self._chart(words, draw_table(self._pen(words), heads, rows))

    def _points(self, last: Figure, subject: str, name: str) -> list[tuple[int, float]]:
        """The past of a figure and its present, within the days of the chart."""
        self.columns |= last.columns()
        end = to_epoch(last.observed_at)
        start = end - self.form.days * _DAY
        past = self._closes(subject, start) if self.form.fine else self._trail(name, subject)
        found = [(at, value) for at, value in past if start <= at < end]
        return [*found, (end, float(last.number))]

    def _trail(self, name: str, subject: str) -> Iterable[tuple[int, float]]:
        trail = self.book.trail(name, subject)
        return [] if isinstance(trail, Absent) else zip(trail.at, trail.values, strict=True)

    def _closes(self, asset: str, start: int) -> Iterable[tuple[int, float]]:
        """The closes of the finest bars that reach back to the start and are not too many; else of those that reach furthest."""
        view = self.book.view
        source = view.source_of("spot.close", asset)
        runs = [r for r in view.runs("spot.close", asset) if r.key.source == source and r.key.window in _BARS_S]
        runs.sort(key=lambda r: _BARS_S[r.key.window])
        fit = [r for r in runs if r.at(0) <= start + _BARS_S[r.key.window] and len(r) - 1 - r.index_at(start) <= _MOST_POINTS]
        run = fit[0] if fit else min(runs, key=lambda r: max(r.at(0), start), default=None)
        if run is None:
            return []
        first = max(run.index_at(start - 1), 0)
        self.columns.add(run.key)
        return [(run.at(i), float(run.decimal(i))) for i in range(first, len(run))]

    def _is_enough(self, points: Points) -> bool:
        if len(points) < self.form.least or not any(value for _, value in points):
            return False
        return points[-1][0] - points[0][0] >= _COVERED * self.form.days * _DAY or self.form.draws == "bars"

    def _message(self, subject: str, block: str) -> Message:
        return Message("chart", "charts", block, subject, self.lead.angle)

    def _said(self, subject: str, extra: Sequence[str]) -> tuple[Article, _Words] | None:
        """The words of the chart; None where its title, source or alternative text cannot be said."""
        name = self.name
        needed = [self._message(subject, f"{name}_{part}") for part in ("title", "source", "alt")]
        parts = {part: f"{name}_{part}" for part in ("above", "below", "run", "last_above", "last_below")}
        labels = {
            key: self._message(subject, block) for key, block in {**parts, **{e: e for e in extra}, "price_last": "price_last"}.items()
        }
        shown = {key: m for key, m in labels.items() if self._can_say(m) and (key != "price_last" or self.form.kind == "price")}
        said: Beside | None = beside(self.article, self.wording, [*needed, *shown.values()])
        if said is None:
            return None
        title, source, alt, *rest = (text.text for text in said.texts)
        return said.article, _Words(title, source, alt, dict(zip(shown, rest, strict=True)))

    def _can_say(self, message: Message) -> bool:
        return self.wording.has_block(message.template, message.block) and isinstance(self.wording.say(message), Rendered)

    def _pen(self, words: _Words) -> Pen:
        return Pen(self.drawings, self.wording.words.style, self.article.as_of, words.title, words.source, words.alt)

    def _chart(self, words: _Words, drawn: tuple[str, int, int], line: tuple[int, ...] = ()) -> Chart:
        svg, width, height = drawn
        shown = line if self.form.kind == "price" else ()
        return Chart(self.form.kind, words.title, words.source, words.alt, svg, width, height, shown, tuple(sorted(self.columns)))


def _each_day(first: date, last: date) -> list[date]:
    return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
