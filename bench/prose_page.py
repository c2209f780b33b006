"""The table of prose as text: for a terminal, and as docs/prose.md; in: rows, likenesses and offenders, out: text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prose_measures import Piece
from prose_rows import Likeness, Row, spans_of

__all__ = ["page", "table"]

HEAD = """# How the articles read

Written by `python bench/prose.py HISTORY`, and not by hand. The articles are those of a replay, one look a day at midnight UTC, a
standard article or a brief as the lead is worth. The values beside them are of 39 human-edited market articles. Only the paragraphs count,
from lede to kicker; the faults are looked for in headline, dek and key points too.
"""
HOW = """## How it is counted

- **Faults**: harper, retext (spelling, articles, repeated words, quotes, spaces, contractions, acronyms), codespell and proselint, each
  with all its rules; the trade's words stand in [dictionary.txt](../bench/prose/dictionary.txt), single false alarms with their reasons in
  [words.toml](../bench/prose/words.toml), where the styles of numbers, dates and signs are too. Leaks are what a template leaves behind
  (None, braces, marks); sums are longs and shorts against their total as printed, and what the article's own checks of arithmetic held.
- **Sentence**: ends with a period before a capital or a numeral; a semicolon ends none. **Word**: what stands between spaces. The median is
  that of the articles' means.
- **Flesch**: a numeral, or an acronym in capitals, is one word of one syllable, as the human-edited articles were counted.
- **Attribution**: "according to", "data show", "said" and their like, each place once. **Filler**, **unnamed source**: lists in words.toml.
- **Lede**: the first sentence. Dates, times, constants and windows of time are no figures. **Percentiles**: nearest rank.
- **Opening like the one before**: the same first word, across paragraphs; the share of an article's sentences after its first.
- **Masked**: figures and number words, names (assets, funds, venues, sources, companies), dates, weekdays and times become placeholders.
- **Comes back**: a masked lede equal to one of the 30 days before, on any angle. **Repeated**: a sentence whose masked form stood in an
  earlier article of the same 90 days. The spans follow one another; the value is their median.
- **Self-BLEU-4**: Texygen's definition. Each of eight articles that follow one another is the hypothesis, the seven others its references,
  the mean of the eight counts; words and signs in lower case; an n-gram order without a match counts 0.1 over its n-grams (NLTK's
  method 1). The whole body is compared, static library included. An angle has up to eight such eights: its value is their median; the row
  gives the median angle and the worst.
- **Equal once masked**: sentences that stand in another of the same eight too, static library apart.
- **Static library**: the background paragraphs. The method line and disclosures stand at the foot and are not in the body.
"""


_MARKED = {True: "yes", False: "NO ", None: "-  "}


def _verdict(row: Row) -> str:
    return {True: "yes", False: "**no**", None: "-"}[row.holds]


def table(rows: Sequence[Row], alike: Sequence[Likeness], *, wide: bool) -> str:
    """The measures and the angles; `wide` as Markdown."""
    if wide:
        lines = ["| measure | human-edited | must reach | here | holds |", "|---|---|---|---|---|"]
        lines += [f"| {r.name} | {r.human} | {r.limit} | {r.value} | {_verdict(r)} |" for r in rows]
        return "\n".join(lines)
    lines = [f"{_MARKED[r.holds]}  {r.name}\n       {r.value}   (must reach {r.limit}; human {r.human})" for r in rows]
    return "\n".join([*lines, "", *_angles(alike)])


def _angles(alike: Iterable[Likeness]) -> list[str]:
    """Eights by angle: median, and the worst eight after it."""
    lines = [
        "| angle | articles | self-BLEU-4 | masked | equal once masked | self-BLEU-4 without static library | equal with it |",
        "|---|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| {a.angle} | {a.articles} | {a.bleu:.2f} ({a.bleu_worst:.2f}) | {a.bleu_masked:.2f} ({a.bleu_masked_worst:.2f}) "
        f"| {a.equal_masked:.1%} ({a.equal_masked_worst:.1%}) | {a.bleu_own:.2f} | {a.equal_whole:.1%} |"
        for a in alike
    ]


def page(
    pieces: Sequence[Piece], rows: Sequence[Row], alike: Sequence[Likeness], offenders: Iterable[tuple[str, list[str]]], digest: str
) -> str:  # fmt: skip
    """docs/prose.md."""
    briefs = sum(p.form != "standard" for p in pieces)
    first, last = pieces[0].as_of, pieces[-1].as_of
    told = (
        f"{len(pieces)} articles, {briefs} of them briefs, {first:%Y-%m-%d} to {last:%Y-%m-%d}; {len(spans_of(pieces))} spans of 90 days."
    )
    lists = "\n\n".join(f"### {title.capitalize()}\n\n" + _fenced(lines) for title, lines in offenders)
    return "\n\n".join(
        [
            f"{HEAD}\n<!-- rules, templates and words {digest} -->", told, table(rows, alike, wide=True),
            "## Eights of each angle\n\nThe median of its eights, and the worst of them in brackets.", "\n".join(_angles(alike)),
            HOW.rstrip(), f"## What repeats most\n\nBeside each the line of the template that says it.\n\n{lists}\n",
        ]
    )  # fmt: skip


def _fenced(lines: Sequence[str]) -> str:
    return "\n".join(["```text", *lines, "```"]) if lines else "None."
