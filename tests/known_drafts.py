"""The drafts with known truth (check/drafts/): in: their files, out: text and what is claimed where, and the check of one."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from desk import edition

from newsgen.discover import templates_root
from newsgen.factcheck import CheckedLine, FactReport, Words, archive_source, fact_check, load_check_words
from newsgen.market import View, parse_time

FOLDER = Path(__file__).parent / "check" / "drafts"
NAMES = sorted(p.stem for p in FOLDER.glob("[0-9]*.md"))
_MARK = re.compile(r"\{([+?-])([^{}|]*)(?:\|([^{}]*))?\}")


@dataclass(frozen=True)
class Known:
    """A claim whose truth is known: "+" true, "-" false, "?" neither to be called."""

    kind: str
    text: str
    expected: str


@dataclass(frozen=True)
class Found:
    """What the check said of a known claim: one verdict for all lines that stand in its words."""

    known: Known
    verdict: str
    lines: tuple[CheckedLine, ...]


@cache
def words() -> Words:
    return load_check_words((templates_root(),))


@cache
def draft(name: str) -> tuple[str, tuple[Known, ...], View]:
    """Text without marks, what is known of it, and what was known at its moment."""
    head, _, body = (FOLDER / f"{name}.md").read_text("utf-8").partition("\n\n")
    meta = dict(line.split(": ", 1) for line in head.splitlines())
    view = edition(meta["edition"]).view
    moment = parse_time(meta["at"]) if "at" in meta else view.as_of
    known = tuple(Known(m[1], _plain(m[2]), m[3] or "") for m in _MARK.finditer(body))
    return _MARK.sub(lambda m: m[2], body), known, view.at(moment)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", "", text))).strip().replace("*", "")


@cache
def report(name: str) -> FactReport:
    text, _, view = draft(name)
    return fact_check(text, "draft", archive_source(view, words()), words())


@cache
def found(name: str) -> tuple[Found, ...]:
    """What was said of each known claim, in order."""
    checked = report(name)
    places = {block.where: i for i, block in enumerate(checked.blocks)}
    at, said = (0, 0), []
    for known in draft(name)[1]:
        at = _place(checked, known.text, at)
        block, start = at[0], at[1] - len(known.text)
        near = [n for n in checked.lines if places[n.claim.where] == block and n.claim.start < at[1] and n.claim.end > start]
        lines = tuple(n for n in near if n.truth != "constant")
        said.append(Found(known, _verdict(lines), lines))
    return tuple(said)


def _place(checked: FactReport, text: str, at: tuple[int, int]) -> tuple[int, int]:
    """The block that holds a text after a place, and where the text ends in it."""
    block, start = at
    while block < len(checked.blocks):
        found_at = checked.blocks[block].text.find(text, start)
        if found_at >= 0:
            return block, found_at + len(text)
        block, start = block + 1, 0
    raise AssertionError(f"{text!r} does not stand in the draft after block {at[0]}")


def _verdict(lines: tuple[CheckedLine, ...]) -> str:
    verdicts = {line.truth for line in lines}
    if "contradicted" in verdicts:
        return "contradicted"
    return "unknown" if not verdicts or "unknown" in verdicts else "supported"
