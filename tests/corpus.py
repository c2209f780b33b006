"""Articles of every angle on real days and made ones, for tests that need many; in: nothing, out: stories, none of them held.

The days are those of the tests of the angles. Does not say what an article should tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice

from desk import newsroom

from newsgen.market import View
from newsgen.pipeline import Order, write_article
from newsgen.story import Article
from tests.angles import test_derivatives as derivatives
from tests.angles import test_flows as flows
from tests.angles import test_price as price
from tests.angles import test_structure as structure
from tests.test_wordings import DAYS as OLDEST
from tests.test_wraps import DAYS as WRAPPED
from tests.test_wraps import _view as view_of_wrap

__all__ = ["Story", "corpus"]

FORMS = ("standard", "brief")
A_DAY = 2  # days of each angle
SEED = 41  # no wording of the tests of the angles


@dataclass(frozen=True)
class Story:
    """An article with what was known when it was written."""

    article: Article
    view: View


@cache
def corpus() -> tuple[Story, ...]:
    """Two days of each angle, one told at length and one in brief, and the wraps."""
    return (*_of_angles(), *_of_wraps())


def _of_angles() -> Iterator[Story]:
    for angle, views in _views().items():
        told = (_story(view, form, SEED + i, angle) for i, (view, form) in enumerate(zip(views, cycle(FORMS), strict=False)))
        yield from islice((story for story in told if story is not None), A_DAY)


def _of_wraps() -> Iterator[Story]:
    for i, day in enumerate(WRAPPED):
        story = _story(view_of_wrap(day), "weekly" if i % 2 else "wrap", SEED + i)
        if story is not None:
            yield story


def _story(view: View, form: str, seed: int, *angles: str) -> Story | None:
    article = write_article(newsroom(), view, Order("corpus", form=form, seed=seed, angles=angles)).article
    return Story(article, view) if article is not None else None


def _views() -> dict[str, Sequence[View]]:
    """The days of each angle: those with made readings where no real day fires."""
    found: dict[str, list[View]] = {}
    for angle, days in (*OLDEST.items(), *price.DAYS.items()):
        found[angle] = [price._view(day) for day in days]
    for module in (flows, structure):
        for angle, days in module.DAYS.items():
            found[angle] = [module._view(day) for day in days]
        for angle, made in module.MADE.items():
            found.setdefault(angle, [])[:0] = [module._view(day, make()) for day, make in made]
    for angle, days in derivatives.DAYS.items():
        found[angle] = [derivatives._view(day) for day in days]
    found["flash_move"] = [*price.FLASHES.values()]
    found["single_liquidation"] = [derivatives._view("2024-11-14T00", made, "none") for made in derivatives.ORDERS.values()]
    return found
