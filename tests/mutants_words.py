"""Mutants of the words around the figures: side, asset, direction, window, record, source; in: an article, out: edits that are untrue.

Words of the static background are left alone, since most of them make no claim about the day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from printed import Edit, Printed, edited, printed_figures

from newsgen.story import Article

__all__ = ["WORD_KINDS"]

Pairs = tuple[tuple[str, str], ...]

_SIDES: Pairs = (
    ("shorts", "longs"), ("short", "long"), ("Shorts", "Longs"), ("Bearish", "Bullish"), ("bearish", "bullish"), ("Short", "Long"),
    ("lower prices", "higher prices"), ("lower crypto prices", "higher crypto prices"), ("bets on a fall", "bets on a rise"),
)  # fmt: skip
# the verbs and nouns of movement, in every form, and the words of place and extreme
_DIRECTIONS: Pairs = (
    ("up", "down"), ("rose", "fell"), ("rise", "fall"), ("rises", "falls"), ("gain", "loss"), ("gains", "declines"),
    ("gained", "declined"), ("climbs", "drops"), ("climbed", "dropped"), ("advances", "slides"), ("advanced", "slid"),
    ("jumps", "tumbles"), ("jumped", "tumbled"), ("surges", "plunges"), ("surged", "plunged"), ("edged up", "edged down"),
    ("edges up", "edges down"), ("inched up", "slipped"), ("inches up", "slips"), ("higher", "lower"), ("regains", "loses"),
    ("regained", "lost"), ("tops", "loses"), ("took in", "lost"), ("take in", "lose"), ("taken in", "lost"),
    ("taking in", "losing"), ("added", "shed"), ("inflows", "outflows"), ("inflow", "outflow"), ("went into", "came out of"),
    ("put", "pull"), ("above", "below"), ("Above", "Below"), ("over $", "under $"), ("highest", "lowest"), ("high", "low"),
    ("as high as", "as low as"), ("most expensive", "cheapest"),
)  # fmt: skip
_RANKS: Pairs = (
    ("largest", "smallest"), ("biggest", "smallest"), ("most", "least"), ("larger", "smaller"), ("more than on", "less than on"),
)  # fmt: skip
_WINDOWS: Pairs = (
    ("24 hours", "seven days"), ("24 hours", "30 days"), ("seven days", "30 days"), ("seven days", "24 hours"), ("this year", "this month"),
    ("30 days", "90 days"), ("90 days", "seven days"), ("24-hour", "seven-day"), ("four-hour", "daily"), ("UTC day", "UTC week"),
    ("session", "week"), ("this year", "in 12 months"), ("in a day", "in a week"), ("a week", "a month"), ("quarter", "month"),
)  # fmt: skip
_ASSETS: Pairs = (
    ("bitcoin", "ether"), ("Bitcoin", "Ether"), ("BTC", "ETH"), ("ether", "bitcoin"), ("Ether", "Bitcoin"), ("ETH", "BTC"),
    ("bitcoin", "solana"), ("ether", "XRP"), ("Ether", "Solana"), ("S&P 500", "Nasdaq 100"), ("Strategy", "Metaplanet"),
    ("solana", "dogecoin"), ("XRP", "BNB"), ("dogecoin", "cardano"), ("BNB", "XRP"), ("gold", "S&P 500"),
    ("IBIT", "FBTC"), ("FBTC", "IBIT"), ("GBTC", "IBIT"), ("ETHA", "FETH"), ("ETHE", "ETHA"), ("BlackRock's IBIT", "Fidelity's FBTC"),
)  # fmt: skip
# Where these words stand they are idiom, name or general explanation, and another word changes no claim of the day.
_IDIOMS = (
    "long history", "made up", "makes up", "make up", "add up", "adds up", "set up", "Markets up", "in those", "took part", "has since",
    "high and low", "highs and lows", "highest and lowest", "so long", "as long", "no longer", "lower or higher", "adds up to", "add up to",
    "A short is", "A long is", "low volume", "end up", "up to", "up and down",
    "most exchanges", "most traders", "most of crypto", "at most", "sums it up", "sums up", "held or lost", "put an end", "losing quarter",
    "losing year", "losing month", "losing week",
)  # fmt: skip


def _outside_background(article: Article) -> Iterator[tuple[str, str]]:
    still = {f"paragraphs[{i}]" for i, p in enumerate(article.paragraphs) if p.role == "background"}
    yield from ((where, text.text) for where, text in article.texts() if where not in still)


def _replaced(kind: str, pairs: Pairs, *, both_ways: bool) -> Callable[[Article], Iterator[Edit]]:
    """Each word of a pair in the place of the other."""
    table = [*pairs, *((b, a) for a, b in pairs)] if both_ways else pairs

    def edits(article: Article) -> Iterator[Edit]:
        for where, text in _outside_background(article):
            for old, new in dict.fromkeys(table):
                for match in re.finditer(_whole(old), text):
                    around = text[max(0, match.start() - 12) : match.end() + 12]
                    if not any(idiom in around for idiom in _IDIOMS):
                        yield edited(kind, where, text, match, new)

    edits.__name__ = kind
    return edits


def _whole(words: str) -> str:
    return r"(?<![\w-])" + re.escape(words) + ("" if words[-1] in " $" else r"(?![\w-])")


side = _replaced("side", _SIDES, both_ways=True)
direction = _replaced("direction", _DIRECTIONS, both_ways=True)
rank = _replaced("rank", _RANKS, both_ways=True)
window = _replaced("window", _WINDOWS, both_ways=False)
asset = _replaced("asset", _ASSETS, both_ways=False)


def record(article: Article) -> Iterator[Edit]:
    """A high since a day made one of all time, a first time made a second, a record given to a figure that is none."""
    whole = " ".join(t.text for _, t in article.texts())
    for where, text in _outside_background(article):
        for match in re.finditer(
            r"\b(largest|biggest|highest|lowest|most|smallest)\b([^.;,]{0,40}?) since [A-Z][\w.]+( \d{1,2})?(, \d{4}| \d{4})?", text
        ):
            yield edited("record word", where, text, match, f"{match[1]}{match[2]} ever")
            yield edited("record word", where, text, match, f"{match[1]}{match[2]} on record")
        for match in re.finditer(r"(?<=for the )first(?= time)|(?<=for )first(?= time)", text):
            yield edited("record word", where, text, match, "second")
        for match in re.finditer(r"\bsince (?=[A-Z][a-z]+\.? \d)", text):
            yield edited("record word", where, text, match, "until ")
    if not re.search(r"record|first time|never|ever\b|all-time", whole, re.IGNORECASE):
        yield from (one.edit("record word", f"a record {one.said}", before=_no_article(one)) for one in _tellable(article))


def _tellable(article: Article) -> Iterator[Printed]:
    """Amounts of money before which "a record" can stand."""
    for one in printed_figures(article):
        if one.number and one.said.startswith("$") and re.search(r"\b(of|net|worth|was|at|to|by|put|had|lost|in) $", one.before):
            yield one


def _no_article(one: Printed) -> str:
    return re.sub(r"\ba net $", "", one.before)


_OTHER_SOURCE = {"CoinGlass": "Farside Investors", "Farside Investors": "CoinGlass", "FRED": "CoinGlass", "alternative.me": "CoinGlass",
                 "Deribit": "CoinGlass", "DefiLlama": "CoinGlass", "CoinGecko": "Farside Investors", "AInvest": "CoinGlass",
                 "Nasdaq": "CoinGlass"}  # fmt: skip
_ATTRIBUTED = r"(?:(?<=according to )|(?<=data from )|(?<=index of )|(?<=published by )|(?<=reported by )){0}|{0}(?= data\b)"


def attribution(article: Article) -> Iterator[Edit]:
    """A source given for another's figures: one of the article, one that it does not use, and another venue."""
    for where, text in _outside_background(article):
        for name, other in _OTHER_SOURCE.items():
            for match in re.finditer(_ATTRIBUTED.replace("{0}", re.escape(name)), text):
                yield edited("attribution", where, text, match, other)
                yield edited("attribution", where, text, match, "Glassnode")
        for name, other in (("Binance", "Bybit"), ("Binance", "Coinbase"), ("Deribit", "OKX")):
            for match in re.finditer(rf"\b{name}\b", text):
                yield edited("attribution", where, text, match, other)


