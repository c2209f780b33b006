"""Any draft against the figures: each claim supported, contradicted or unknown; in: blocks of text and a source, out: claims.

`scene.py` reads the draft, `binding.py` says which figures a sentence speaks of (by `frames.py`, the words), `amounts.py`, `places.py`,
`history.py`, `moves.py` and `sums.py` judge. Knows no archive and no catalogue: a shell gives a source of figures and how they are
printed (`newsgen/factcheck.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsgen.check.factcheck.amounts import judge_amount
from newsgen.check.factcheck.claims import Claimed, Teller, Truth, claimed
from newsgen.check.factcheck.facts import FactBook, FigureSource
from newsgen.check.factcheck.frames import DraftWords, load_draft_words
from newsgen.check.factcheck.history import history_claims
from newsgen.check.factcheck.moves import move_claims
from newsgen.check.factcheck.scene import Block, Scene, read_draft
from newsgen.check.factcheck.sums import against_sums

__all__ = ["Block", "Claimed", "DraftWords", "FigureSource", "Teller", "Truth", "check_draft", "load_draft_words"]


def check_draft(blocks: Sequence[Block], source: FigureSource, words: DraftWords, teller: Teller) -> tuple[Claimed, ...]:
    """Judge every claim of a draft, in reading order."""
    book = FactBook(source, words.reader)
    scenes = read_draft(blocks, words)
    amounts = [(s, n, judge_amount(s, n, book, teller)) for s in scenes for n in s.sentence.numerals]
    found = against_sums(amounts)
    for scene in scenes:
        found += history_claims(scene, book, teller)
        found += move_claims(scene, book, teller)
    order = {block.where: i for i, block in enumerate(blocks)}
    found += [c for scene in scenes for c in _names(scene, [c for c in found if c.where == scene.block.where])]
    return tuple(sorted(found, key=lambda c: (order[c.where], c.start, -c.end)))


def _names(scene: Scene, found: Sequence[Claimed]) -> Iterator[Claimed]:
    """Numerals that are a part of a name or a window: "S&P 500", "24 hours"."""
    spans = [(c.start, c.end) for c in found]
    windows = {i: m for m in scene.sentence.of("window") for i in range(m.first, m.last)}
    seen: set[int] = set()
    for i, token in enumerate(scene.sentence.tokens):
        if not token.text[0].isdigit() or i in seen or any(a <= token.start < b for a, b in spans):
            continue
        mark = windows.get(i)
        first, last = (mark.first, mark.last) if mark else (i, i + 1)
        seen |= set(range(first, last))
        yield claimed(scene, first, last, "name", "constant", "a window of time" if mark else "a part of a name")
