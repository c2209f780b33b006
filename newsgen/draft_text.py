"""A draft as blocks of plain text; in: Markdown, HTML or plain text as a person saved it, out: Blocks in reading order.

Markup goes, words stay. Nothing of the draft is run or fetched, and nothing of its markup reaches a page of ours.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from newsgen.check.factcheck import Block

if TYPE_CHECKING:
    from markdown_it.token import Token
    from selectolax.lexbor import LexborNode

__all__ = ["blocks_of"]

_HTML = re.compile(r"\s*(<!doctype html|<html|<head|<body|<article|<div|<section|<p[ >]|<h[1-6][ >]|<ul|<main)", re.IGNORECASE)
_SUFFIXES = {".html": "html", ".htm": "html", ".xhtml": "html", ".md": "markdown", ".markdown": "markdown", ".txt": "text"}
_BLOCKS = frozenset({f"h{n}" for n in range(1, 7)} | {"p", "li", "tr", "blockquote", "dt", "dd", "figcaption", "caption", "pre", "summary"})
_DROPPED = ("script", "style", "head", "template", "noscript", "svg", "nav")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ENDS = re.compile(r"(?<=[.!?])\s")
_LONGEST = 1000  # characters of a sentence
_SPACE = re.compile(r"\s+")


def blocks_of(text: str, suffix: str = "") -> tuple[Block, ...]:
    """Cut a draft into blocks; by the file's suffix, else by what it looks like.

    The first heading of the first level is the headline, or the first block of an HTML page that is one; the others are paragraphs.
    """
    kind = _SUFFIXES.get(suffix.lower(), "html" if _HTML.match(text) else "markdown")
    found = {"html": _of_html, "markdown": _of_markdown, "text": _of_plain}[kind](unicodedata.normalize("NFC", text))
    return tuple(_with_heads(_placed((kind_, cleaned) for kind_, raw in found if (cleaned := _cleaned(raw)))))


def _with_heads(blocks: Iterator[Block]) -> Iterator[Block]:
    """Rows know the heads of their columns: the cells of the first row of their table."""
    heads: tuple[str, ...] = ()
    for block in blocks:
        if block.kind != "tr":
            heads = ()
        elif not heads:
            heads = tuple(cell.strip() for cell in block.text.split("|"))
        else:
            block = replace(block, heads=heads)  # noqa: PLW2901
        yield block


def _placed(blocks: Iterator[tuple[str, str]]) -> Iterator[Block]:
    paragraphs = 0
    headline = False
    for kind, text in ((kind, piece) for kind, whole in blocks for piece in _pieces(whole)):
        if kind == "h1" and not headline:
            headline = True
            yield Block("headline", text, kind)
        else:
            yield Block(f"paragraphs[{paragraphs}]", text, kind)
            paragraphs += 1


def _pieces(text: str) -> list[str]:
    """The text; one that no reader would take for sentences (a dump of numbers) in pieces, since a sentence is read as a whole."""
    if all(len(sentence) <= _LONGEST for sentence in _ENDS.split(text)):
        return [text]
    return textwrap.wrap(text, _LONGEST, break_long_words=False, break_on_hyphens=False)


def _cleaned(text: str) -> str:
    """One line, without what has no width and might part a number from its reader."""
    shown = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return _SPACE.sub(" ", shown).strip()


def _of_plain(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"\n\s*\n", text):
        yield "p", part


def _of_markdown(text: str) -> Iterator[tuple[str, str]]:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    kind, cells = "p", list[str]()
    for token in tokens:
        kind = _opened(token, kind)
        if token.type == "tr_open":
            cells = []
        elif token.type == "inline" and kind in ("th", "td"):
            cells.append(_inline(token))
        elif token.type == "inline":
            yield kind, _inline(token)
        elif token.type == "tr_close":
            yield "tr", " | ".join(cells)
        elif token.type in ("fence", "code_block"):
            yield "pre", token.content
        elif token.type == "html_block":
            yield from _of_html(token.content)


def _opened(token: Token, kind: str) -> str:
    """The kind of block that inline text belongs to from here on."""
    if token.type in ("heading_open", "th_open", "td_open"):
        return token.tag
    if token.type == "list_item_open":
        return "li"
    return "p" if token.type in ("heading_close", "table_close", "list_item_close") else kind


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)


def _of_html(text: str) -> Iterator[tuple[str, str]]:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(_BREAK.sub(" ", text))
    tree.strip_tags(list(_DROPPED))
    body = tree.body
    if body is not None:
        yield from _walk(body)


def _walk(node: LexborNode) -> Iterator[tuple[str, str]]:
    """Text block by block; loose text between blocks is a paragraph."""
    loose: list[str] = []
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "tr":
            yield from _flushed(loose)
            yield "tr", " | ".join(cell.text(separator=" ") for cell in child.css("th, td"))
        elif tag in _BLOCKS and not _holds_blocks(child):
            yield from _flushed(loose)
            yield tag, child.text(separator="")
        elif tag != "-text" and _holds_blocks(child):
            yield from _flushed(loose)
            yield from _walk(child)
        else:
            loose.append(child.text(separator="") or "")
    yield from _flushed(loose)


def _flushed(loose: list[str]) -> Iterator[tuple[str, str]]:
    if loose:
        yield "p", "".join(loose)
        loose.clear()


def _holds_blocks(node: LexborNode) -> bool:
    return any(inner.tag in _BLOCKS or inner.tag in ("div", "section", "table") for inner in node.iter()) or any(
        _holds_blocks(inner) for inner in node.iter()
    )
