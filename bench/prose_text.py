"""A text as the measures of prose see it: sentences, words, syllables, tokens, masks; in: text and words.toml, out: pieces of it.

Knows nothing of figures and templates: a text that people wrote is cut in the same way. Reads words.toml and the names of the lexicon once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["DATE", "FIGURE", "NAME", "TIME", "lists", "mask", "phrases", "sentences", "syllables", "tokens", "undated", "words"]

WORDS = Path(__file__).parent / "prose" / "words.toml"
LEXICON = Path(__file__).parent.parent / "templates" / "lexicon" / "en.toml"
FIGURE, NAME, DATE, TIME = "#", "NAME", "DATE", "TIME"

_MARKS = {FIGURE: "\ue010", NAME: "\ue011", DATE: "\ue012", TIME: "\ue013"}  # in lower case as in upper
_END = re.compile(r"[.!?][\"'”’)]*\s+(?=[\"'“‘(]?[A-Z$€£\d])")
_CLOCK = re.compile(r"[ap]\.m\.$")
_TOKEN = re.compile(r"[A-Za-z]\.[A-Za-z]\.|[ap]\.m\.|\d[\d,.]*\d|\d|[^\W\d_]+(?:[-.&][^\W\d_]+)*|['’]s\b|\S")
_NUMBER = re.compile(r"[$€£]?\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th)?(?:\s?(?:thousand|million|billion|trillion)\b)?(?:\s?%)?")
_SILENT = re.compile(r"(?<![td])ed$|(?<!s)(?<!x)(?<!z)(?<!ch)(?<!sh)(?<!c)(?<!g)es$|e$")
_SYLLABIC = re.compile(r"[^aeiouyl]l(?:e|ed|es)$")  # "little", "settled": the l is a syllable of its own
_PARTED = re.compile(r"i(?:a(?!l|n|ge)|o(?!u|n|r)|um$)|(?<![qg])ua|[aeoy]ing")
_VOWELS = re.compile(r"[aeiouy]+")


@cache
def lists() -> dict[str, Any]:
    """The lists of words.toml."""
    return tomllib.loads(WORDS.read_text("utf-8"))


def _either(found: Sequence[str]) -> str:
    """A pattern for any of the phrases, the longest first."""
    return "|".join(re.escape(one) for one in sorted(found, key=len, reverse=True))


@cache
def phrases(name: str) -> re.Pattern[str]:
    """A list of words.toml as one pattern, whole words in any case."""
    return re.compile(rf"(?<![\w-])(?:{_either(lists()[name])})(?![\w-])", re.IGNORECASE)


# Sentences and words


@cache
def _abbreviation() -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s(])(?:{_either(lists()['abbreviations'])})\.$")


@cache
def _zone() -> re.Pattern[str]:
    return re.compile(rf"(?:{_either([*lists()['zones'], *lists()['weekdays'], *lists()['months']])})(?!\w)|\(|\d")


def sentences(text: str) -> list[str]:
    """Cut a paragraph into sentences. A semicolon ends none; a period of an abbreviation or of a clock time does not either."""
    found, first = [], 0
    for match in _END.finditer(text):
        before = text[: match.start() + 1]
        if _abbreviation().search(before) or (_CLOCK.search(before) and _zone().match(text, match.end())):
            continue
        found.append(text[first : match.end()].strip())
        first = match.end()
    rest = text[first:].strip()
    return [*found, rest] if rest else found


def words(text: str) -> list[str]:
    """What stands between spaces and holds a letter or a digit: "$748.3" is one word, "24-hour" too."""
    return [w for w in text.split() if any(c.isalnum() for c in w)]


@cache
def syllables(word: str) -> int:
    """Syllables of a word. One for what holds a digit and for an acronym in capitals, as the values of the human-edited articles
    were counted; the parts of a compound are counted one by one.
    """
    bare = word.strip("\"'“”‘’()[],;:!?.")
    if any(c.isdigit() for c in bare) or not any(c.isalpha() for c in bare) or (len(bare) > 2 and bare[:-1].isupper()):
        return 1
    return sum(_of_part(re.sub(r"['’]s$|[^a-z]", "", part)) or 1 for part in re.split(r"[-–—/.]", bare.lower()) if part)


def _of_part(word: str) -> int:
    if word in lists()["syllables"]:
        return int(lists()["syllables"][word])
    stem = _SILENT.sub("", word)
    count = len(_VOWELS.findall(stem)) + len(_PARTED.findall(stem)) + bool(_SYLLABIC.search(word))
    return max(count, 1)


def tokens(text: str) -> list[str]:
    """Words and signs in lower case for comparing texts, numbers whole: $ 748.3 million ; the marks of a mask stay as they are."""
    return [t if t in _MARKS else t.lower() for t in _TOKEN.findall(text)]


# Masks


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What becomes which mark, in the order in which it is looked for."""
    own = lists()
    lexicon = tomllib.loads(LEXICON.read_text("utf-8"))["assets"]
    assets = {form for asset in lexicon.values() for form in (asset["first"], asset["name"])}
    tickers = set(lexicon)
    capitals = {name[0].upper() + name[1:] for name in assets}
    zones, months, weekdays = _either(own["zones"]), _either(own["months"]), _either(own["weekdays"])
    names = _either([*own["names"], *assets, *capitals, *tickers])
    clock = rf"(?:\d{{1,2}}(?::\d{{2}})?\s[ap]\.m\.|\d{{1,2}}:\d{{2}}|\b(?:noon|midnight))(?:\s(?:{zones})\b)?"
    kept = _either(own["no_names"])
    return (
        (re.compile(rf"{clock}(?:\s\({clock}\))?", re.IGNORECASE), TIME),
        (re.compile(rf"\b(?:{months})\s\d{{1,2}}(?:,\s(?:19|20)\d{{2}})?(?!\d|,\d)"), DATE),
        (re.compile(rf"\b(?:{months})(?:\s(?:19|20)\d{{2}}(?!\d))?(?!\w)"), DATE),
        (re.compile(rf"\b(?:{weekdays})\b"), DATE),
        (re.compile(r"(?<![\w$€£.,])(?:19|20)\d{2}(?![\d,%]|\.\d|\s(?:bitcoin|BTC|coins|million|billion|trillion))"), DATE),
        (re.compile(rf"(?<![\w-])(?:{names})(?!\w|-[a-z])"), NAME),
        (re.compile(rf"(?<=[a-z,;:%)\d]\s|\s\()(?!(?:{kept})(?!\w))[A-Z][\w&’'-]*(?<!['’]s)(?:\s(?!(?:{kept})(?!\w))[A-Z][\w&-]*)*"), NAME),
        (_NUMBER, FIGURE),
        (re.compile(rf"(?<![\w-])(?:{_either(own['numbers'])})(?!\w)", re.IGNORECASE), FIGURE),
    )


@cache
def undated(text: str) -> str:
    """A text without its dates and times."""
    for pattern, mark in _patterns():
        if mark in (TIME, DATE):
            text = pattern.sub(mark, text)
    return text


@cache
def mask(sentence: str) -> str:
    """A sentence without its figures, names, dates and times, in lower case: "NAME rose # to # on DATE." """
    for pattern, mark in _patterns():
        sentence = pattern.sub(_MARKS[mark], sentence)
    sentence = sentence.lower()
    for mark, sign in _MARKS.items():
        sentence = sentence.replace(sign, mark)
    sentence = re.sub(rf"{NAME} \({NAME}\)", NAME, sentence)
    return re.sub(r"\s+", " ", sentence).strip()
