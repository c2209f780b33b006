"""The terminal preview: an article as an editor reads it, figures marked; in: an Outcome, out: text for a terminal or a pipe.

Words here speak to editors, not to readers. Publishes nothing and touches no network.
"""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from newsgen.market import iso, plain
from newsgen.pipeline import Outcome
from newsgen.story import Article, Finding, Pitch, Text

__all__ = ["PIPE", "Paper", "render_explanation", "render_outcome"]

_WIDEST, _NARROWEST = 100, 40  # longer lines are hard to read, shorter ones are no text
_ON, _OFF, _KEEP = "\x01", "\x02", "\x03"  # around a figure, and for the blanks inside it; article texts hold none of them
_COLOURS = {
    "head": "\033[1m", "figure": "\033[36m", "good": "\033[32m", "bad": "\033[31m", "warn": "\033[33m", "dim": "\033[2m",
    "off": "\033[0m",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written on: a terminal with its width and colours, or a pipe.

    Attributes:
        wraps_rows: In a pipe an angle and a finding are one line each, so that they can be searched for.
    """

    width: int = 96
    colour: bool = False
    wraps_rows: bool = False

    @classmethod
    def of(cls, stream: TextIO, env: Mapping[str, str] = os.environ) -> Paper:
        """The paper behind a stream; NO_COLOR and FORCE_COLOR are respected, the first before the second."""
        terminal = stream.isatty()
        colour = not env.get("NO_COLOR") and (bool(env.get("FORCE_COLOR")) or (terminal and env.get("TERM") != "dumb"))
        if not terminal:
            return cls(colour=colour)
        return cls(max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns)), colour, True)

    def paint(self, tone: str, text: str) -> str:
        """The text in a colour; each line for itself, so that a pager keeps it."""
        if not self.colour:
            return text
        return "\n".join(f"{_COLOURS[tone]}{line}{_COLOURS['off']}" if line else line for line in text.split("\n"))

    def figures(self, text: Text) -> str:
        """The text with its figures marked; wrapped before it is coloured, so that colours do not count as width."""
        if not self.colour:
            return self.wrap(text.text)
        marked, at = "", 0
        for span in text.spans:
            marked += text.text[at : span.start] + _ON + text.text[span.start : span.end].replace(" ", _KEEP) + _OFF
            at = span.end
        lines = self._filled(marked + text.text[at:]).replace(_KEEP, " ")
        return lines.replace(_ON, _COLOURS["figure"]).replace(_OFF, _COLOURS["off"])

    def wrap(self, text: str, indent: str = "", hanging: str | None = None) -> str:
        """The text in lines of this paper."""
        return textwrap.fill(
            text, self.width, initial_indent=indent, subsequent_indent=indent if hanging is None else hanging, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip

    def _filled(self, marked: str) -> str:
        """Lines of marked text; marks have no width."""
        lines: list[str] = []
        line, width = "", 0
        for word in marked.split(" "):
            size = sum(c not in (_ON, _OFF) for c in word)
            if line and width + 1 + size > self.width:
                lines.append(line)
                line, width = word, size
            else:
                line, width = (f"{line} {word}", width + 1 + size) if line else (word, size)
        return "\n".join([*lines, line])


PIPE = Paper()


def render_outcome(outcome: Outcome, paper: Paper = PIPE, *, explain: bool = False) -> str:
    """The article, the angles that won and lost, and the findings; or why nothing was written."""
    parts: list[str] = []
    if outcome.article is not None:
        parts += _article(outcome.article, paper)
    elif outcome.quiet is not None:
        parts += [paper.paint("head", "Nothing to write"), paper.wrap(outcome.quiet.reason), ""]
    parts += _angles(outcome.pitches, paper)
    if outcome.article is not None:
        parts += _verdict(outcome.article, paper)
    if explain:
        parts += ["", render_explanation(outcome.pitches, paper)]
    return "\n".join(parts).rstrip() + "\n"


def _article(article: Article, paper: Paper) -> Iterable[str]:
    yield paper.paint("head", paper.wrap(article.headline.text))
    if article.dek.text:
        yield paper.paint("dim", paper.wrap(article.dek.text))
    facts = (article.form, f"{article.word_count()} words", article.angle, f"as of {iso(article.as_of)}",
             f"seed {article.made_from.get('seed', '')}")  # fmt: skip
    yield paper.paint("dim", paper.wrap(" · ".join(facts)))
    yield ""
    for point in article.key_points:
        yield paper.wrap(point.text, "  - ", "    ")
    if article.key_points:
        yield ""
    for paragraph in article.paragraphs:
        yield paper.figures(paragraph.body)
        yield ""
    for table in article.tables:
        yield from _table(table, paper)
    yield paper.paint("dim", paper.wrap(article.disclosure))
    for credit, address in {s.credit: s.credit_url for s in article.sources if s.credit}.items():
        yield paper.paint("dim", paper.wrap(f"{credit} ({address})" if address else credit))
    yield ""


def _table(table: Mapping[str, Any], paper: Paper) -> Iterable[str]:
    """The rows of a table in columns, the first to the left."""
    lines = [list(table["columns"]), *[[cell["text"] for cell in row] for row in table["rows"]]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    yield paper.paint("dim", table["title"])
    for line in lines:
        yield "  ".join(text.ljust(width) if not i else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths, strict=True)))
    yield ""


def _angles(pitches: Sequence[Pitch], paper: Paper) -> Iterable[str]:
    yield paper.paint("head", "Angles")
    tones = {"lead": "good", "support": "figure", "rejected": "dim"}
    for pitch in pitches:
        if pitch.fired or pitch.role != "rejected":
            line = f"  {pitch.role:8} {plain(pitch.score):>5}  {pitch.angle} ({pitch.subject})"
            yield paper.paint(tones[pitch.role], line) + _beside(line, pitch.reason, paper)
    silent = [p for p in pitches if not p.fired and p.role == "rejected"]
    if silent:
        yield paper.paint("dim", f"  {len(silent)} did not fire (--explain shows their conditions)")
    yield ""


def _beside(line: str, reason: str, paper: Paper) -> str:
    """A reason after its line, or below it where the paper is narrow."""
    if not paper.wraps_rows or not reason or len(line) + 2 + len(reason) <= paper.width:
        return f"  {reason}" if reason else ""
    return "\n" + paper.wrap(reason, " " * 18)


def _verdict(article: Article, paper: Paper) -> Iterable[str]:
    decision = article.verdict.decision
    tone = "good" if decision == "publish" else "bad"
    words = {"publish": "may be published", "hold": "HELD"}.get(decision, decision)
    yield paper.paint("head", "Checks") + "  " + paper.paint(tone, words)
    for finding in article.verdict.findings:
        yield _finding(finding, paper)


def _finding(finding: Finding, paper: Paper) -> str:
    tone = "bad" if finding.severity == "block" else "warn"
    said = f"{finding.check} in {finding.where}: {finding.message}"
    quoted = f"“{finding.sentence}”" if finding.sentence else ""
    indent = " " * 8
    if paper.wraps_rows:
        said, quoted = paper.wrap(said, indent).strip(), paper.wrap(quoted, indent).strip()
    line = f"  {paper.paint(tone, f'{finding.severity:5}')} {said}"
    return line + (f"\n{indent}{quoted}" if quoted else "")


def render_explanation(pitches: Sequence[Pitch], paper: Paper = PIPE) -> str:
    """Every angle with its conditions, what each saw, its score in parts, and why it lost."""
    lines: list[str] = []
    for pitch in pitches:
        state = "fired" if pitch.fired else "did not fire"
        lines.append(paper.paint("head", f"{pitch.angle} ({pitch.subject})") + f"  {state}, {pitch.role}, score {plain(pitch.score)}")
        if pitch.reason:
            lines.append(f"    {pitch.reason}")
        if pitch.parts:
            lines.append("    " + ", ".join(f"{name} {plain(value)}" for name, value in pitch.parts.items()))
        for condition in pitch.conditions:
            mark, tone = {True: ("yes", "good"), False: ("no", "bad"), None: ("unknown", "warn")}[condition.held]
            lines.append(f"    {paper.paint(tone, f'{mark:7}')} {condition.expression}")
            lines.append(paper.paint("dim", f"            {condition.why}"))
            lines += [f"            {name} = {value}" for name, value in condition.saw.items()]
        lines.append("")
    return "\n".join(lines).rstrip()
