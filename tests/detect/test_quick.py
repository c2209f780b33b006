"""Ruling out: what is ruled out at a glance does not hold when it is worked out; what is open or near is worked out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from desk import edition
from detect.made_book import book_of, shipped

from newsgen import derive
from newsgen.detect import detect, evaluate, subjects_of
from newsgen.detect.expression import Limit, Scope, compile_expression
from newsgen.market import Absent, Book, Unit, View

LIMITS = {"floor": Limit(Decimal(5), Unit.PCT)}
ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")


def ruled_out(text: str, figures: dict[str, Any], *, made: tuple[str, ...] = ()) -> bool:
    """Whether a condition is ruled out where some of its figures have been made already; the others are open."""
    expression = compile_expression(text, derive.catalogue(), LIMITS)
    book = book_of({f"BTC.{n}": v for n, v in figures.items()})
    for name in made:
        book.get(name, "BTC")
    return expression.is_ruled_out(Scope(book, "BTC", LIMITS))


CHANGE, WEEK = "price.change_24h", "price.change_7d"


@pytest.mark.parametrize(
    ("text", "value", "out"),
    [
        ("price.change_24h >= limits.floor", 4, True),
        ("price.change_24h >= limits.floor", 6, False),
        ("price.change_24h >= limits.floor", 5, False),  # too near to call
        ("price.change_24h >= limits.floor", Decimal("4.9999999"), False),
        ("abs(price.change_24h) >= limits.floor", -4, True),
        ("abs(price.change_24h) >= limits.floor", -6, False),
        ("not (price.change_24h >= limits.floor)", 6, True),
        ("price.change_24h * 2 - 1 >= limits.floor", 2, True),
        ("price.change_24h >= limits.floor", Absent("why"), True),  # unknown is not true
        ("not (price.change_24h >= limits.floor)", Absent("why"), True),
        ("price.change_24h is there", Absent("why"), True),
        ("price.change_24h is there", 1, False),
        ("price.change_24h >= limits.floor and price.change_7d > 0", 4, True),  # the other is open
        ("price.change_24h >= limits.floor or price.change_7d > 0", 4, False),
        ("price.change_7d > 0 and price.change_24h >= limits.floor", 4, True),
        ("price.change_7d > 0", 4, False),
        ("max(price.change_24h, price.change_7d) >= limits.floor", 4, False),
        ("1 < price.change_24h < limits.floor", 7, True),
    ],
)
def test_only_what_is_certain_rules_out(text: str, value: Any, out: bool) -> None:
    assert ruled_out(text, {CHANGE: value, WEEK: 1}, made=(CHANGE,)) is out


def test_nothing_known_rules_nothing_out() -> None:
    for text in ("price.change_24h >= limits.floor", "level.crossed_up is first_ever", "days_since(price.high_since) >= 3 * 10"):
        assert not ruled_out(text, {CHANGE: 1})


def moments(count: int) -> list[datetime]:
    hand = Random(11)
    return [
        datetime(2024, 8, 1, tzinfo=UTC) + timedelta(hours=4 * hand.randrange(6 * 340), minutes=hand.choice((0, 0, 0, 2, 17)))
        for _ in range(count)
    ]


def test_no_rule_that_holds_is_ruled_out_at_any_moment_of_history() -> None:
    archive, precedence = edition("2025-07-14-squeeze").archive, edition("2025-07-14-squeeze").view.precedence
    held = out = 0
    for moment in moments(120):
        view = View(moment, archive.load, ASSETS, precedence)
        glance, whole = Book(view, derive.catalogue()), Book(view, derive.catalogue())
        for rule in shipped().values():
            for subject in subjects_of(rule, whole):
                quick = [e.is_ruled_out(Scope(glance, subject, rule.limits_of(subject))) for e, _ in rule.conditions]
                found = [c.held for c in evaluate(rule, whole, subject)]
                assert not any(q and f for q, f in zip(quick, found, strict=True)), (moment, rule.name, subject)
                held, out = held + sum(f is True for f in found), out + any(quick)
    assert held > 1000 and out > 1000


def test_what_fires_fires_with_the_same_score_whether_or_not_all_is_worked_out() -> None:
    archive, precedence = edition("2025-07-14-squeeze").archive, edition("2025-07-14-squeeze").view.precedence
    for moment in moments(25):
        view = View(moment, archive.load, ASSETS, precedence)
        rules = list(shipped().values())
        bulk, whole = (detect(Book(view, derive.catalogue()), rules, whole=w) for w in (False, True))
        fired = [[(p.angle, p.subject, p.score, p.role, p.reason, p.conditions) for p in found if p.fired] for found in (bulk, whole)]
        assert fired[0] == fired[1]
        assert len(bulk) < len(whole)
