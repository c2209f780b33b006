"""The terminal preview: an article as an editor reads it, figures marked; in: an Outcome, out: text for a terminal or a pipe.

Words here speak to editors, not to readers. Publishes nothing and touches no network.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from newsgen.market import iso, plain
from newsgen.pipeline import Outcome
from newsgen.story import Article, Finding, Pitch, Text

__all__ = ["render_explanation", "render_outcome"]

_WIDTH = 96
_COLOURS = {
    "head": "\033[1m", "figure": "\033[36m", "good": "\033[32m", "bad": "\033[31m", "warn": "\033[33m", "dim": "\033[2m",
    "off": "\033[0m",
}  # fmt: skip


class Painter:
    """Colours where the terminal has them, nothing where it has not."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, tone: str, text: str) -> str:
        return f"{_COLOURS[tone]}{text}{_COLOURS['off']}" if self._colour and text else text

    def figures(self, text: Text) -> str:
        """The text with its figures marked; wrapped before it is coloured, so that colours do not count as width."""
        if not self._colour:
            return _wrap(text.text)
        marked, at = "", 0
        for span in text.spans:
            marked += text.text[at : span.start] + "\x01" + text.text[span.start : span.end].replace(" ", "\u00a0") + "\x02"
            at = span.end
        wrapped = _wrap(marked + text.text[at:])
        return wrapped.replace("\x01", _COLOURS["figure"]).replace("\x02", _COLOURS["off"]).replace("\u00a0", " ")


def _wrap(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def render_outcome(outcome: Outcome, *, colour: bool = False, explain: bool = False) -> str:
    """The article, the angles that won and lost, and the findings; or why nothing was written."""
    paint = Painter(colour)
    parts: list[str] = []
    if outcome.article is not None:
        parts += _article(outcome.article, paint)
    elif outcome.quiet is not None:
        parts += [paint("head", "Nothing to write"), _wrap(outcome.quiet.reason), ""]
    parts += _angles(outcome.pitches, paint)
    if outcome.article is not None:
        parts += _verdict(outcome.article, paint)
    if explain:
        parts += ["", render_explanation(outcome.pitches, colour=colour)]
    return "\n".join(parts).rstrip() + "\n"


def _article(article: Article, paint: Painter) -> Iterable[str]:
    yield paint("head", article.headline.text)
    if article.dek.text:
        yield paint("dim", article.dek.text)
    yield paint("dim", f"{article.form} · {article.word_count()} words · {article.angle} · as of {iso(article.as_of)} · seed "
                f"{article.made_from.get('seed', '')}")  # fmt: skip
    yield ""
    for point in article.key_points:
        yield "  - " + point.text
    if article.key_points:
        yield ""
    for paragraph in article.paragraphs:
        yield paint.figures(paragraph.body)
        yield ""
    yield paint("dim", _wrap(article.disclosure))
    yield ""


def _angles(pitches: Sequence[Pitch], paint: Painter) -> Iterable[str]:
    yield paint("head", "Angles")
    tones = {"lead": "good", "support": "figure", "rejected": "dim"}
    for pitch in pitches:
        if pitch.fired or pitch.role != "rejected":
            line = f"  {pitch.role:8} {plain(pitch.score):>5}  {pitch.angle} ({pitch.subject})"
            yield paint(tones[pitch.role], line) + (f"  {pitch.reason}" if pitch.reason else "")
    silent = [p for p in pitches if not p.fired and p.role == "rejected"]
    if silent:
        yield paint("dim", f"  {len(silent)} did not fire (--explain shows their conditions)")
    yield ""


def _verdict(article: Article, paint: Painter) -> Iterable[str]:
    verdict = article.verdict
    tone = "good" if verdict.decision == "publish" else "bad"
    yield paint("head", "Checks") + "  " + paint(tone, {"publish": "may be published", "hold": "HELD"}.get(
        verdict.decision, verdict.decision))  # fmt: skip
    for finding in verdict.findings:
        yield _finding(finding, paint)


def _finding(finding: Finding, paint: Painter) -> str:
    tone = "bad" if finding.severity == "block" else "warn"
    line = f"  {paint(tone, finding.severity):5} {finding.check} in {finding.where}: {finding.message}"
    return line + (f"\n        “{finding.sentence}”" if finding.sentence else "")


def render_explanation(pitches: Sequence[Pitch], *, colour: bool = False) -> str:
    """Every angle with its conditions, what each saw, its score in parts, and why it lost."""
    paint = Painter(colour)
    lines: list[str] = []
    for pitch in pitches:
        state = "fired" if pitch.fired else "did not fire"
        lines.append(paint("head", f"{pitch.angle} ({pitch.subject})") + f"  {state}, {pitch.role}, score {plain(pitch.score)}")
        if pitch.reason:
            lines.append(f"    {pitch.reason}")
        if pitch.parts:
            lines.append("    " + ", ".join(f"{name} {plain(value)}" for name, value in pitch.parts.items()))
        for condition in pitch.conditions:
            mark, tone = {True: ("yes", "good"), False: ("no", "bad"), None: ("unknown", "warn")}[condition.held]
            lines.append(f"    {paint(tone, mark):7} {condition.expression}")
            lines.append(paint("dim", f"            {condition.why}"))
            lines += [f"            {name} = {value}" for name, value in condition.saw.items()]
        lines.append("")
    return "\n".join(lines).rstrip()
