"""Pages and Markdown of an article; in: a Printed article and its site, out: text. Everything passes autoescape; no outside HTML.

The words of the page live in templates/pages/. Written for readers without scripts: none is sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from newsgen.discover import templates_root
from newsgen.publish._entry import Entry, Told
from newsgen.publish._glossary import glossary_of
from newsgen.publish._printed import Printed, PrintedChart, stamp

__all__ = ["NOWHERE", "Around", "SiteInfo", "Ways", "article_page", "in_path", "markdown", "page_environment"]

NOWHERE = "https://localhost/"  # stands for a site without an address where a format wants whole ones: feeds and sitemaps


class SiteInfo(BaseModel):
    """A site as its pages name it.

    Attributes:
        cards: Whether a folder of the site is published, where a card lies beside each article's page.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "main"
    title: str = "newsgen"
    base_url: str = ""
    language: str = "en"
    desk: str = "Markets desk"
    legal_foot: str = ""
    hubs: tuple[str, ...] = ()
    subscribe: str = ""
    logo: str = ""
    corrections_policy: str = ""
    cards: bool = False

    def url(self, path: str) -> str:
        """An absolute address, or a relative one where the site has no address."""
        return f"{self.base_url.rstrip('/')}/{path}" if self.base_url else path

    def whole_url(self, path: str) -> str:
        """An absolute address in every case."""
        return f"{(self.base_url or NOWHERE).rstrip('/')}/{path}"


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways from a page to the other pages of its site. Relative ones: they hold wherever the folder is served, and on the disk.

    Attributes:
        up: From the page to the root of the site: "../../".
        whole: Write the name of the file, which a disk needs and a server does not.
    """

    up: str = ""
    whole: bool = True

    @classmethod
    def of(cls, site: SiteInfo, depth: int) -> Ways:
        """From a page so many folders below the root."""
        return cls("../" * depth, not site.base_url)

    @classmethod
    def from_anywhere(cls, site: SiteInfo) -> Ways:
        """From a page that a server shows under any address: what is not found."""
        return cls(f"{urlsplit(site.base_url).path.rstrip('/')}/", not site.base_url)

    def __call__(self, path: str) -> str:
        """To a file, or to a folder: "articles/one/"."""
        if self.whole and (not path or path.endswith("/")):
            path += "index.html"
        return f"{self.up}{path}" or "./"


@dataclass(frozen=True, slots=True)
class Around:
    """What a page of a site shows beside its article. A page that stands alone has none of it, and leads nowhere.

    Attributes:
        card: Whether card.png lies beside the page.
        original: The address of the story's original, if that stands elsewhere.
    """

    ways: Ways
    indexed: bool = True
    card: bool = False
    related: Sequence[Entry] = ()
    latest: Sequence[Entry] = ()
    corrections: Sequence[Told] = field(default_factory=tuple)
    original: str = ""


@cache
def page_environment(root: Path) -> Environment:
    """The environment of pages: everything is escaped."""
    environment = Environment(
        loader=FileSystemLoader(root / "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"iso": stamp, "drawn": _drawn, "rfc822": format_datetime, "cdata": _cdata}
    environment.tests["in_path"] = in_path
    return environment


def article_page(article: Printed, site: SiteInfo, around: Around | None = None, root: Path | None = None) -> str:
    """A whole page for one article."""
    from newsgen.publish._json_ld import article_json_ld

    root = root or templates_root()
    glossary = glossary_of(root)
    path = f"articles/{article.slug}/"
    card = site.url(f"{path}card.png") if site.base_url and around and around.card else ""
    corrections = around.corrections if around else _own_correction(article)
    address = (around.original if around else "") or (site.url(path) if site.base_url else "")
    return page_environment(root).get_template("article.html").render(
        article=article, site=site, way=around.ways if around else None, around=around, canonical=address,
        card=card, corrections=corrections, glossary=glossary, charts=[c for c in article.charts if c.kind != "table"],
        json_ld=article_json_ld(article, site, address, card, corrections, glossary),
    )  # fmt: skip


def _own_correction(article: Printed) -> list[Told]:
    change = article.change
    return [Told(note=change.note, at=change.at)] if change is not None and change.kind == "correction" else []


def _drawn(chart: PrintedChart) -> Markup:
    """A chart for the middle of a page; its SVG is ours, with every text escaped."""
    svg = chart.svg[chart.svg.index("<svg") :] if "<svg" in chart.svg else ""
    return Markup(svg)  # noqa: S704 - drawn by our own template, which escapes


def _cdata(html: str) -> Markup:
    """HTML inside XML as it is."""
    return Markup("<![CDATA[" + html.replace("]]>", "]]]]><![CDATA[>") + "]]>")  # noqa: S704 - nothing in it can end it


_PATH = re.compile(r"[A-Za-z0-9_-]{1,40}")


def in_path(name: str) -> bool:
    """Whether a symbol or an angle may be part of an address."""
    return _PATH.fullmatch(name) is not None


_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>#|"})


_ENTITY = re.compile(r"&(?=#?\w+;)")


def _plain(text: str) -> str:
    return _ENTITY.sub(r"\&", text.translate(_MARKDOWN))


def _bracketed(address: str) -> str:
    """An address that stands in brackets and ends with them."""
    return address.replace("(", "%28").replace(")", "%29").replace(" ", "%20")


def markdown(article: Printed) -> str:
    """The article as Markdown, outside text escaped."""
    lines = [f"# {_plain(article.headline.text)}", ""]
    if article.dek.text:
        lines += [f"*{_plain(article.dek.text)}*", ""]
    lines += [f"- {_plain(p.text)}" for p in article.key_points] + ([""] if article.key_points else [])
    for paragraph in article.paragraphs:
        lines += [_plain(paragraph.text), ""]
    for table in article.tables:
        lines += [f"**{_plain(table.title)}**", "", f"| {' | '.join(map(_plain, table.columns))} |", f"|{' --- |' * len(table.columns)}"]
        lines += [f"| {' | '.join(_plain(cell.text) for cell in row)} |" for row in table.rows] + [""]
    lines += ["---", ""]
    lines += [_plain(article.disclosure.text), ""]
    for source in article.credits:
        lines += [f"[{_plain(source.credit)}]({_bracketed(source.credit_link)})" if source.credit_link else _plain(source.credit), ""]
    return "\n".join(lines)
