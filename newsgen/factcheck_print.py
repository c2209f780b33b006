"""The report of a fact check as text; in: a FactReport and the Paper it is written on, out: lines for a terminal or a pipe.

In a pipe a claim is one line, so that it can be searched for. Words here speak to editors.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check.factcheck import Truth
from newsgen.factcheck import CheckedLine, FactReport
from newsgen.market import iso
from newsgen.terminal import PIPE, Paper

__all__ = ["render_report"]

_TONES = {"supported": "good", "contradicted": "bad", "unknown": "warn", "constant": "dim"}
_ORDER: tuple[Truth, ...] = ("contradicted", "unknown", "supported")
_ALL: tuple[Truth, ...] = (*_ORDER, "constant")


def render_report(report: FactReport, paper: Paper = PIPE) -> str:
    """What is contradicted first, then what is unknown, then what is supported; constants are counted."""
    counts = ", ".join(paper.paint(_TONES[truth], f"{report.count(truth)} {truth}") for truth in _ALL)
    lines = [paper.paint("head", f"{report.name} against {report.against}, as of {iso(report.as_of)}"), counts, ""]
    for truth in _ORDER:
        for line in report.lines:
            if line.truth == truth:
                lines += _claim(line, paper)
    decision = {"publish": ("good", "every claim is supported"), "hold": ("bad", "HELD: not every claim is supported")}
    tone, words = decision.get(report.decision, ("bad", report.decision))
    return "\n".join([*lines, "", paper.paint(tone, words)]) + "\n"


def _claim(line: CheckedLine, paper: Paper) -> Iterator[str]:
    claim = line.claim
    head = f"{paper.paint(_TONES[line.truth], f'{line.truth:12}')} {claim.where:14} “{claim.text}”"
    right = f"  right: {line.expected}" if line.truth == "contradicted" and line.expected else ""
    figure = f"  {line.figure}" if line.figure else ""
    yield head + paper.paint("head", right) + paper.paint("dim", figure + _from(line))
    if claim.message:
        yield paper.wrap(claim.message, " " * 13)
    if line.truth != "supported":
        yield paper.paint("dim", paper.wrap(f"“{claim.sentence}”", " " * 13))


def _from(line: CheckedLine) -> str:
    """Source, window and formula of what the claim is held against."""
    parts = [p for p in (line.source, line.window, line.formula if line.truth == "contradicted" else "") if p]
    return f"  [{'; '.join(parts)}]" if parts else ""
