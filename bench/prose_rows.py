"""The table of prose: each measure over many articles, with the value of human-edited ones and the limit; in: pieces, out: rows.

The human values are those of 39 human-edited market articles, measured once; the limits are the project's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, median

from prose_faults import Fault
from prose_measures import (
    Piece,
    alike_openings,
    attributions,
    back_within,
    body_tokens,
    equal_sentences,
    lede_figures,
    long_sentences,
    nearest_rank,
    per_thousand,
    readability,
    repeated_share,
    repeated_within,
    self_bleu,
    spread,
    word_for_word,
)
from prose_text import mask, phrases

__all__ = ["EIGHT", "Likeness", "Row", "ledes_back", "likeness", "rows", "spans_of"]

EIGHT = 8
MOST_EIGHTS = 8  # of an angle, spread over its articles
SPAN, MEMORY = timedelta(days=90), timedelta(days=30)
LEAST_SPAN = timedelta(days=60)  # a shorter rest is no span


@dataclass(frozen=True, slots=True)
class Row:
    """One measure."""

    name: str
    human: str
    limit: str
    value: str
    holds: bool | None  # None: there was too little to measure


@dataclass(frozen=True, slots=True)
class Likeness:
    """Eights of one angle: the median over its eights, and the worst of them."""

    angle: str
    articles: int
    bleu: float
    bleu_masked: float
    equal_masked: float
    bleu_worst: float
    bleu_masked_worst: float
    equal_masked_worst: float
    bleu_own: float  # without the static library
    equal_whole: float  # with it


def spans_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Cut in spans of 90 days from the first article on; a rest of less than 60 days counts only where it is all there is."""
    found: list[list[Piece]] = []
    start = pieces[0].as_of
    while start <= pieces[-1].as_of:
        own = [p for p in pieces if start <= p.as_of < start + SPAN]
        if own and (not found or pieces[-1].as_of - start >= LEAST_SPAN):
            found.append(own)
        start += SPAN
    return found


def ledes_back(pieces: Sequence[Piece]) -> list[tuple[Piece, Piece]]:
    """Ledes that are equal once masked to one of the 30 days before."""
    return [(pieces[a], pieces[b]) for a, b in back_within([(p.as_of, mask(p.lede)) for p in pieces], MEMORY)]


def _eights(pieces: Sequence[Piece]) -> list[Sequence[Piece]]:
    """Eights of articles that follow one another, none in two of them; at most eight eights, evenly over the whole."""
    every = [pieces[i : i + EIGHT] for i in range(0, len(pieces) - EIGHT + 1, EIGHT)]
    step = max(len(every) / MOST_EIGHTS, 1)
    return [every[int(i * step)] for i in range(min(len(every), MOST_EIGHTS))]


def likeness(pieces: Sequence[Piece]) -> Iterator[Likeness]:
    """Of each angle that has eight articles, in alphabetical order."""
    by_angle: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_angle[piece.angle].append(piece)
    for angle, own in sorted(by_angle.items()):
        if len(own) >= EIGHT:
            yield _likeness(angle, own)


def _likeness(angle: str, own: Sequence[Piece]) -> Likeness:
    eights = _eights(own)
    plain = [self_bleu([body_tokens(p, masked=False) for p in eight]) for eight in eights]
    masked = [self_bleu([body_tokens(p, masked=True) for p in eight]) for eight in eights]
    bare = [self_bleu([body_tokens(p, masked=False, static=False) for p in eight]) for eight in eights]
    equal = [equal_sentences([[mask(s) for s in p.own] for p in eight]) for eight in eights]
    whole = [equal_sentences([[mask(s) for s in p.sentences] for p in eight]) for eight in eights]
    return Likeness(angle, len(own), median(plain), median(masked), median(equal), max(plain), max(masked), max(equal),
                    median(bare), median(whole))  # fmt: skip


def rows(pieces: Sequence[Piece], faults: Sequence[Sequence[Fault]] | None, alike: Sequence[Likeness]) -> Iterator[Row]:
    """The whole table. Without faults their row is not measured."""
    yield _faults(faults)
    yield from _sentences(pieces)
    yield from _voices(pieces)
    yield from _ledes(pieces)
    yield from _replayed(pieces)
    yield from _alike(alike)
    again = word_for_word([p.own for p in pieces])
    yield Row("sentences word for word in two articles, static library apart", "0", "0", f"{len(again)}", not again)


