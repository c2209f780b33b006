"""Faults of an article: spelling, grammar, signs, numbers, remains of a template, sums; in: pieces, out: faults.

What outside tools say is asked in one process each for all articles: lint.mjs under node (harper, retext, write-good), codespell and
proselint in the environment beside it. All of them work offline once installed (README.md of the benches). The styles of numbers and the
excuses are data (words.toml).
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prose_measures import FOOT, Piece
from prose_text import lists, sentences, undated

__all__ = [
    "Fault",
    "Remark",
    "ToolFailed",
    "ToolMissing",
    "faults_of_form",
    "leaks",
    "need_tools",
    "outside_faults",
    "remark_of",
    "sums",
    "texts_of",
]

HERE = Path(__file__).parent / "prose"
PYTHON = HERE / ".venv" / "bin"
INSTALL = "npm install --prefix bench/prose && UV_PROJECT_ENVIRONMENT=bench/prose/.venv uv sync --only-group prose"
SUM_CHECKS = ("arithmetic", "recompute")
_LEAK = re.compile(
    r"\{\{|\}\}|\{%|%\}|\bNone\b|\bNaN\b|\bnan\b|\b[Uu]ndefined\b|<[A-Za-z/][^>]*>|[\ue000-\uf8ff]|\ufffd|\binf\b|\bTrue\b|\bFalse\b|\w_|_\w"
)
_MONEY = re.compile(r"\$([\d,]+(?:\.\d+)?)(?: (million|billion|trillion))?")
_SCALES = {"": 1.0, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_PARTED = "\n¶\n"  # between texts: no tool finds a word repeated across it


class ToolMissing(Exception):
    """An outside tool is not installed."""

    def __str__(self) -> str:
        return f"{self.args[0]} is not installed: {INSTALL}"


class ToolFailed(Exception):
    """An outside tool broke off; what it said."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where."""

    kind: str  # spelling and grammar, number style, leak, sum
    rule: str
    text: str
    context: str
    message: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What an outside tool says of a text; write-good's are of taste and no faults."""

    tool: str
    rule: str
    text: str
    message: str
    index: int
    at: int


def texts_of(piece: Piece) -> Iterator[tuple[str, str]]:
    """Every text above the foot, with its place."""
    yield "headline", piece.headline
    if piece.dek:
        yield "dek", piece.dek
    for point in piece.points:
        yield "point", point
    for text in piece.body:
        yield "paragraph", text


def _near(text: str, start: int, end: int) -> str:
    return text[max(0, start - 50) : end + 50].replace("\n", " ")


# The project's own


@cache
def _styles() -> tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]:
    return tuple((re.compile(rule["pattern"]), rule) for rule in lists()["style"])


def faults_of_form(piece: Piece) -> Iterator[Fault]:
    """Faults of numbers, dates and signs."""
    for place, text in texts_of(piece):
        for pattern, rule in _styles():
            for looked in _looked_at(place, text, rule):
                for match in pattern.finditer(looked):
                    yield Fault("number style", rule["why"], match[0], _near(looked, *match.span()), f"{rule['why']}: {match[0]!r}")


def _looked_at(place: str, text: str, rule: Mapping[str, Any]) -> list[str]:
    where = rule["where"]
    if where in ("body", "sentence", "paragraph") and place != "paragraph":
        return []
    found = sentences(text) if where == "sentence" else [text]
    return found if rule.get("dated") else [undated(t) for t in found]


def leaks(piece: Piece) -> Iterator[Fault]:
    """What a template leaves behind: None, marks, braces, an empty paragraph."""
    for place, text in texts_of(piece):
        if not text.strip():
            yield Fault("leak", "empty", "", place, f"an empty {place}")
        for match in _LEAK.finditer(text):
            yield Fault("leak", "left behind", match[0], _near(text, *match.span()), f"{match[0]!r} was left in the text")


def sums(piece: Piece) -> Iterator[Fault]:
    """Longs and shorts that do not make up their total as printed, and what the checks of the article's own sums say."""
    for name, printed in _printed(piece).items():
        if {"long", "short", "total"} <= printed.keys():
            parts, total = [printed["long"], printed["short"]], printed["total"]
            slack = sum(step for _, step in (*parts, total)) / 2
            if abs(sum(value for value, _ in parts) - total[0]) > slack * 1.001 and "figures are rounded" not in " ".join(piece.body):
                yield Fault("sum", "sides", name, name, f"{name}: {parts[0][0]:,.0f} and {parts[1][0]:,.0f} are not {total[0]:,.0f}")
    for finding in piece.article.get("verdict", {}).get("findings", ()):
        if finding["check"] in SUM_CHECKS and finding["severity"] == "block":
            yield Fault("sum", finding["check"], finding["sentence"], finding["where"], finding["message"])


