"""Mutants and harmless edits of an article: what a slip of the hand, or of a template, could do to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsgen.story import Article


@dataclass(frozen=True)
class Edit:
    """One changed text."""

    kind: str
    where: str
    before: str
    after: str
    text: str


_SWAPS = {
    "side": [("shorts", "longs"), ("short", "long"), ("Shorts", "Longs")],
    "asset": [("bitcoin", "ether"), ("Bitcoin", "Ether")],
    "direction": [
        ("up", "down"), ("rose", "fell"), ("rise", "fall"), ("climbed", "dropped"), ("advanced", "declined"), ("above", "below"),
        ("took in", "lost"), ("inflows", "outflows"), ("inflow", "outflow"), ("gain", "loss"), ("tumbled", "jumped"),
        ("falls", "rises"), ("highest", "lowest"), ("lowest", "highest"), ("take in", "lose"),
    ],
    "window": [("24 hours", "seven days"), ("seven days", "30 days"), ("this year", "this month"), ("30 days", "24 hours"), ("24-hour", "seven-day")],
}  # fmt: skip
_ONE_WAY = {
    ("lowest", "highest"),
    ("24 hours", "seven days"),
    ("seven days", "30 days"),
    ("30 days", "24 hours"),
    ("this year", "this month"),
    ("24-hour", "seven-day"),
}
_WORDS = {"two": "four", "three": "five", "four": "six", "five": "eight", "six": "nine", "seven": "five", "eight": "three", "nine": "six",
          "second": "fifth", "third": "sixth", "fourth": "seventh", "fifth": "eighth", "sixth": "third", "seventh": "fourth",
          "eighth": "fifth", "ninth": "fourth"}  # fmt: skip
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
# Phrases whose words are names, idioms or static explanation: changing them changes no claim of this article.
_IDIOMS = (
    "long history",
    "made up",
    "add up",
    "adds up",
    "set up",
    "Markets up",
    "bet on a rise",
    "bet on a fall",
    "in those",
    "took part",
)


def mutants(article: Article) -> Iterator[Edit]:
    """Every figure changed, and every side, asset, direction and window word that stands in a claim."""
    background = {f"paragraphs[{i}]" for i, p in enumerate(article.paragraphs) if p.role == "background"}
    for where, text in article.texts():
        for span in text.spans:
            printed = text.text[span.start : span.end]
            for other in _other_figures(printed):
                yield Edit("figure", where, printed, other, text.text[: span.start] + other + text.text[span.end :])
        if where not in background:
            yield from _swapped(where, text.text)


def _other_figures(printed: str) -> Iterator[str]:
    if printed.lower() in _WORDS:
        yield _WORDS[printed.lower()]
        return
    if printed in _WEEKDAYS:
        yield _WEEKDAYS[(_WEEKDAYS.index(printed) + 2) % 7]
        return
    digits = list(re.finditer(r"\d", printed))
    if not digits:
        return
    first = digits[0]
    yield printed[: first.start()] + str(int(first.group()) % 9 + 1) + printed[first.end() :]
    if "million" in printed:
        yield printed.replace("million", "billion")
    elif "billion" in printed:
        yield printed.replace("billion", "million")


def _swapped(where: str, text: str) -> Iterator[Edit]:
    for kind, pairs in _SWAPS.items():
        both = pairs + [(b, a) for a, b in pairs if (a, b) not in _ONE_WAY]
        for old, new in both:
            for match in re.finditer(rf"(?<![\w-]){re.escape(old)}(?![\w-])", text):
                around = text[max(0, match.start() - 12) : match.end() + 12]
                if not any(idiom in around for idiom in _IDIOMS):
                    yield Edit(kind, where, old, new, text[: match.start()] + new + text[match.end() :])


_SYNONYMS = [
    ("in all", "altogether"), ("made up", "accounted for"), ("came to", "amounted to"), ("closed by force", "force-closed"), ("said", "stated"),
    ("bought", "acquired"), ("typical", "usual"), ("worth", "valued at"), ("across crypto venues", "across crypto exchanges"),
    ("passing", "going past"), ("stood at", "was at"), ("traded at", "changed hands at"), ("In stocks, ", "Among stocks, "),
    ("which holds bitcoin as a treasury asset, ", ""), ("exchanges", "trading venues"), ("while", "as"), ("Reported", "Published"),
    ("one standard deviation", "a standard deviation"), ("largest", "biggest"), ("together", "in sum"), ("also ", ""),
    ("In all, ", "All told, "), ("ended", "finished"), ("price of", "quote for"), ("each", "every"), ("net", "net"),
]  # fmt: skip


def harmless(article: Article) -> Iterator[Edit]:
    """Synonyms, sentences removed or moved, clauses without a number reworded."""
    for where, text in article.texts():
        for old, new in _SYNONYMS:
            if old != new:
                for match in re.finditer(rf"(?<!\w){re.escape(old)}(?!\w)", text.text):
                    yield Edit("synonym", where, old, new, text.text[: match.start()] + new + text.text[match.end() :])
    for i, paragraph in enumerate(article.paragraphs):
        yield from _sentence_edits(f"paragraphs[{i}]", paragraph.body.text, paragraph.role)


def _sentence_edits(where: str, text: str, role: str) -> Iterator[Edit]:
    sentences = re.split(r"(?<=[a-z0-9%)][.?!]) (?=[A-Z])", text)
    if len(sentences) > 1:
        for k in range(len(sentences)):
            if role != "lede" or k:
                rest = " ".join(s for j, s in enumerate(sentences) if j != k)
                yield Edit("removed", where, sentences[k], "", rest)
        yield Edit("moved", where, "", "", " ".join([*sentences[1:], sentences[0]]))
    if role == "background":
        yield Edit("reworded", where, text, "", "Such moves are common in this market. " + text)
        yield Edit("reworded", where, text, "", text + " The method is described on another page.")
