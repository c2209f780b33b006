"""Which entities an article mentions, in words or by its figures; in: an article and a desk's disclosures, out: those that are due.

A name that the reader knows ("BTC", "bitcoin") stands for all its names; any other is looked for as it is written. What the foot says
is not looked at: it is made of these. Puts no text anywhere (`pipeline.py` does) and holds nothing (`disclosure_rules.py` does).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from newsgen.check.reader import ReaderWords
from newsgen.market import Figure, Reading, SeriesRef
from newsgen.story import Article, Disclosure

__all__ = ["due_disclosures", "is_carried"]


def due_disclosures(article: Article, disclosures: Iterable[Disclosure], words: ReaderWords) -> tuple[tuple[Disclosure, str], ...]:
    """The disclosures whose entity the article mentions, each with the name or key that was found."""
    wanted = tuple(disclosures)
    if not wanted:
        return ()
    text, keys = "\n".join(_printed(article)), frozenset(_keys(article))
    found = ((d, _mention(d, text, keys, words)) for d in wanted)
    return tuple((d, name) for d, name in found if name)


def is_carried(disclosure: Disclosure, article: Article) -> bool:
    """Whether the article's disclosure holds the text, word for word."""
    return " ".join(disclosure.text.split()) in " ".join(article.disclosure.split())


def _mention(disclosure: Disclosure, text: str, keys: frozenset[str], words: ReaderWords) -> str:
    known, phrases = _names(disclosure, words)
    for phrase in sorted(phrases):
        flags = 0 if phrase != phrase.lower() else re.IGNORECASE  # as the reader reads: with a capital as it is written
        if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, flags):
            return phrase
    return next(iter(sorted(known & keys)), "")


def _names(disclosure: Disclosure, words: ReaderWords) -> tuple[frozenset[str], frozenset[str]]:
    """Keys of figures and readings, in small letters, and phrases of a text."""
    known, phrases = {n.casefold() for n in disclosure.names}, set(disclosure.names)
    for section in (words.assets, words.indices, words.companies, words.funds, words.markets, words.venues):
        for key, aliases in section.items():
            if {n.casefold() for n in (key, *aliases)} & {n.casefold() for n in disclosure.names}:
                known.add(key.casefold())
                phrases.update(aliases)
    return frozenset(known), frozenset(phrases)


def _printed(article: Article) -> Iterator[str]:
    """All that a reader sees above the disclosure: texts, tables, captions, tags and sources."""
    yield from (text.text for _, text in article.texts())
    for table in article.tables:
        yield from (str(table["title"]), *map(str, table["columns"]), *(str(cell["text"]) for row in table["rows"] for cell in row))
    for chart in article.charts:
        yield from (chart.title, chart.source, chart.alt)
    yield from (*article.tickers, *article.tags)
    yield from (f"{source.name} {source.credit}" for source in article.sources)


def _keys(article: Article) -> Iterator[str]:
    """Subjects, venues and sources of the figures and of what they were made from, in small letters."""
    for figure in article.figures.values():
        yield from (part.casefold() for part in (figure.subject, figure.scope, *figure.label.split(",")) if part)
        for item in figure.inputs:
            if not isinstance(item, Figure):
                yield from (part.casefold() for part in _parts(item) if part)
    for reading in article.readings.values():
        yield from (part.casefold() for part in _parts(reading) if part)


def _parts(item: Reading | SeriesRef) -> tuple[str, ...]:
    return item.key.subject, item.key.venue, item.key.source