_CLOSED = re.compile(r"\b(positions|liquidations|bets|wagers|Liquidations|Positions)\b")
_SIDED = re.compile(r"\b(short|long|bearish|bullish)s? (?:\w+ )?$", re.IGNORECASE)


def total_as_one_side(article: Article) -> Iterator[Edit]:
    """A total of both sides called the liquidation of one."""
    for one in printed_figures(article):
        name = one.figure.name
        if not (name.startswith("liquidations") and ".total" in name and one.said.startswith("$")):
            continue
        for word in ("short", "long"):
            for match in [m for m in _CLOSED.finditer(one.before) if not _SIDED.search(one.before[: m.start()])][-1:]:
                said = f"{word} {match[0]}" if match[0].islower() else f"{word.capitalize()} {match[0].lower()}"
                yield one.edit("total called one side", one.said, before=one.before[: match.start()] + said + one.before[match.end() :])
            following = _CLOSED.search(one.after)
            if following and not _SIDED.search(one.after[: following.start()]) and "$" not in one.after[: following.start()]:
                said = f"{word} {following[0]}"
                yield one.edit(
                    "total called one side", one.said, after=one.after[: following.start()] + said + one.after[following.end() :]
                )
            if re.match(r" liquidated|( were| was)? closed", one.after):
                yield one.edit("total called one side", f"{one.said} of {word}s", after=one.after)


WORD_KINDS = (side, direction, rank, window, asset, record, attribution, total_as_one_side)
