"""A site for tests: made stories of chosen strength, time and subject, put into a folder; and its later versions."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from desk import SAMPLES, written

from newsgen.publish import Printed, SiteInfo
from newsgen.publish._site import write_site
from newsgen.story import Article, Change, Chart, Paragraph, Text

SITE = SiteInfo(
    title="Desk & Co", base_url="https://news.example", legal_foot="A legal foot.", hubs=("https://hub.example/",),
    subscribe="https://news.example/newsletter", logo="https://news.example/logo.png", corrections_policy="https://news.example/policy",
)  # fmt: skip
MORNING = datetime(2025, 7, 14, 8, tzinfo=UTC)
NOTE = "An earlier version gave the price as $12; it is $13."
_LINE = '<polyline points="0,90 100,40 200,60 300,10" fill="none" stroke="currentColor" stroke-width="2"/>'
CHART = Chart(
    "price", "Bitcoin, price over 24 hours", "Binance spot, as of July 14, 2025", "A line that rises from $118,072 to $121,467",
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100" role="img"><title>A line that rises</title>{_LINE}</svg>', 300, 100,
)  # fmt: skip


def sample(name: str = "2025-07-14-squeeze", form: str = "standard") -> Article:
    """What newsgen writes for a day of the samples."""
    article = written(name, form).article
    assert article is not None
    return article


def story(number: int, hours: float = 0, *, score: str = "80", subject: str = "BTC", family: str = "price", headline: str = "") -> Article:
    """A story of its own, so many hours after the morning."""
    article, at = sample(), MORNING + timedelta(hours=hours)
    pitches = tuple(
        replace(p, score=Decimal(score), subject=subject, family=family) if p.role == "lead" else p for p in article.pitches
    )  # fmt: skip
    stamps = {"as_of": f"{at:%B %d, %H:%M} UTC", "written_at": f"{at:%B %d, %H:%M} UTC"}
    return replace(article, id=f"{number:036d}", slug=f"story-{number}", story=f"story-{number}", as_of=at, written_at=at, stamps=stamps,
                   pitches=pitches, headline=Text(headline or f"The headline of story {number}"))  # fmt: skip


def later(article: Article, hours: float = 1, text: str = "") -> Article:
    """The next version of a story; with other words only if a text is given."""
    at = article.written_at + timedelta(hours=hours)
    paragraphs = (replace(article.paragraphs[0], body=Text(text)), *article.paragraphs[1:]) if text else article.paragraphs
    return replace(article, id=f"v{article.version + 1}-{article.id[3:]}", version=article.version + 1, written_at=at,
                   paragraphs=paragraphs, stamps={**article.stamps, "written_at": f"{at:%B %d, %H:%M} UTC"}, change=None)  # fmt: skip


def corrected(article: Article, note: str = NOTE) -> Article:
    """The next version of a story, which says what was wrong in it."""
    new = later(article)
    change = Change("correction", note, new.written_at, "an editor", (("$12", "$13"),))
    return replace(new, change=change, paragraphs=(Paragraph("correction", "", Text(note)), *new.paragraphs))


def withdrawn(article: Article, note: str = "Its figures were wrong.") -> Article:
    """The version of a story that takes it back: its body is the notice."""
    new = later(article)
    change = Change("withdrawal", note, new.written_at, "an editor")
    return replace(new, change=change, paragraphs=(Paragraph("correction", "", Text(note)),), key_points=(), tables=(), charts=())


def put(root: Path, article: Article, site: SiteInfo = SITE, limit: int = 12) -> Path:
    """Write a version of a story into the site; returns the article's folder."""
    return root / write_site(root, Printed.of(article), json.dumps(article.as_json()), site, limit)


def files(root: Path) -> dict[str, bytes]:
    """Every file of a folder by its path."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@cache
def showcase() -> Path:
    """A site with a page of every kind: charts and tables, a correction, a withdrawal, a page that is not to be listed. Only to be read."""
    root = Path(tempfile.mkdtemp(prefix="newsgen-showcase-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    for path in sorted(SAMPLES.glob("*/article.json")):
        text = path.read_text("utf-8")
        if Printed.read(text).written_at < MORNING:  # the two others are of the story that comes next
            write_site(root, Printed.read(text), text, SITE)
    put(root, replace(sample(form="wrap"), charts=(CHART, replace(CHART, kind="etf_flows", title="Fund flows"))))
    for number in (1, 2, 3):
        put(root, story(number, hours=5 + number, score=str(70 - number)))
    put(root, corrected(story(1, hours=6)))
    put(root, withdrawn(story(2, hours=7)))
    return root
