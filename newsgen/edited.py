"""An article's text as a person has edited it; in: a file of Markdown or ARTICLE.json and the article as stored, out: the article anew.

Headline, dek, key points and paragraphs are the person's; figures, tables, charts, sources and the foot stay. A text that is as it was
keeps its spans, another one has none. Judges nothing: newsdesk.py has the new text checked against the figures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsgen.errors import ConfigError

__all__ = ["Texts", "as_draft", "read_texts", "with_texts"]

_LARGEST = 1_000_000  # bytes
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS = re.compile(r"(\*\*|__|\*|_)(?=\S)(.+?)(?<=\S)\1")
HUMAN_EDITS = "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits"


@dataclass(frozen=True, slots=True)
class Texts:
    """What a person may change of an article."""

    headline: str
    dek: str
    key_points: tuple[str, ...]
    paragraphs: tuple[str, ...]

    @classmethod
    def of(cls, article: Mapping[str, Any]) -> Texts:
        """The texts of ARTICLE.json.

        Raises:
            TypeError: One of them is no text.
        """
        headline, dek, *others = (_said(t) for t in (article["headline"], article["dek"], *article["key_points"], *article["paragraphs"]))
        points = len(article["key_points"])
        return cls(headline, dek, tuple(others[:points]), tuple(others[points:]))


def _said(text: Any) -> str:
    if not isinstance(text["text"], str):
        raise TypeError("a text is a string")
    return text["text"]


def read_texts(path: Path) -> Texts:
    """The texts of a file: Markdown as newsgen writes it, or ARTICLE.json.

    Raises:
        ConfigError: It is neither, or has no headline or no paragraph.
    """
    with path.open("rb") as file:
        body = file.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise ConfigError(f"{path}: larger than {_LARGEST:,} bytes")
    try:
        text = body.decode("utf-8-sig")
        texts = Texts.of(json.loads(text)) if path.suffix == ".json" else _of_markdown(text)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{path}: is no ARTICLE.json") from None
    if not texts.headline or not texts.paragraphs:
        missing = "headline (# ...)" if not texts.headline else "paragraph"
        raise ConfigError(f"{path}: has no {missing}")
    return texts


def _of_markdown(text: str) -> Texts:
    """Up to the line that parts text and foot; tables are not read, they stay as they are."""
    chunks = [c.strip() for c in re.split(r"\n\s*\n", re.split(r"^---\s*$", text, maxsplit=1, flags=re.MULTILINE)[0]) if c.strip()]
    headline, dek = "", ""
    points: list[str] = []
    paragraphs: list[str] = []
    for chunk in chunks:
        if chunk.startswith("# ") and not headline:
            headline = _plain(chunk[2:])
        elif re.fullmatch(r"\*[^*\n](?:[^*]|\\\*)*\*", chunk) and not paragraphs and not dek:
            dek = _plain(chunk[1:-1])
        elif chunk.startswith(("- ", "* ")):
            points += [_plain(line[2:]) for line in chunk.splitlines() if line.startswith(("- ", "* "))]
        elif not chunk.startswith("|") and not (chunk.startswith("**") and chunk.endswith("**")):
            paragraphs.append(_plain(chunk))
    return Texts(headline, dek, tuple(points), tuple(paragraphs))


def _plain(text: str) -> str:
    """Without emphasis and the backslashes that keep a sign from being markup."""
    return " ".join(_ESCAPED.sub(r"\1", _EMPHASIS.sub(r"\2", text)).split())


def with_texts(article: Mapping[str, Any], texts: Texts, said_of_it: str) -> dict[str, Any]:
    """ARTICLE.json with a person's texts, which its foot tells.

    Args:
        said_of_it: The sentence of the foot.
    """
    made = deepcopy(dict(article))
    made["headline"], made["dek"] = _text(texts.headline, [article["headline"]]), _text(texts.dek, [article["dek"]])
    made["key_points"] = [_text(t, article["key_points"]) for t in texts.key_points]
    made["paragraphs"] = [_paragraph(i, t, article) for i, t in enumerate(texts.paragraphs)]
    foot = article["disclosure"]["text"]
    made["disclosure"] = {"text": foot if said_of_it in foot else f"{foot} {said_of_it}".strip(), "digital_source_type": HUMAN_EDITS}
    return made


def _text(text: str, old: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    same = next((o for o in old if o["text"] == text), None)
    return {"text": text, "spans": [] if same is None else same["spans"]}


def _paragraph(index: int, text: str, article: Mapping[str, Any]) -> dict[str, Any]:
    """A paragraph keeps its role if it is as it was, or stands where it stood."""
    old = article["paragraphs"]
    same = next((p for p in old if p["text"] == text), None)
    if same is not None:
        return dict(same)
    there = old[index] if index < len(old) and old[index]["role"] != "correction" else None
    role, angle = (there["role"], there["angle"]) if there is not None else ("detail", article["angle"])
    return {"role": role, "angle": angle, "text": text, "spans": []}


def as_draft(article: Mapping[str, Any]) -> str:
    """The texts of an article as a draft to be checked, without what its notices say of earlier versions."""
    lines = [f"# {article['headline']['text']}", article["dek"]["text"], *(t["text"] for t in article["key_points"])]
    lines += [p["text"] for p in article["paragraphs"] if p["role"] != "correction"]
    return "\n\n".join(re.sub(r"([\\`*_\[\]<>|])", r"\\\1", line) for line in lines if line)
