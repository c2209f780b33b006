"""Pages and Markdown of an article; in: a Printed article and its site, out: text. Everything passes autoescape; no outside HTML.

The words of the page live in templates/pages/. Written for readers without scripts: none is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from newsgen.discover import templates_root
from newsgen.publish._printed import Printed, PrintedSource, stamp

__all__ = ["SiteInfo", "article_page", "body_html", "index_page", "markdown", "page_environment"]


class SiteInfo(BaseModel):
    """A site as its pages name it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "main"
    title: str = "newsgen"
    base_url: str = ""
    language: str = "en"
    desk: str = "Markets desk"
    legal_foot: str = ""

    def url(self, path: str) -> str:
        """An absolute address, or a relative one where the site has no address."""
        return f"{self.base_url.rstrip('/')}/{path}" if self.base_url else path


@cache
def page_environment(root: Path) -> Environment:
    """The environment of pages: everything is escaped."""
    environment = Environment(
        loader=FileSystemLoader(root / "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["iso"] = stamp
    return environment


def article_page(article: Printed, site: SiteInfo, root: Path | None = None) -> str:
    """A whole page for one article."""
    template = page_environment(root or templates_root()).get_template("article.html")
    return template.render(article=article, site=site, json_ld=_json_ld(article, site),
                           canonical=site.url(f"articles/{article.slug}/"))  # fmt: skip


def index_page(articles: Sequence[Printed], site: SiteInfo, root: Path | None = None) -> str:
    """The front page with the latest articles, newest first."""
    template = page_environment(root or templates_root()).get_template("index.html")
    return template.render(articles=articles, site=site)


def body_html(article: Printed) -> str:
    """The body in tags that every target keeps: p, h2, ul, li; each block on a line of its own."""
    lines = [Markup("<p>{}</p>").format(p.text) for p in article.paragraphs]
    lines.append(Markup("<p><em>{}</em></p>").format(article.disclosure.text))
    if article.credits:
        lines.append(Markup("<p>{}</p>").format(Markup(" ").join(_credit_html(s) for s in article.credits)))
    return "\n".join(lines) + "\n"


def _credit_html(source: PrintedSource) -> Markup:
    link = source.credit_link
    return Markup('<a href="{}">{}</a>').format(link, source.credit) if link else Markup("{}").format(source.credit)


def credit_lines(article: Printed) -> list[str]:
    """The credits as plain text, each with its address."""
    return [f"{s.credit} ({s.credit_link})" if s.credit_link else s.credit for s in article.credits]


def body_text(article: Printed) -> str:
    """The body as plain text."""
    return "\n\n".join([*(p.text for p in article.paragraphs), article.disclosure.text, *credit_lines(article)])


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


def _json_ld(article: Printed, site: SiteInfo) -> Markup:
    """NewsArticle of schema.org, safe inside a script element."""
    desk = {"@type": "Organization", "name": f"{site.title}, {site.desk}"}
    data = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": article.headline.text,
        "description": article.summary, "inLanguage": site.language, "datePublished": stamp(article.written_at),
        "dateModified": stamp(article.written_at), "author": [desk],
        "publisher": {"@type": "NewsMediaOrganization", "name": site.title},
        "mainEntityOfPage": site.url(f"articles/{article.slug}/"), "wordCount": article.word_count,
        "keywords": list(article.tags), "articleSection": article.tags[0] if article.tags else article.angle,
        "isBasedOn": [s.link or s.name for s in article.sources], "version": str(article.version),
        "digitalSourceType": "https://schema.org/DataDrivenMediaDigitalSource",
    }  # fmt: skip
    text = json.dumps(data, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - escaped for a script element above