def _printed(piece: Piece) -> dict[str, dict[str, tuple[float, float]]]:
    """Sides and totals of liquidations as the body prints them: value and one in the last place; the finest print of each."""
    figures: Mapping[str, Any] = piece.article.get("figures", {})
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for paragraph in piece.article["paragraphs"]:
        for span in paragraph["spans"] if paragraph["role"] not in FOOT else ():
            figure = figures.get(span["figure"], {"name": ""})
            match = re.fullmatch(r"(liquidations\w*)\.(long|short|total)(_\w+)", figure["name"])
            money = _MONEY.fullmatch(paragraph["text"][span["start"] : span["end"]])
            if match and money:
                group = f"{match[1]}{match[3]} {figure['subject']} {figure['scope']}"
                value, step = _value(money)
                own = found.setdefault(group, {})
                if match[2] not in own or step < own[match[2]][1]:
                    own[match[2]] = (value, step)
    return found


def _value(money: re.Match[str]) -> tuple[float, float]:
    digits, scale = money[1].replace(",", ""), _SCALES[money[2] or ""]
    return float(digits) * scale, 10.0 ** -len(digits.partition(".")[2]) * scale


# Outside tools


def need_tools() -> None:
    """Make sure that the tools are there before anyone waits for a replay.

    Raises:
        ToolMissing: One of them is not installed.
    """
    if not (HERE / "node_modules").is_dir():
        raise ToolMissing("harper")
    for tool in ("codespell", "proselint"):
        if not (PYTHON / tool).exists():
            raise ToolMissing(tool)


def outside_faults(pieces: Sequence[Piece]) -> tuple[list[list[Fault]], list[Remark]]:
    """What the tools find, by article, and write-good's remarks. A text that several articles share is read once.

    Raises:
        ToolFailed: One broke off, or is blind to a fault that it knows.
    """
    places = [[text for _, text in texts_of(piece)] for piece in pieces]
    canaries: Mapping[str, str] = lists()["canaries"]
    every = list(dict.fromkeys([*(text for texts in places for text in texts), *canaries.values()]))
    found = [*_of_node(every), *_of_python(every)]
    for tool, text in canaries.items():
        if not any(r.tool == tool and every[r.index] == text for r in found):
            raise ToolFailed(f"{tool} sees no fault in {text!r}")
    remarks = [r for r in found if not _excused(r, every[r.index])]
    by_text: dict[str, list[Fault]] = {}
    for r in _once(remarks):
        text = every[r.index]
        fault = Fault("spelling and grammar", f"{r.tool} {r.rule}", r.text, _near(text, r.at, r.at + len(r.text)), r.message)
        by_text.setdefault(text, []).append(fault)
    return [[f for text in texts for f in by_text.get(text, ())] for texts in places], [
        r for r in remarks if r.tool == "write-good" and every[r.index] not in canaries.values()
    ]


def _once(remarks: Sequence[Remark]) -> Iterator[Remark]:
    """Faults, each place once: what one tool sees, another often sees too."""
    end: dict[int, int] = {}
    for r in sorted(remarks, key=lambda r: (r.index, r.at, -len(r.text))):
        if r.tool != "write-good" and r.at >= end.get(r.index, 0):
            end[r.index] = r.at + max(len(r.text), 1)
            yield r


def _excused(remark: Remark, text: str) -> bool:
    near = _near(text, remark.at, remark.at + len(remark.text))
    return any(f"{remark.tool} {remark.rule}" == rule and phrase.lower() in near.lower() for rule, phrase, _ in lists()["excused"])


def trade_words() -> list[str]:
    """The dictionary's words and their possessives."""
    listed = (HERE / "dictionary.txt").read_text("utf-8").split()
    return [*listed, *(f"{word}'s" for word in listed)]


def _of_node(texts: Sequence[str]) -> list[Remark]:
    asked = {"words": trade_words(), "off": {"harper": [], "write-good": sorted(lists()["write_good_off"])}, "texts": list(texts)}
    done = subprocess.run(["node", HERE / "lint.mjs"], input=json.dumps(asked), capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolFailed(done.stderr[-2000:])
    return [Remark(**found) for found in json.loads(done.stdout)]


def _of_python(texts: Sequence[str]) -> list[Remark]:
    """codespell and proselint over one file of all texts; they tell lines."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "articles.txt")
        path.write_text(_PARTED.join(t.replace("\n", " ") for t in texts) + "\n", "utf-8")
        ignored = ",".join(word.lower() for word in trade_words() if "'" not in word)
        spelled = _lines(PYTHON / "codespell", "--builtin", "clear,rare,usage,informal,names,en-GB_to_en-US", "-L", ignored, path)
        linted = _lines(PYTHON / "proselint", "check", path)
    told = [("codespell", line) for line in spelled] + [("proselint", line) for line in linted]
    return [remark for tool, line in told if (remark := remark_of(tool, line, texts))]


def remark_of(tool: str, line: str, texts: Sequence[str]) -> Remark | None:
    """A line that codespell or proselint prints; None for one that is no finding. The texts stand on every second line of their file."""
    match = re.match(r".*?articles\.txt:(\d+)(?::(\d+))?: (?:([\w.]+): )?(.*)", line)
    if match is None:
        return None
    place = (int(match[1]) - 1) // 2
    text = match[4].partition(" ==> ")[0] if tool == "codespell" else ""
    at = max(texts[place].find(text), 0) if text else int(match[2] or 1) - 1
    return Remark(tool, match[3] or "spelling", text, match[4], place, at)


def _lines(*command: str | Path) -> list[str]:
    """What a tool prints; a code of 1 or more says that it found something."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
