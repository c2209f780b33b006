"""Check: read an article back as a stranger would and compare every claim with the figures; in: an Article, out: a Verdict.

A folder is its own registry: each module without a leading underscore holds one CHECK. Checks work on texts and figures, never on
spans. Nothing is repaired here; a finding that blocks holds the article for an editor.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache

from newsgen.check._check import Check, Desk, newest_price
from newsgen.check._mentions import due_disclosures, is_carried
from newsgen.check.reader import ReaderWords, load_reader_words, with_zone
from newsgen.discover import load_constants
from newsgen.market import View
from newsgen.said import Said
from newsgen.story import Article, Decision, Disclosure, Post, Published, Verdict

__all__ = [
    "Check",
    "Desk",
    "ReaderWords",
    "check",
    "checks",
    "due_disclosures",
    "is_carried",
    "load_reader_words",
    "newest_price",
    "with_zone",
]


@cache
def all_checks() -> Mapping[str, Check]:
    """All checks by module name, in the order of their numbers."""
    found = load_constants(sys.modules[__name__], "CHECK", Check)
    return dict(sorted(found.items(), key=lambda item: item[1].number))


checks = all_checks


def check(
    article: Article,
    *,
    words: ReaderWords,
    view: View | None = None,
    notes: Iterable[str] = (),
    banned: Iterable[str] = (),
    unaccepted: Mapping[str, str] | None = None,
    posts: Iterable[Post] = (),
    said: Iterable[Said] = (),
    disclosures: Iterable[Disclosure] = (),
    published: Iterable[Published] = (),
    mark: str = "",
    moves_pct: Mapping[str, Decimal] | None = None,
    known_by: datetime | None = None,
    checks: Iterable[Check] | None = None,
) -> Verdict:
    """Run the checks on an article.

    Args:
        words: The reader's words of the article's language.
        view: What was known at the article's moment; history formulas are recomputed only with it.
        notes: Ids of human-entered notes that allow a cause or a voice.
        banned: Words that the house style does not print.
        unaccepted: Sources that the article rests on and whose terms the desk should have accepted and has not, with their address.
        posts: What people have published on the site of late.
        said: How the site has worded its articles of the last thirty days.
        disclosures: What the desk owes its readers under a story that mentions an entity.
        published: What the site has told of late.
        mark: The value that makes the story news, as `published` remembers it.
        moves_pct: How far a price may move between writing and sending, by asset; "" stands for every other one.
        known_by: Of a correction: until when revisions of what was known then may have come; None means the article's moment.
        checks: These instead of all.

    Returns:
        Hold when any finding blocks, with the findings in reading order.
    """
    desk = Desk(
        article, words, view, frozenset(notes), tuple(banned), dict(unaccepted or {}), tuple(posts), tuple(said), tuple(disclosures),
        tuple(published), mark, dict(moves_pct or {}), known_by,
    )  # fmt: skip
    found = [f for one in (all_checks().values() if checks is None else checks) for f in one.run(desk)]
    places = {where: i for i, (where, _) in enumerate(article.texts())}
    found.sort(key=lambda f: (f.severity != "block", places.get(f.where, -1)))
    unique = {(f.where, f.sentence, f.message, f.severity): f for f in reversed(found)}  # what two checks see is told by the first
    decision: Decision = "hold" if any(f.severity == "block" for f in found) else "publish"
    return Verdict(decision, tuple(reversed(unique.values())))
