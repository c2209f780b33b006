"""Articles of every angle on real days and made ones, for tests that need many; in: nothing, out: stories, none of them held.

The days are those of the tests of the angles. Does not say what an article should tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import cycle, islice

from desk import newsroom

from newsgen.market import View
from newsgen.pipeline import Order, write_article
from newsgen.story import Article
from tests.angles import test_derivatives as derivatives
from tests.angles import test_flows as flows
from tests.angles import test_price as price
from tests.angles import test_structure as structure
from tests.derive.market_of import Market
from tests.test_wordings import DAYS as OLDEST
from tests.test_wraps import DAYS as WRAPPED
from tests.test_wraps import _view as view_of_wrap

__all__ = ["Story", "corpus"]

Open = Callable[[], View]
FORMS = ("standard", "brief")
DAYS_EACH = 2  # of each angle
SEED = 41  # no wording of the tests of the angles


@dataclass(frozen=True)
class Story:
    """An article with what was known when it was written."""

    article: Article
    view: View


@cache
def corpus(one_of: int = 1) -> tuple[Story, ...]:
    """Two days of each angle, or of one angle of so many, told at length or in brief, and the wraps of a day and of a week."""
    return (*_of_angles(one_of), *_of_wraps(one_of))


def _of_angles(one_of: int) -> Iterator[Story]:
    for angle, opened in islice(_days().items(), 0, None, one_of):
        told = (_story(view(), form, SEED + i, angle) for i, (view, form) in enumerate(zip(opened, cycle(FORMS), strict=False)))
        yield from islice((story for story in told if story is not None), DAYS_EACH)


def _of_wraps(one_of: int) -> Iterator[Story]:
    for i, day in islice(enumerate(WRAPPED), 0, None, one_of):
        story = _story(view_of_wrap(day), "weekly" if i % 2 else "wrap", SEED + i)
        if story is not None:
            yield story


def _story(view: View, form: str, seed: int, *angles: str) -> Story | None:
    article = write_article(newsroom(), view, Order("corpus", form=form, seed=seed, angles=angles)).article
    return Story(article, view) if article is not None else None


def _days() -> dict[str, Sequence[Open]]:
    """The days of each angle, made ones first where there are such."""
    found: dict[str, list[Open]] = {angle: [partial(price._view, day) for day in days] for angle, days in (OLDEST | price.DAYS).items()}
    for module in (flows, structure):
        for angle, days in module.DAYS.items():
            found[angle] = [partial(module._view, day) for day in days]
        for angle, made in module.MADE.items():
            found[angle] = [*(partial(_made, module._view, day, make) for day, make in made), *found.get(angle, ())]
    for angle, days in derivatives.DAYS.items():
        found[angle] = [partial(derivatives._view, day) for day in days]
    found["flash_move"] = [partial(lambda view: view, view) for view in price.FLASHES.values()]
    found["single_liquidation"] = [partial(derivatives._view, "2024-11-14T00", made, "none") for made in derivatives.ORDERS.values()]
    return {**found}


def _made(view: Callable[[str, Market], View], day: str, make: Callable[[], Market]) -> View:
    return view(day, make())
