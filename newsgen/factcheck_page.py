"""The page of a fact check: the draft with its claims marked, and every claim with its figure; in: a FactReport, out: HTML.

One file without scripts. The draft comes from outside and passes autoescape as text: none of its markup reaches the page. The words
stand in templates/pages/check.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsgen.check.factcheck import Block
from newsgen.discover import templates_root
from newsgen.factcheck import CheckedLine, FactReport
from newsgen.market import iso
from newsgen.publish import page_environment

__all__ = ["report_page"]

_TAGS = {"h1": "h1", "h2": "h2", "h3": "h3", "h4": "h3", "h5": "h3", "h6": "h3", "li": "li", "pre": "pre", "blockquote": "blockquote"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a block: plain, or a claim."""

    text: str
    id: str = ""
    line: CheckedLine | None = None


@dataclass(frozen=True, slots=True)
class _Shown:
    tag: str
    pieces: tuple[_Piece, ...]


def report_page(report: FactReport) -> str:
    """The whole page."""
    numbered = [(f"c{i}", line) for i, line in enumerate(report.lines)]
    blocks = [_shown(block, [(i, line) for i, line in numbered if line.claim.where == block.where]) for block in report.blocks]
    template = page_environment(templates_root()).get_template("check.html")
    return template.render(
        name=report.name, against=report.against, as_of=iso(report.as_of), decision=report.decision, blocks=blocks, lines=numbered,
        counts={truth: report.count(truth) for truth in ("supported", "contradicted", "unknown", "constant")},
    )  # fmt: skip


def _shown(block: Block, lines: Sequence[tuple[str, CheckedLine]]) -> _Shown:
    return _Shown(_TAGS.get(block.kind, "p"), tuple(_pieces(block.text, lines)))


def _pieces(text: str, lines: Sequence[tuple[str, CheckedLine]]) -> Iterator[_Piece]:
    """The text cut at its claims; of two that overlap the first is marked, and both are listed below."""
    at = 0
    for key, line in lines:
        if line.claim.start < at:
            continue
        yield _Piece(text[at : line.claim.start])
        yield _Piece(text[line.claim.start : line.claim.end], key, line)
        at = line.claim.end
    yield _Piece(text[at:])
