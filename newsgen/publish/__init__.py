"""Publishing: from a checked article to its targets; in: articles and targets, out: files, posts and receipts.

Formatting is pure and quick to import; sqlalchemy and httpx are loaded only when something is sent.
"""

from __future__ import annotations

from newsgen.publish._check import check_target
from newsgen.publish._ninjs import to_ninjs
from newsgen.publish._outbox import CRASH_POINTS, Outbox, publishers
from newsgen.publish._pages import SiteInfo, article_page, body_html, markdown, page_environment
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Publisher, Target
from newsgen.story import Article

__all__ = [
    "CRASH_POINTS", "Outbox", "Printed", "Publisher", "SiteInfo", "Target", "article_page", "body_html", "check_target", "html_page",
    "markdown", "page_environment", "publishers", "to_markdown", "to_ninjs",
]  # fmt: skip


def html_page(article: Article, site: SiteInfo | None = None) -> str:
    """The page of an article."""
    return article_page(Printed.of(article), site or SiteInfo())


def to_markdown(article: Article) -> str:
    """The article as Markdown."""
    return markdown(Printed.of(article))
