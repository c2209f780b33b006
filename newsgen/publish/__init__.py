"""Publishing: from a checked article to its targets; in: articles and targets, out: files, posts and receipts.

Formatting is pure and quick to import; sqlalchemy and httpx are loaded only when something is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from newsgen.publish._check import check_target
from newsgen.publish._home import Home
from newsgen.publish._newsletter import newsletter
from newsgen.publish._ninjs import to_ninjs
from newsgen.publish._outbox import CRASH_POINTS, Outbox, publishers
from newsgen.publish._pages import SiteInfo, article_page, markdown, page_environment
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Publisher, Target
from newsgen.story import Article

__all__ = [
    "CRASH_POINTS", "Home", "Outbox", "Printed", "Publisher", "SiteInfo", "Target", "article_page", "check_target", "day_of_news",
    "html_page", "markdown", "page_environment", "publishers", "to_markdown", "to_ninjs",
]  # fmt: skip


def html_page(article: Article, site: SiteInfo | None = None) -> str:
    """The page of an article."""
    return article_page(Printed.of(article), site or SiteInfo())


def day_of_news(articles: Sequence[Printed], site: SiteInfo, day: date, form: str) -> str:
    """The newsletter of a day as its HTML, its plain text, or the whole mail ("eml") that carries both.

    Raises:
        ValueError: There is no story to tell.
    """
    from email.message import EmailMessage  # 20 ms that a preview has no use for
    from email.policy import SMTP

    subject, html, text = newsletter(articles, site, day)
    if form != "eml":
        return html if form == "html" else text
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail.as_string()


def to_markdown(article: Article) -> str:
    """The article as Markdown."""
    return markdown(Printed.of(article))
