"""The printer: the filters of templates; in: a value and the words of a language and a house, out: text, with each figure's mark.

Each number passes through exactly one of these filters and so into the ledger. Does not choose what is said and does not render
messages (render.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal

from newsgen.errors import UnknownFigure
from newsgen.market import Book, Figure, Unit
from newsgen.write import numbers
from newsgen.write.credit import credit
from newsgen.write.ledger import Ledger
from newsgen.write.lexicon import Lexicon, verb
from newsgen.write.refer import MENTION, mention
from newsgen.write.scope import Missing, SubjectScope
from newsgen.write.style import HouseStyle
from newsgen.write.vary import Choices, FigureAbsent

__all__ = ["FILTERS", "MARKED", "NO_CHANGE_PCT", "PRINTS", "Printer", "figure_of", "inside"]

MARKED = re.compile("\ue000(\\d+)\ue001")  # the beginning of a figure's mark, see ledger.py
NO_CHANGE_PCT = Decimal("0.05")

PRINTS = (  # what prints a figure, and of one figure always the same
    "money", "price", "level", "pct", "points", "count", "ordinal", "coins", "coins_about", "ratio", "released", "index", "near", "past",
    "when", "day", "day_month", "month", "times", "text", "archive", "began", "round_price", "signed", "stamp",
)  # fmt: skip
FILTERS = (
    *PRINTS, "name", "named", "names", "verb", "direction", "window", "over", "according", "show", "per", "source", "label", "bar",
    "venue", "venues", "exchange", "venue_assets", "term", "taken_up",
)  # fmt: skip


def figure_of(value: object) -> Figure:
    if isinstance(value, Missing):
        raise FigureAbsent(f"{value.name} is absent: {value.reason}")
    if not isinstance(value, Figure):
        raise TypeError(f"this filter prints a figure, not {type(value).__name__}")
    return value


class Printer:
    """The filters of one article: each formats a figure, marks it in the ledger and returns the text."""

    def __init__(self, lexicon: Lexicon, style: HouseStyle, ledger: Ledger, book: Book) -> None:
        self.lexicon, self.style, self.ledger, self.book = lexicon, style, ledger, book
        self.as_of = book.view.as_of
        self.choices = Choices(0, "")  # of the message in hand
        self.headline = False
        self._printed: dict[tuple[object, ...], str] = {}

    def once(self, name: str, value: object, *args: object, **kwargs: object) -> str:
        """What a filter of PRINTS makes of a figure; made once, however many wordings print it."""
        key = (name, id(value), self.headline, *args, *kwargs.items())  # figures stay as long as the ledger does, and so do their ids
        text = self._printed.get(key)
        if text is None:
            text = str(getattr(self, name)(value, *args, **kwargs))
            if isinstance(value, Figure):
                self._printed[key] = text
        return text

    def _print(self, figure: Figure, text: str) -> str:
        return self.ledger.mark(figure, text)

    def _hedged(self, figure: Figure, text: str) -> str:
        """At least, before a lower bound; the words stand outside the span."""
        printed = self._print(figure, text)
        return f"{self.style.approximators['at_least']} {printed}" if figure.bound == "at_least" else printed

    def money(self, value: object, digits: int | None = None) -> str:
        figure = figure_of(value)
        return self._hedged(figure, numbers.money(figure.number, self.style, digits))

    def price(self, value: object) -> str:
        figure = figure_of(value)
        return self._print(figure, numbers.price(figure.number, self.style))

    def level(self, value: object) -> str:
        figure = figure_of(value)
        return self._print(figure, numbers.level(figure.number, self.style))

    def pct(self, value: object) -> str:
        """A percentage; a change that would print as 0% is nothing to tell."""
        figure = figure_of(value)
        if ".change_" in figure.name and abs(figure.number) <= NO_CHANGE_PCT:
            raise FigureAbsent(f"{figure.name} is as good as none")
        return self._print(figure, numbers.percent(figure.number, self.style, of_whole="change" not in figure.name))

    def signed(self, value: object) -> str:
        """A percentage with its sign, for tables."""
        figure = figure_of(value)
        sign = "+" if figure.number > 0 else "-" if figure.number < 0 else ""
        return self._print(figure, sign + numbers.percent(figure.number, self.style))

    def points(self, value: object) -> str:
        figure = figure_of(value)
        return self._print(figure, numbers.times(figure.number, self.style))

    def count(self, value: object) -> str:
        figure = figure_of(value)
        return self._hedged(figure, numbers.count(figure.number, self.style, figures=self.headline))

    def ordinal(self, value: object) -> str:
        figure = figure_of(value)
        return self._print(figure, numbers.ordinal(figure.number, self.style, figures=self.headline))

    def coins(self, value: object) -> str:
        figure = figure_of(value)
        return self._print(figure, numbers.coins(figure.number, self.style))

    def ratio(self, value: object) -> str:
        """A ratio or a correlation, two decimals; without its sign, as all amounts."""
        figure = figure_of(value)
        return self._print(figure, numbers.coins(figure.number, self.style))

    def coins_about(self, value: object) -> str:
        """A large number of coins, as amounts of money are told: about 719,000, about 15 million."""
        figure = figure_of(value)
        text = numbers.money(figure.number, self.style).removeprefix(self.style.money.symbol)
        return f"{self.style.approximators['about']} {self._print(figure, text)}"

    def released(self, value: object) -> str:
        """A number of a release as its source gives it: exact, without its sign."""
        figure = figure_of(value)
        return self._print(figure, numbers.released(figure.number, figure.unit, self.style))

    def index(self, value: object) -> str:
        figure = figure_of(value)
        return self._print(figure, numbers.index_points(figure.number, self.style))

    def times(self, value: object) -> str:
        figure = figure_of(value)
        return self._print(figure, numbers.times(figure.number, self.style))

    def near(self, value: object, digits: int = 3) -> str:
        """A round amount with the approximator that is true of it."""
        figure = figure_of(value)
        key, rounded = numbers.hedge(figure.number, digits, figure.bound)
        text = self._round(figure, rounded)
        return f"{self.style.approximators[key]} {text}" if key else text

    def past(self, value: object, digits: int = 1) -> str:
        """The round amount that the value has passed, without approximator: "passed $1 billion"."""
        figure = figure_of(value)
        return self._round(figure, numbers.round_significant(abs(figure.number), digits, ROUND_FLOOR))

    def _round(self, figure: Figure, rounded: Decimal) -> str:
        if figure.unit is Unit.USD:
            big = abs(rounded) >= 1_000_000
            return self._print(figure, (numbers.money if big else numbers.price)(rounded, self.style))
        if figure.unit is Unit.PCT:
            return self._print(figure, numbers.percent(rounded, self.style))
        return self._print(figure, numbers.count(rounded, self.style, figures=self.headline))

    def when(self, value: object) -> str:
        figure = figure_of(value)
        if not isinstance(figure.value, datetime):
            raise TypeError(f"{figure.name} is no moment")
        return self._print(figure, numbers.clock(figure.value, self.style))

    def stamp(self, value: object) -> str:
        """A moment with its day and year, for pictures, which travel alone."""
        figure = figure_of(value)
        if not isinstance(figure.value, datetime):
            raise TypeError(f"{figure.name} is no moment")
        return self._print(figure, numbers.stamp(figure.value, self.style))

    def _date(self, value: object) -> tuple[Figure, date]:
        figure = figure_of(value)
        if isinstance(figure.value, datetime):
            return figure, figure.value.date()
        if not isinstance(figure.value, date):
            raise FigureAbsent(f"{figure.name} has no date")
        return figure, figure.value

    def day(self, value: object) -> str:
        figure, moment = self._date(value)
        return self._print(figure, numbers.day(moment, self.as_of, self.style))

    def day_month(self, value: object) -> str:
        figure, moment = self._date(value)
        return self._print(figure, numbers.day_month(moment, self.as_of, self.style))

    def month(self, value: object) -> str:
        figure, moment = self._date(value)
        return self._print(figure, numbers.month(moment, self.style))

    def name(self, value: object) -> str:
        if isinstance(value, str) and value not in self.lexicon.assets:
            raise UnknownFigure(f"a template names {value!r}, which is no asset of the lexicon")
        return mention(value if isinstance(value, str) else _key(value), "name")

    def named(self, value: object) -> str:
        """The other name: the largest cryptocurrency."""
        return mention(_key(value), "alternative")

    def term(self, value: object) -> str:
        """A word of the trade: `{{ "etfs"|term }}`, spelled out where it first stands."""
        if value not in self.lexicon.terms:
            raise UnknownFigure(f"a template names the term {value!r}, which the lexicon does not have")
        return mention(str(value), "name")

    def names(self, value: object) -> str:
        """The possessive."""
        return mention(_key(value), "possessive")

    def archive(self, value: object) -> str:
        """The year from which the archive of a figure runs."""
        figure = figure_of(value)
        if figure.archive_start is None:
            raise FigureAbsent(f"{figure.name} states no start of its archive")
        return self._print(figure, str(figure.archive_start.year))

    def began(self, value: object) -> str:
        """The day from which the archive of a figure runs."""
        figure = figure_of(value)
        if figure.archive_start is None:
            raise FigureAbsent(f"{figure.name} states no start of its archive")
        return self._print(figure, numbers.day_month(figure.archive_start, self.as_of, self.style))

    def round_price(self, value: object) -> str:
        """A price to three significant figures, for "near"."""
        figure = figure_of(value)
        return self._print(figure, numbers.price(numbers.round_significant(figure.number, 3), self.style))

    def verb(self, value: object, tense: str = "past") -> str:
        """A verb for the size of a 24-hour change, against the usual day of that asset."""
        figure = figure_of(value)
        z = self.book.get("price.zscore_24h", figure.subject) if figure.window in ("24h", "day") else None
        found = verb(self.lexicon, figure.number, z.number if isinstance(z, Figure) else None, tense)
        return self._pick(f"verb:{figure.name}:{figure.subject}:{tense}", found)

    def direction(self, value: object, pair: str) -> str:
        """One of two words by the sign: `{{ price.change_7d|direction("up_down") }}`."""
        return self.lexicon.directions[pair][figure_of(value).number < 0]

    def window(self, value: object) -> str:
        """The window of a figure: "24 hours"."""
        return self.lexicon.windows[figure_of(value).window]

    def over(self, value: object) -> str:
        """The window of a change, with its preposition: "in the past 24 hours", "over seven days"."""
        window = figure_of(value).window
        return self._pick(f"over:{window}", self.lexicon.over[window])

    def according(self, value: object) -> str:
        return self._attribute(figure_of(value), "according")

    def per(self, value: object) -> str:
        """The attribution at the beginning of a sentence: "According to Farside Investors data, ..."."""
        return self._attribute(figure_of(value), "per")

    def show(self, value: object) -> str:
        return self._attribute(figure_of(value), "show")

    def source(self, value: object) -> str:
        return figure_of(value).source

    def _attribute(self, figure: Figure, kind: str) -> str:
        forms = self.lexicon.attribution
        own = len(figure.label.split(",")) > 1 and figure.source == ", ".join(
            self.lexicon.venues.get(v, "") for v in figure.label.split(",")
        )
        plain = figure.source.startswith(forms.plain_prefixes)
        found: tuple[str, ...] = getattr(forms, f"own_{kind}" if own else f"plain_{kind}" if plain else kind)
        return credit(figure.source, self._pick(f"{kind}:{figure.source}", found).format(source=figure.source))

    def label(self, value: object) -> str:
        """The word that belongs to a figure: an asset or a fund by its name, one that has none by its ticker, a class by its own."""
        figure = figure_of(value)
        if figure.name.startswith("etf.") and figure.label in self.lexicon.funds:
            return self.lexicon.funds[figure.label]
        if figure.label in self.lexicon.assets:
            return mention(figure.label, "name")
        words = self.lexicon.subjects.get(figure.label)
        return words.name if words else figure.label

    def bar(self, value: object) -> str:
        return self.lexicon.bars[figure_of(value).label]

    def venue(self, value: object) -> str:
        figure = figure_of(value)
        if figure.scope not in self.lexicon.venues:
            raise FigureAbsent(f"{figure.name} is of {figure.scope or 'no venue'}, which the lexicon does not name")
        return self.lexicon.venues[figure.scope]

    def venues(self, value: object) -> str:
        """The venues that a lower bound is of: those that its label lists."""
        figure = figure_of(value)
        keys = figure.label.split(",") if figure.scope == "venues" else []
        if not keys or not all(key in self.lexicon.venues for key in keys):
            raise FigureAbsent(f"{figure.name} is of {figure.label or figure.scope or 'no venue'}, which the lexicon does not name")
        return self._listed([self.lexicon.venues[key] for key in keys])

    def _listed(self, names: Sequence[str]) -> str:
        return f"{', '.join(names[:-1])} {self.lexicon.join_and} {names[-1]}" if len(names) > 1 else "".join(names)

    def exchange(self, value: object) -> str:
        """Where a price was made: the venue that the figure's source names first ("Binance spot")."""
        name = figure_of(value).source.partition(",")[0].removesuffix(" spot")
        return self.lexicon.venues.get(name.lower(), name)

    def venue_assets(self, value: object) -> str:
        """The assets that a venue's sum covers, in words."""
        return self._listed([mention(a, "name") for a in figure_of(value).label.split(",") if a])

    def text(self, value: object) -> str:
        """A word that is itself the figure (a zone of an index), as the source sends it, in lower case."""
        figure = figure_of(value)
        return self._print(figure, str(figure.value or figure.label).lower())

    def taken_up(self, text: str, before: str) -> str:
        """A clause after another: a subject that both speak of alone is not named again, and a figure that both print is too much."""
        self._refuse_repetition(text, before)
        one, again, lexicon = MENTION.match(before), MENTION.match(text), self.lexicon
        named = {mark[1] for mark in MENTION.finditer(before + text)}
        if not one or not again or len(named) > 1 or again[2] != "name" or not lexicon.pronoun:
            return inside(text, lexicon.openers)
        rest = text[again.end() :].lstrip()
        word = rest.partition(" ")[0]
        if word in lexicon.predicates:
            return rest
        return f"{lexicon.pronoun} {rest}" if word in lexicon.verbs_after_name else text

    def _refuse_repetition(self, text: str, before: str) -> None:
        """Two figures of one subject and number are to a reader the same, whatever their names."""
        told, again = ({self._told(i) for i in MARKED.findall(one)} for one in (before, text))
        if told & again:
            raise FigureAbsent("the clause says what the one before it has said")

    def _told(self, mark: str) -> tuple[str, Unit, object]:
        figure = self.ledger.figures[int(mark)]
        return figure.subject, figure.unit, figure.value

    def one_of(self, *options: str) -> str:
        """One of several wordings."""
        return self._pick(f"one_of:{options[0]}", options)

    def _pick(self, place: str, options: tuple[str, ...]) -> str:
        taken = self.choices.first(place, len(options))
        self.choices.took(place, taken, len(options))
        return options[taken]


def _key(value: object) -> str:
    if isinstance(value, SubjectScope):
        return value.key
    if isinstance(value, Figure):
        return value.subject
    if isinstance(value, Missing):
        raise FigureAbsent(f"{value.name} is absent: {value.reason}")
    raise TypeError("|name prints a subject or the subject of a figure")


def inside(text: str, openers: frozenset[str]) -> str:
    """A sentence's beginning as it stands inside another: small, where its first word is no name."""
    first = text.partition(" ")[0]
    return text[:1].lower() + text[1:] if first in openers else text
