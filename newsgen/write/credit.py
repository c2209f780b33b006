"""Attribution: a source is credited where its first figure stands, and not again; in: text with credit marks, out: plain words.

A template writes `, {{ etf.net_flow_day|according }}`; the mark carries the source and the words for it. Once the order of the messages
is known the first stands and the later ones go, with their comma. Does not choose the words (render.py).
"""

from __future__ import annotations

import re

__all__ = ["Credits", "credit", "plain"]

OPEN, BETWEEN, SHUT = "\ue004", "\ue005", "\ue006"
_CREDIT = re.compile(f"(?P<comma>, )?{OPEN}(?P<source>[^{BETWEEN}]*){BETWEEN}(?P<words>[^{SHUT}]*){SHUT}(?P<after>[,.;]?)")

_MARK = re.compile(f"{OPEN}[^{BETWEEN}]*{BETWEEN}([^{SHUT}]*){SHUT}")


def credit(source: str, words: str) -> str:
    """The mark that stands for an attribution until the article is whole."""
    return f"{OPEN}{source}{BETWEEN}{words}{SHUT}"


class Credits:
    """The sources that one article has credited so far."""

    def __init__(self) -> None:
        self._credited: set[str] = set()

    def say(self, text: str) -> str:
        """A text with its credits in words, or without those that the article has given."""
        return _CREDIT.sub(self._words, text)

    def _words(self, mark: re.Match[str]) -> str:
        between = mark["comma"] and mark["after"]  # an attribution on which nothing else leans
        if between and mark["source"] in self._credited:
            return mark["after"]
        self._credited.add(mark["source"])
        return f"{mark['comma'] or ''}{mark['words']}{mark['after']}"


def plain(text: str) -> str:
    """A text with all its credits in words."""
    return _MARK.sub(r"\1", text) if OPEN in text else text
