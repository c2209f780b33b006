"""The pages of a site that list its stories, and its maps for search engines; in: the entries of all stories, out: files as text.

Each is made from the entries alone: no text of an article is read for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from newsgen.discover import templates_root
from newsgen.publish._entry import Entry, Quote, newest_first
from newsgen.publish._glossary import Coin, glossary_of, topic_of
from newsgen.publish._json_ld import coin_json_ld, site_json_ld
from newsgen.publish._pages import SiteInfo, Ways, in_path, page_environment

__all__ = ["lists_of"]

_FRONT, _SHOWN, _TOPICS, _PRICES = 24, 40, 8, 10
_NEWS_DAYS, _NEWS_MOST = timedelta(days=2), 1000


@dataclass(frozen=True, slots=True)
class _Row:
    """The newest price of an asset, and the story that printed it."""

    quote: Quote
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Topic:
    """An angle with what readers call it."""

    angle: str
    title: str


def lists_of(entries: Sequence[Entry], touched: Sequence[Entry], site: SiteInfo) -> dict[str, str]:
    """The list pages that may look otherwise when some stories have changed, by path: text."""
    seen = _Seen.of(entries, site)
    files = {"index.html": seen.front(), "archive/index.html": seen.archive(), "404.html": seen.missing(),
             "glossary/index.html": seen.glossary_index(), "sitemap.xml": seen.sitemap(), "sitemap-news.xml": seen.news()}  # fmt: skip
    files |= {f"glossary/{s.lower()}/index.html": seen.coin(c) for s, c in seen.glossary.items()}
    files |= {f"archive/{m}/index.html": seen.month(m) for m in sorted({e.month for e in touched})}
    files |= {f"angles/{a}/index.html": seen.angle(a) for a in sorted({e.angle for e in touched if in_path(e.angle)})}
    wrong = any(e.withdrawn or e.corrections for e in touched)  # the page of every asset has the prices of all: none keeps a wrong one
    symbols = {s for e in (entries if wrong else touched) for s in e.tickers if in_path(s)}
    return files | {f"assets/{s.lower()}/index.html": seen.asset(s) for s in sorted(symbols)}


@dataclass(frozen=True, slots=True)
class _Seen:
    """The stories that stand, newest first, and what several pages show of them."""

    site: SiteInfo
    entries: Sequence[Entry]
    board: Sequence[_Row]
    topics: Sequence[_Topic]  # the angles told, newest first
    symbols: Sequence[str]  # the assets, those told of most before the others
    glossary: Mapping[str, Coin]

    @classmethod
    def of(cls, entries: Sequence[Entry], site: SiteInfo) -> _Seen:
        standing, root = newest_first(entries), templates_root()
        topics = [_Topic(a, topic_of(root, a)) for a in dict.fromkeys(e.angle for e in standing) if in_path(a)]
        counts = Counter([s for e in standing for s in e.tickers])
        symbols = sorted((s for s in counts if in_path(s)), key=lambda s: (-counts[s], s))
        return cls(site, standing, _board(standing), topics, symbols, glossary_of(root))

    def page(self, template: str, depth: int, **values: Any) -> str:
        way = values.pop("way", None) or Ways.of(self.site, depth)
        found = page_environment(templates_root()).get_template(template)
        return found.render(site=self.site, way=way, glossary=self.glossary, board=self.board, **values)

    def front(self) -> str:
        return self.page("index.html", 0, entries=self.entries[:_FRONT], topics=self.topics[:_TOPICS], json_ld=site_json_ld(self.site))

    def archive(self) -> str:
        months = sorted(Counter(e.month for e in self.entries).items(), reverse=True)
        return self.page("archive.html", 1, path="archive/", months=months, symbols=self.symbols, topics=self.topics)

    def month(self, month: str) -> str:
        of_month = sorted((e for e in self.entries if e.month == month), key=lambda e: (e.first_at, e.id), reverse=True)
        return self.page("stories.html", 2, path=f"archive/{month}/", entries=of_month, month=month, title="")

    def angle(self, angle: str) -> str:
        found = [e for e in self.entries if e.angle == angle][:_SHOWN]
        title = topic_of(templates_root(), angle)
        return self.page("stories.html", 2, path=f"angles/{angle}/", entries=found, month="", title=title)

    def asset(self, symbol: str) -> str:
        found = [e for e in self.entries if symbol in e.tickers][:_SHOWN]
        path = f"assets/{symbol.lower()}/"
        return self.page("asset.html", 2, path=path, entries=found, symbol=symbol, coin=self.glossary.get(symbol))

    def glossary_index(self) -> str:
        return self.page("glossary.html", 1, path="glossary/")

    def coin(self, coin: Coin) -> str:
        path = f"glossary/{coin.symbol.lower()}/"
        return self.page("coin.html", 2, path=path, coin=coin, told=coin.symbol in self.symbols, json_ld=coin_json_ld(coin, self.site))

    def missing(self) -> str:
        return self.page("404.html", 0, way=Ways.from_anywhere(self.site))

    def sitemap(self) -> str:
        """Every page that search engines may list, with the day of its last change."""
        newest = self.entries[0].changed_at if self.entries else None
        pages: list[tuple[str, datetime | None]] = [("", newest), ("archive/", newest), ("glossary/", None)]
        pages += [(f"glossary/{s.lower()}/", None) for s in self.glossary]
        pages += [(f"assets/{s.lower()}/", None) for s in sorted(self.symbols)]
        pages += [(f"angles/{t.angle}/", None) for t in sorted(self.topics, key=lambda t: t.angle)]
        pages += [(f"articles/{e.slug}/", e.changed_at) for e in self.entries if e.in_maps]
        found = [(self.site.whole_url(path), at) for path, at in pages[:50_000]]
        return page_environment(templates_root()).get_template("sitemap.xml").render(pages=found)

    def news(self) -> str:
        """Google's: the stories of the two days before the last change, by the day of their first version."""
        last = self.entries[0].changed_at if self.entries else None
        found = [e for e in self.entries if last and e.in_maps and last - e.first_at <= _NEWS_DAYS]
        found.sort(key=lambda e: (e.first_at, e.id), reverse=True)
        language = self.site.language.split("-")[0]
        template = page_environment(templates_root()).get_template("sitemap-news.xml")
        return template.render(entries=found[:_NEWS_MOST], site=self.site, language=language)


def _board(entries: Sequence[Entry]) -> list[_Row]:
    """The newest price of each asset."""
    rows: dict[str, _Row] = {}
    for entry in sorted(entries, key=lambda e: (e.as_of, e.id), reverse=True):
        for quote in entry.quotes:
            if quote.price and in_path(quote.symbol):
                rows.setdefault(quote.symbol, _Row(quote, entry))
    return list(rows.values())[:_PRICES]
