"""No look-ahead: what was not known at a moment changes no byte of an article of that moment, at any moment of the samples' history."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from desk import edition, newsroom

from newsgen.market import View
from newsgen.pipeline import Order, Outcome, write_article
from newsgen.store.memory import MemoryArchive

FROM, DAYS = datetime(2024, 7, 10, tzinfo=UTC), 368
ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")


def _moments(count: int) -> list[datetime]:
    """Moments that are no bar's end too: 12:02, 03:17 ..."""
    chosen = random.Random(20250714)
    return [FROM + timedelta(days=chosen.randrange(DAYS), minutes=chosen.choice((0, 240, 722, 197, 720, 960))) for _ in range(count)]


def _write(archive: MemoryArchive, moment: datetime, form: str) -> Outcome:
    view = View(moment, archive.load, ASSETS, edition("2025-07-14-squeeze").view.precedence)
    return write_article(newsroom(), view, Order("replay", form=form, seed=4))


@pytest.mark.parametrize("moment", _moments(16), ids=lambda m: f"{m:%Y-%m-%dT%H%M}")
def test_what_is_known_later_changes_no_byte(moment: datetime) -> None:
    archive = edition("2025-07-14-squeeze").archive
    cut = archive.cut(moment)
    assert len(cut) < len(archive)
    for form in ("standard", "brief"):
        full, small = _write(archive, moment, form), _write(cut, moment, form)
        assert [(p.angle, p.subject, p.score, p.role, p.reason) for p in full.pitches] == [
            (p.angle, p.subject, p.score, p.role, p.reason) for p in small.pitches
        ]
        assert (full.article and full.article.dumps()) == (small.article and small.article.dumps())


def test_most_moments_have_an_article_to_compare() -> None:
    archive = edition("2025-07-14-squeeze").archive
    assert sum(_write(archive, moment, "brief").article is not None for moment in _moments(16)) >= 8
