"""Edits of a text, one change each: mutants that make it wrong and rewordings that do not; in: a text, out: (what, text).

The tables are written from the reader's side: what a person could type, not what a template could print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

SIDES = {
    "shorts": "longs", "longs": "shorts", "Shorts": "Longs", "Short positions": "Long positions", "short positions": "long positions",
    "lower prices": "higher prices", "lower price": "higher price", "A short": "A long",
}  # fmt: skip
ASSETS = {
    "Bitcoin": "Ether", "bitcoin": "ether", "BTC": "ETH", "ether": "bitcoin", "Ether": "Bitcoin", "ETH": "BTC",
    "S&P 500": "Nasdaq 100", "Strategy": "Metaplanet",
}  # fmt: skip
OTHER_ASSETS = {"Bitcoin": "Solana", "bitcoin": "solana", "ether": "XRP", "Ether": "Solana", "BTC": "SOL", "ETH": "XRP"}
DIRECTIONS = {
    "up": "down", "climbed": "dropped", "rose": "fell", "above": "below", "below": "above", "took in": "lost", "inflows": "outflows",
    "rises": "falls", "rise": "fall",
}  # fmt: skip
WINDOWS = {
    "24 hours": "seven days", "seven days": "24 hours", "this year": "this month", "session": "week", "UTC day": "UTC week",
    "four-hour": "two-hour",
}  # fmt: skip
OTHER_WINDOWS = {"24 hours": "week", "seven days": "30 days", "this year": "in 12 months", "four-hour": "daily"}
NUMBER_WORDS = {"seventh": "eighth"}
MONTHS = {"Nov.": "Oct.", "Feb.": "Jan.", "July": "June", "November": "October", "February": "January"}

SYNONYMS = {
    "Short positions": "Shorts", "worth": "valued at", "liquidated": "closed by force", "climbed": "rose", "made up": "accounted for",
    "total": "sum", "came to": "amounted to", "while": "and", "were closed": "were liquidated", "traded at": "stood at",
    "rose above": "climbed past", "for the first time": "for the first time ever", "took in": "attracted", "straight": "consecutive",
    "record": "all-time high", "closed at": "finished at", "below": "under", "said": "announced", "bought": "purchased",
    "largest single order": "biggest single order", "positions": "holdings", "traders": "market players", "ended": "finished",
    "bets": "wagers", "the past 24 hours": "the last 24 hours", "sets": "posts", "more than on any": "larger than on any",
    "data show": "data indicate", "a long history": "years", "the most since": "the largest amount since", "for a run": "for a streak",
    "funds": "products", "exchange": "venue", "far enough": "enough", "borrowed coins": "loaned coins", "reached": "hit",
    "Traders": "Market players", "is up": "is higher by", "most of the": "the bulk of the", "the one venue": "the only venue",
    "such data": "data of this kind", "according to": "as stated in", "all shorts": "all short positions", "had positions": "saw positions",
    "and has ended": "and has finished", "there since": "in that region since", "where it": "a level at which it", "that it had": "to have",
    "In stocks": "On the stock market", "A short": "A short position", "made with": "entered with", "futures contract": "derivative",
    "cover the loss": "make up the loss", "such forced buying": "forced buying of this kind", "can add to": "can strengthen",
    "the exchange buys": "the venue buys", "back": "again", "are liquidated": "are closed by force", "with": "and with",
    "on any": "on every", "session of": "session with", "they took": "the products took", "longs": "long positions",
    "at least": "no fewer than", "up": "higher by", "seven days": "7 days", "In between": "Meanwhile", "had last": "last had",
}  # fmt: skip

_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
_NO_FIGURE = re.compile(r"S&P 500|\b24 hours|\b24-hour")


def replaced(text: str, table: Mapping[str, str], kind: str) -> Iterator[tuple[str, str]]:
    """The text with one occurrence of one word of the table replaced."""
    for old, new in table.items():
        for match in re.finditer(rf"(?<![\w-]){re.escape(old)}(?!\w)", text):
            yield f"{kind}: {old} -> {new}", text[: match.start()] + new + text[match.end() :]


def renumbered(text: str) -> Iterator[tuple[str, str]]:
    """The text with one digit of one number one higher: its first, and its last."""
    spared = [range(m.start(), m.end()) for m in _NO_FIGURE.finditer(text)]
    for match in _NUMBER.finditer(text):
        if any(match.start() in r for r in spared):
            continue
        number = match.group().rstrip(",")
        digits = [i for i, c in enumerate(number) if c.isdigit()]
        for at in sorted({digits[0], digits[-1]}):
            digit = "8" if number[at] == "9" and at == digits[0] else str((int(number[at]) + 1) % 10)
            new = number[:at] + digit + number[at + 1 :]
            yield f"figure: {number} -> {new}", text[: match.start()] + new + text[match.start() + len(number) :]


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """The text with one figure, side, asset, direction or window changed."""
    yield from renumbered(text)
    for kind, table in (
        ("side", SIDES), ("asset", ASSETS), ("asset", OTHER_ASSETS), ("direction", DIRECTIONS), ("window", WINDOWS),
        ("window", OTHER_WINDOWS), ("figure", NUMBER_WORDS), ("date", MONTHS),
    ):  # fmt: skip
        yield from replaced(text, table, kind)


def sentences(text: str) -> list[str]:
    """The sentences of a text of these tests."""
    return re.split(r"(?<=[.])(?<!U\.S\.)(?<!Nov\.)(?<!Feb\.)(?<!a\.m\.) (?=[A-Z])", text)


def harmless(text: str) -> Iterator[tuple[str, str]]:
    """The text with a synonym, without one sentence, or with its sentences in another order."""
    yield from replaced(text, SYNONYMS, "synonym")
    parts = sentences(text)
    if len(parts) > 1:
        for i, part in enumerate(parts):
            yield f"without: {part[:30]}", " ".join(parts[:i] + parts[i + 1 :])
        yield "reversed", " ".join(reversed(parts))
