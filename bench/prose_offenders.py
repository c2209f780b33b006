"""What makes the measures of prose worse: lists with counts, an example and the template that says it; in: pieces, out: lines of text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from prose_faults import Fault, Remark
from prose_measures import Piece, body_tokens, lede_figures, word_for_word
from prose_rows import ledes_back
from prose_text import DATE, FIGURE, NAME, TIME, mask, phrases, tokens, words

__all__ = ["offenders", "template_of"]

TEMPLATES = Path(__file__).parent.parent / "templates"
_MARKS = frozenset({FIGURE, NAME, DATE, TIME})
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")


def _runs(text: str) -> set[tuple[str, ...]]:
    """Two and three words in a row."""
    found = tokens(text)
    return {*pairwise(found), *zip(found, found[1:], found[2:], strict=False)}


@cache
def _said_where() -> dict[tuple[str, ...], list[str]]:
    """Words in a row to the lines of templates that say them."""
    found: dict[tuple[str, ...], list[str]] = {}
    for path in sorted(p for kind in ("angles", "messages") for p in (TEMPLATES / kind).rglob("*.j2")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for run in {r for part in _TAG.split(line) for r in _runs(part)}:
                found.setdefault(run, []).append(f"{path.parent.name}:{number}")
    return found


@cache
def template_of(sentence: str) -> str:
    """The line of a template that shares most with a sentence, "" where none shares anything. A guess, to help writers."""
    counts = Counter(place for run in _runs(sentence) for place in _said_where().get(run, ()))
    return counts.most_common(1)[0][0] if counts else ""


def offenders(
    pieces: Sequence[Piece], faults: Sequence[Sequence[Fault]] | None, remarks: Sequence[Remark], top: int
) -> Iterator[tuple[str, list[str]]]:  # fmt: skip
    """Each list with its title, longest first."""
    if faults is not None:
        yield "faults", list(_faults(pieces, faults, top))
    if remarks:
        yield (
            "what write-good would change (no faults)",
            [f"{n:4} {text}" for text, n in Counter(r.message for r in remarks).most_common(top)],
        )
    yield "masked sentences repeated most", list(_sentences(pieces, top))
    yield "masked 4-grams in most articles", list(_grams(pieces, top))
    yield "word for word in several articles", [f"{n:4} {s}" for s, n in word_for_word([p.own for p in pieces]).most_common(top)]
    yield "ledes that came back within 30 days", list(_ledes_back(pieces, top))
    yield (
        "ledes with more than 2 figures",
        [f"{lede_figures(p.lede):4} {p.name}: {p.lede}  [{template_of(p.lede)}]" for p in pieces if lede_figures(p.lede) > 2][:top],
    )
    longest = sorted({mask(s): s for p in pieces for s in p.sentences}.values(), key=lambda s: len(words(s)), reverse=True)
    yield "longest sentences", [f"{len(words(s)):4} {s}  [{template_of(s)}]" for s in longest[:top]]
    yield "words that open two sentences in a row", list(_openings(pieces, top))
    for name in ("fillers", "voices"):
        counts = Counter(m.lower() for p in pieces for m in phrases(name).findall(" ".join(p.body)))
        yield name, [f"{n:4} {text}" for text, n in counts.most_common(top)]


def _faults(pieces: Sequence[Piece], faults: Sequence[Sequence[Fault]], top: int) -> Iterator[str]:
    """By rule and word."""
    counts: Counter[tuple[str, str]] = Counter()
    example: dict[tuple[str, str], str] = {}
    for piece, own in zip(pieces, faults, strict=True):
        for fault in own:
            key = (fault.rule, fault.text.lower())
            counts[key] += 1
            example.setdefault(key, f"{fault.kind}, {fault.rule}: {fault.message} - {piece.name}: ...{fault.context}...")
    for key, count in counts.most_common(top):
        yield f"{count:4} {example[key]}"


def _sentences(pieces: Sequence[Piece], top: int) -> Iterator[str]:
    counts: Counter[str] = Counter()
    example: dict[str, str] = {}
    for piece in pieces:
        for sentence in piece.own:
            key = mask(sentence)
            counts[key] += 1
            example.setdefault(key, sentence)
    for key, count in counts.most_common(top):
        if count > 1:
            yield f"{count:4} {key}  [{template_of(example[key])}]\n       {example[key]}"


def _grams(pieces: Sequence[Piece], top: int) -> Iterator[str]:
    """Of words, at most two of the four being marks; each article counts once."""
    counts: Counter[tuple[str, ...]] = Counter()
    for piece in pieces:
        found = body_tokens(piece, masked=True, static=False)
        counts.update(
            {g for g in zip(found, found[1:], found[2:], found[3:], strict=False) if sum(t in _MARKS for t in g) <= 2 and "." not in g}
        )
    for gram, count in counts.most_common(top):
        yield f"{count:4} {' '.join(gram)}"


def _ledes_back(pieces: Sequence[Piece], top: int) -> Iterator[str]:
    pairs = ledes_back(pieces)
    counts = Counter(mask(b.lede) for _, b in pairs)
    last = {mask(b.lede): (a, b) for a, b in pairs}
    for key, count in counts.most_common(top):
        before, after = last[key]
        yield f"{count:4} {before.name} and {after.name}: {after.lede}  [{template_of(after.lede)}]"


def _openings(pieces: Sequence[Piece], top: int) -> Iterator[str]:
    counts: Counter[str] = Counter()
    example: dict[str, tuple[str, str]] = {}
    for piece in pieces:
        for before, after in pairwise(piece.sentences):
            first = words(after)[0].lower()
            if words(before)[0].lower() == first:
                counts[first] += 1
                example.setdefault(first, (before, after))
    for first, count in counts.most_common(top):
        yield f"{count:4} {first}: " + " / ".join(f"{s}  [{template_of(s)}]" for s in example[first])
