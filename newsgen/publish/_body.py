"""The body of an article as blocks, and as HTML of several kinds; in: a Printed article, out: HTML that a CMS keeps, or its visible words.

Targets differ in what they keep, so each asks for its own kind; none gets another's. Every block stands on a line of its own without line
breaks inside, every text is escaped, only p, h2, em, a and table are used. No English: tables that a target would run together become
prose of their own headings.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from newsgen.publish._printed import Printed, PrintedTable

__all__ = ["Block", "blocks", "credit_lines", "digest_of_words", "ghost_html", "links_of", "plain_html", "plain_text", "simple_html",
           "table_prose", "visible_text", "wordpress_html", "wordpress_text", "words_of"]  # fmt: skip

_BLOCK_TAGS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "thead", "tbody", "tr", "td", "th", "figure", "figcaption",
    "blockquote", "div", "section", "aside", "br", "hr", "details", "summary", "caption",
})  # fmt: skip
_HIDDEN_TAGS = frozenset({"script", "style", "template", "noscript"})
_TIMES = re.compile(r"(?<=\d)x(?=\d)")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a body.

    Attributes:
        kind: "p", "note" (a correction or withdrawal, before everything), "foot" (how it was made), "credit" or "table".
        text: Of all but tables.
        link: Where the text of a credit leads; "" where it has no address.
    """

    kind: str
    text: str = ""
    link: str = ""
    table: PrintedTable | None = None


def blocks(article: Printed) -> list[Block]:
    """The body from first paragraph to credits; headline and dek are not in it."""
    found = [Block("note" if p.role == "correction" else "p", p.text) for p in article.paragraphs]
    found += [Block("table", table=t) for t in article.tables]
    if article.disclosure.text:
        found.append(Block("foot", article.disclosure.text))
    return found + [Block("credit", s.credit, s.credit_link) for s in article.credits]


def plain_html(article: Printed) -> str:
    """For targets that store what they are sent."""
    return _html(blocks(article), _escaped, _table_html)


def wordpress_html(article: Printed) -> str:
    """For WordPress: brackets would be shortcodes of some plugin, and the x between digits is made a sign of multiplication there."""
    return _html(blocks(article), wordpress_text, _table_html)


def ghost_html(article: Printed) -> str:
    """For Ghost, which keeps a table as a card of HTML."""
    return _html(blocks(article), _escaped, lambda t, text: f"<!--kg-card-begin: html-->\n{_table_html(t, text)}\n<!--kg-card-end: html-->")


def simple_html(article: Printed) -> str:
    """For targets that run the cells of a table together: it becomes prose."""
    return _html(blocks(article), _escaped, lambda t, text: "\n".join(f"<p>{text(line)}</p>" for line in table_prose(t)))


def _html(found: Sequence[Block], text: Callable[[str], str], table: Callable[[PrintedTable, Callable[[str], str]], str]) -> str:
    lines = []
    for block in found:
        if block.table is not None:
            lines.append(table(block.table, text))
        elif block.kind == "credit" and block.link:
            lines.append(f'<p><a href="{escape(block.link)}">{text(block.text)}</a></p>')
        elif block.kind in ("foot", "note"):
            lines.append(f"<p><em>{text(block.text)}</em></p>")
        else:
            lines.append(f"<p>{text(block.text)}</p>")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return escape(text)


def wordpress_text(text: str, *, quote: bool = True) -> str:
    """A text for WordPress.

    Args:
        quote: Escape quotes too, which people would see in the field of an excerpt.
    """
    return _TIMES.sub("&#120;", escape(text, quote=quote).replace("[", "&#91;").replace("]", "&#93;"))


def _table_html(table: PrintedTable, text: Callable[[str], str]) -> str:
    head = "".join(f"<th>{text(c)}</th>" for c in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{text(c.text)}</td>" for c in row) + "</tr>" for row in table.rows)
    return f"<h2>{text(table.title)}</h2>\n<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def plain_text(article: Printed) -> str:
    """For targets without HTML: a paragraph for each block, tables as prose."""
    lines: list[str] = []
    for block in blocks(article):
        lines += table_prose(block.table) if block.table is not None else [_with_address(block.text, block.link)]
    return "\n\n".join(lines)


def credit_lines(article: Printed) -> list[str]:
    """The credits as plain text, each with its address."""
    return [_with_address(s.credit, s.credit_link) for s in article.credits]


def _with_address(text: str, link: str) -> str:
    return f"{text} ({link})" if link else text


def table_prose(table: PrintedTable) -> list[str]:
    """A table as lines: its title, then each row with the headings of its columns."""
    lines = [f"{table.title}:"]
    for row in table.rows:
        cells = [f"{head} {cell.text}" for head, cell in zip(table.columns[1:], row[1:], strict=False) if cell.text]
        lines.append(f"{row[0].text}: {', '.join(cells)}" if cells else row[0].text)
    return lines


def visible_text(html: str) -> str:
    """What a reader sees of HTML: its words, those of neighbouring blocks apart."""
    from selectolax.lexbor import LexborHTMLParser

    parts: list[str] = []
    body = LexborHTMLParser(html).body
    for node in body.traverse(include_text=True) if body is not None else ():
        tag = node.tag or ""
        if tag == "-text":
            hidden = node.parent is not None and node.parent.tag in _HIDDEN_TAGS
            behind = node.prev is not None and node.prev.tag in _BLOCK_TAGS
            parts.append("" if hidden else (" " if behind else "") + (node.text_content or ""))
        elif tag in _BLOCK_TAGS:
            parts.append(" ")
    return " ".join("".join(parts).split())


def links_of(html: str) -> list[str]:
    """Where the links of HTML lead, in order."""
    from selectolax.lexbor import LexborHTMLParser

    return [node.attributes.get("href") or "" for node in LexborHTMLParser(html).css("a[href]")]


def words_of(title: str, html: str) -> bytes:
    """A post's visible words, the same however a target writes its HTML: what a publisher's `format` gives for a CMS.

    Args:
        title: Plain text.
    """
    return f"{' '.join(title.split())}\n{visible_text(html)}".encode()


def digest_of_words(title: str, html: str) -> str:
    """The digest of a post's visible words, as the outbox keeps it of each version that it sent."""
    return hashlib.sha256(words_of(title, html)).hexdigest()
