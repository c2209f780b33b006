"""The newsletter of a day; in: its articles and their site, out: subject, HTML with its styles in place, and the same as plain text.

Sends nothing. Every story carries its own foot: who made it, from what, and what the desk owes its readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from newsgen.discover import templates_root
from newsgen.publish._pages import SiteInfo, page_environment
from newsgen.publish._printed import Printed

__all__ = ["newsletter"]


def newsletter(articles: Sequence[Printed], site: SiteInfo, day: date) -> tuple[str, str, str]:
    """The strongest story first; those withdrawn are left out.

    Args:
        articles: At least one that stands.

    Returns:
        Subject, HTML and plain text.

    Raises:
        ValueError: There is no story to tell.
    """
    told = sorted((a for a in articles if not a.withdrawn), key=lambda a: (a.score, a.first_at), reverse=True)
    if not told:
        raise ValueError("a newsletter needs a story")
    environment = page_environment(templates_root())
    plain = environment.overlay(autoescape=False)
    values = {"articles": told, "opening": _opening, "site": site, "day": day}
    subject = " ".join(plain.get_template("newsletter_subject.txt").render(values).split())
    return subject, environment.get_template("newsletter.html").render(values), plain.get_template("newsletter.txt").render(values)


def _opening(article: Printed) -> list[str]:
    """What the newsletter gives of a text: its corrections, and its first paragraph if the summary does not say the same."""
    body = next((p.text for p in article.paragraphs if p.role != "correction"), "")
    notes = [p.text for p in article.paragraphs if p.role == "correction"]
    return [text for text in (*notes, body) if text and text != article.summary]
