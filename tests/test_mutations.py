"""The checks against slips, over articles of every angle: what is made wrong is held, what stays true is not.

The checks see the changed text and the figures, never the original text. The common run takes a seeded part of the edits; all that
`EACH` allows are tried by `pytest -m slow tests/test_mutations.py`. `pytest -s` prints the table by kind and every escape.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import pytest
from corpus import Story, corpus
from desk import edition, newsroom, written
from harmless import harmless
from mutants import exchanged, mutants
from printed import Edit

from newsgen import check as checking
from newsgen.story import Article

EACH = 3  # edits of each kind of each article, drawn by a seed
KINDS = {
    "figure", "unit", "scale", "side", "asset", "direction", "window", "record word", "date", "attribution", "unit dropped",
    "part and total", "total called one side", "percent for points", "hedge", "rank",
}  # fmt: skip
HARMLESS = {
    "synonym", "spelling", "typo", "punctuation", "rounding", "unit form", "true hedge", "moved", "joined", "split", "removed", "added",
}  # fmt: skip
DAYS = ("2025-07-14-squeeze", "2024-08-05-crash", "2024-12-05-100k", "2025-07-11-etf-inflows", "2025-02-22-quiet")
SOME = 8  # in the common run one angle of so many is tried


def _drawn(story: Story, edits: Callable[[Article], Iterator[Edit]]) -> Iterator[Edit]:
    """Some edits of each kind; the same ones in every run."""
    by_kind: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits(story.article):
        by_kind[edit.kind].append(edit)
    chosen = random.Random(f"{story.article.angle} {story.article.as_of} {story.article.form}")
    for kind in sorted(by_kind):
        yield from chosen.sample(by_kind[kind], min(EACH, len(by_kind[kind])))


def _blocks(story: Story, edit: Edit, *names: str) -> list[str]:
    """What the checks of some names, or all, hold an edited article for."""
    checks = [checking.checks()[name] for name in names] or None
    changed = story.article.with_text(edit.where, edit.text)
    verdict = checking.check(changed, words=newsroom().reader, view=story.view, checks=checks)
    return [f"{f.check}: {f.message}" for f in verdict.findings if f.severity == "block"]


class Tally:
    """Edits tried by kind, how many were held by all checks and by read-back alone, and which escaped."""

    def __init__(self, stories: tuple[Story, ...]) -> None:
        self.made, self.held, self.alone = Counter[str](), Counter[str](), Counter[str]()
        self.escapes: list[str] = []
        for story in stories:
            for edit in _drawn(story, mutants):
                self._try(story, edit)

    def _try(self, story: Story, edit: Edit) -> None:
        alone = bool(_blocks(story, edit, "read_back"))
        held = alone or bool(_blocks(story, edit))
        self.made[edit.kind] += 1
        self.alone[edit.kind] += alone
        self.held[edit.kind] += held
        if not held:
            self.escapes.append(f"{story.article.angle}: {edit}")

    @staticmethod
    def share(some: Counter[str], whole: Counter[str]) -> float:
        return some.total() / whole.total()

    def report(self) -> str:
        rows = [f"{kind:22} {n:5} {self.held[kind] / n:6.1%} {self.alone[kind] / n:6.1%}" for kind, n in sorted(self.made.items())]
        whole = f"{'all':22} {self.made.total():5} {self.share(self.held, self.made):6.1%} {self.share(self.alone, self.made):6.1%}"
        return "\n".join([f"{'kind':22} {'made':>5} {'held':>6} {'alone':>6}", *rows, whole, "escapes:", *self.escapes])


def _alarms(stories: tuple[Story, ...]) -> tuple[Counter[str], list[str]]:
    """Harmless edits by kind, and those of them that are held."""
    made, alarms = Counter[str](), []
    for story in stories:
        for edit in _drawn(story, harmless):
            made[edit.kind] += 1
            alarms += [f"{story.article.angle}: {edit}: {message}" for message in _blocks(story, edit)]
    return made, alarms


@pytest.mark.slow
def test_the_articles_are_of_many_angles_and_none_is_held() -> None:
    assert len(corpus()) >= 60
    assert len({story.article.angle for story in corpus()}) >= 25
    assert {story.article.form for story in corpus()} >= {"standard", "brief", "wrap", "weekly"}
    held = [(s.article.angle, f.message) for s in corpus() for f in s.article.verdict.findings if f.severity == "block"]  # type: ignore[union-attr]
    assert held == []


def test_what_is_made_wrong_is_held_in_some_articles() -> None:
    tally = Tally(corpus(SOME))
    assert tally.made.total() >= 200
    assert Tally.share(tally.held, tally.made) >= 0.98, tally.report()
    assert Tally.share(tally.alone, tally.made) >= 0.97, tally.report()


def test_no_harmless_edit_of_some_articles_is_held() -> None:
    made, alarms = _alarms(corpus(SOME))
    assert alarms == []
    assert made.total() >= 150


@pytest.mark.slow
def test_what_is_made_wrong_is_held() -> None:
    tally = Tally(corpus())
    print(tally.report())
    assert tally.made.total() >= 2000
    assert set(tally.made) == KINDS
    assert Tally.share(tally.held, tally.made) >= 0.99, tally.report()
    assert Tally.share(tally.alone, tally.made) >= 0.97, tally.report()
    low = {kind: tally.held[kind] / n for kind, n in tally.made.items() if tally.held[kind] / n < 0.95}
    assert low == {}, tally.report()


@pytest.mark.slow
def test_no_harmless_edit_is_held() -> None:
    made, alarms = _alarms(corpus())
    assert alarms == []
    assert made.total() >= 1000
    assert set(made) == HARMLESS


def _exchanged_in_samples() -> Iterator[tuple[Story, Edit]]:
    for day in DAYS:
        for form in ("standard", "brief"):
            article = written(day, form, 1).article
            if article is not None:
                story = Story(article, edition(day).view)
                yield from ((story, edit) for edit in exchanged(article))


@pytest.mark.slow
def test_a_figure_in_the_place_of_another_is_nearly_always_held() -> None:
    """A right number of the article at the wrong place. What gets through stands where no word says which of two it is: a level for
    the price beside it, one flow of the funds for another, the close of one day for that of another."""
    tried = [bool(_blocks(story, edit)) for story, edit in _exchanged_in_samples()]
    assert len(tried) >= 150
    assert sum(tried) / len(tried) >= 0.85