def _faults(faults: Sequence[Sequence[Fault]] | None) -> Row:
    name, human, limit = (
        "spelling, grammar, punctuation, number-style faults, leaks, sums that fail",
        "0.13 an article",
        "0 in every article",
    )
    if faults is None:
        return Row(name, human, limit, "not read", None)
    count, hit = sum(map(len, faults)), sum(map(bool, faults))
    return Row(name, human, limit, f"{count / len(faults):.2f} an article; in {hit} of {len(faults)}", not count)


def _sentences(pieces: Sequence[Piece]) -> Iterator[Row]:
    means, spreads = zip(*(spread(p.sentences) for p in pieces), strict=True)
    words, wide = median(means), median(spreads)
    yield Row("words a sentence, median; spread (sd/mean)", "22.7; 0.35", "17 to 23; 0.36 or more", f"{words:.1f}; {wide:.2f}",
              17 <= words <= 23 and wide >= 0.36)  # fmt: skip
    every = [s for p in pieces for s in p.sentences]
    long = len(long_sentences(every)) / len(every)
    yield Row("sentences over 35 words", "10%", "at most 5%", f"{long:.1%}", long <= 0.05)
    found = [readability(p.sentences) for p in pieces]
    ease, grade = median(f.ease for f in found), median(f.grade for f in found)
    yield Row("Flesch reading ease; Flesch-Kincaid grade, medians", "42; 13", "45 to 65; 8 to 12", f"{ease:.0f}; {grade:.1f}",
              45 <= ease <= 65 and 8 <= grade <= 12)  # fmt: skip


def _voices(pieces: Sequence[Piece]) -> Iterator[Row]:
    bodies = [" ".join(p.body) for p in pieces]
    named = median(per_thousand(attributions(body), body) for body in bodies)
    yield Row("attributions per 1,000 words, median", "8.8", "5 to 12", f"{named:.1f}", 5 <= named <= 12)
    everything = " ".join(bodies)
    filler, unnamed = (per_thousand(len(phrases(name).findall(everything)), everything) for name in ("fillers", "voices"))
    yield Row(
        "filler phrases; unnamed sources, per 1,000", "1.5; 0.5", "0.5; 0", f"{filler:.2f}; {unnamed:.2f}", filler <= 0.5 and not unnamed
    )
    alike = nearest_rank([alike_openings(p.sentences) for p in pieces], 0.9)
    yield Row("sentences opening like the one before, 90th percentile", "36%", "at most 25%", f"{alike:.0%}", alike <= 0.25)


def _ledes(pieces: Sequence[Piece]) -> Iterator[Row]:
    counts = [lede_figures(p.lede) for p in pieces]
    most, few = nearest_rank(counts, 0.9), fmean(c <= 1 for c in counts)
    yield Row("figures in the lede, 90th percentile; ledes with at most 1", "2; -", "at most 2; a quarter", f"{most:.0f}; {few:.0%}",
              most <= 2 and few >= 0.25)  # fmt: skip


def _replayed(pieces: Sequence[Piece]) -> Iterator[Row]:
    spans = spans_of(pieces)
    back = [len(ledes_back(span)) for span in spans]
    yield Row("90-day replay: a masked lede comes back within 30 days", "-", "never",
              f"{sum(back)} of {sum(map(len, spans))} ledes; worst span {max(back)}", not sum(back))  # fmt: skip
    masked = [[(p.as_of, [mask(s) for s in p.own]) for p in span] for span in spans]
    shares = [repeated_share([found for _, found in span]) for span in masked]
    near = median(repeated_within(span, MEMORY) for span in masked)
    yield Row("90-day replay: masked sentences repeated", "-", "at most 5%",
              f"{median(shares):.1%}; worst span {max(shares):.1%} (within 30 days {near:.1%})", max(shares) <= 0.05)  # fmt: skip


def _alike(alike: Sequence[Likeness]) -> Iterator[Row]:
    pairs = (
        ("eight articles of one angle: self-BLEU-4", "0.18", 0.18, "bleu", "{:.2f}"),
        ("the same with figures and names masked", "0.25", 0.25, "bleu_masked", "{:.2f}"),
        ("sentences equal once figures and names are masked, same eight", "2.4%", 0.024, "equal_masked", "{:.1%}"),
    )
    for name, human, most, field, form in pairs:
        if not alike:
            yield Row(name, human, f"at most {human}", "no angle has eight", None)
            continue
        values = [getattr(a, field) for a in alike]
        worst = max(alike, key=lambda a: getattr(a, field))
        text = f"{form.format(median(values))}; worst angle {form.format(max(values))} ({worst.angle})"
        yield Row(name, human, f"at most {human}", text, max(values) <= most)
