"""The prices that an article prints, for its page's chips and a site's list of prices; in: ARTICLE.json, out: texts.

Taken from the printed words: nothing is rounded a second time, and no chip says another price than its article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["MINUS", "quotes_of"]

MINUS = "\u2212"
_AMOUNT = re.compile(r"[$€£]?\d[\d,]*(?:\.\d+)?")


def quotes_of(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """Price and change of 24 hours of each ticker; "" where the article does not print it."""
    newest, printed = _newest(data["figures"]), _amounts(data)
    return [
        {"symbol": t, "price": printed.get(newest.get(("price.last", t), ""), ""),
         "change": _signed(newest.get(("price.change_24h", t), ""), printed, data["figures"])}
        for t in data.get("tickers", ())
    ]  # fmt: skip


def _signed(key: str, printed: Mapping[str, str], figures: Mapping[str, Any]) -> str:
    """A change with its sign, which the article may say by a word."""
    if key not in printed:
        return ""
    return f"{MINUS if str(figures[key]['value']).startswith('-') else '+'}{printed[key]}%"


def _newest(figures: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """The key of each figure by name and subject: an update prints the price of the version before it too."""
    newest: dict[tuple[str, str], str] = {}
    for key, figure in sorted(figures.items(), key=lambda item: str(item[1]["observed_at"])):
        newest[figure["name"], figure["subject"]] = key
    return newest


def _amounts(data: Mapping[str, Any]) -> dict[str, str]:
    """How each figure is printed for the first time, without the words around it."""
    printed: dict[str, str] = {}
    for text in _texts(data):
        for span in text.get("spans", ()):
            amount = _AMOUNT.search(text["text"][span["start"] : span["end"]])
            if amount:
                printed.setdefault(span["figure"], amount[0])
    return printed


def _texts(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (data["headline"], data["dek"], *data.get("key_points", ()), *data["paragraphs"])
    yield from (cell for table in data.get("tables", ()) for row in table["rows"] for cell in row)
