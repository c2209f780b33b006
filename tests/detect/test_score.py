"""The score: its parts worked out by hand, what absence does to it, and that more news never scores less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from detect.made_book import FIRST_EVER, START, ago, book_of, daily
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgen import derive
from newsgen.detect.expression import Limit, compile_expression
from newsgen.detect.rule import Rule, RuleFile
from newsgen.detect.score import score
from newsgen.market import Unit
from newsgen.story import Published

CATALOGUE = derive.catalogue()
LIMITS = {"z": Limit(Decimal(1), Unit.RATIO)}
CHANGE = "BTC.price.change_24h"
FALLING = list(range(100, 0, -1))  # a hundred days ago 100, a day ago 1


def made_rule(*, corroborate: Sequence[str] = (), bonus: Mapping[str, str] | None = None, **more: Any) -> Rule:
    given_file = {
        "name": "made",
        "title": "Made",
        "family": "price",
        "each": "asset",
        "when": (),
        "measure": {"figure": "price.change_24h"},
    }
    return Rule(
        RuleFile.model_validate({**given_file, **more}),
        LIMITS,
        (),
        tuple((compile_expression(text, CATALOGUE, LIMITS), text) for text in corroborate),
        {name: compile_expression(text, CATALOGUE, LIMITS) for name, text in (bonus or {}).items()},
    )


def total(
    rule: Rule,
    figures: Mapping[str, Any],
    trail: Sequence[float] | None = None,
    *,
    subject: str = "BTC",
    published: Sequence[Published] = (),
) -> Decimal:
    return scored(rule, figures, trail, subject=subject, published=published)[0]


def scored(
    rule: Rule,
    figures: Mapping[str, Any],
    trail: Sequence[float] | None = None,
    *,
    subject: str = "BTC",
    published: Sequence[Published] = (),
) -> tuple[Decimal, Mapping[str, Decimal]]:
    trails = {} if trail is None else {f"{subject}.price.change_24h": trail}
    return score(rule, book_of(figures, trails), subject, published)


def test_all_parts_by_hand() -> None:
    rule = made_rule(
        breadth={"sign": "up"},
        corroborate=("price.change_7d > 0", "price.zscore_24h >= limits.z", "price.change_30d > 0"),
        bonus={"first_ever": "price.high_since is first_ever", "fresh_level": "level.crossed_up is there"},
    )
    figures = {
        CHANGE: Decimal("90.5"),
        "ETH.price.change_24h": 1,
        "SOL.price.change_24h": -1,
        "BTC.price.change_7d": 1,
        "BTC.price.zscore_24h": 0,
        "BTC.price.high_since": FIRST_EVER,
    }
    found, parts = scored(rule, figures, FALLING, published=[Published("made", "BTC", ago(5))])
    # magnitude: 90 of 100 days were smaller; rarity: 91 was 91 days ago, log10(91) / log10(3650) = 0.54994
    # breadth: two of three; corroboration: one of four holds, one does not, one is unknown; novelty: told once, half
    assert parts == {
        "magnitude": Decimal("0.9"),
        "rarity": Decimal("0.55"),
        "importance": Decimal(1),
        "breadth": Decimal("0.67"),
        "corroboration": Decimal("0.25"),
        "novelty": Decimal("0.5"),
        "first_ever": Decimal(5),
    }
    # 27 + 10.9988 + 15 + 6.6667 + 2.5 + 7.5 = 69.6655, and 5 for the first time ever
    assert found == Decimal("74.7")


def test_absent_parts_are_left_out_and_the_weights_scaled_up() -> None:
    found, parts = scored(made_rule(), {CHANGE: Decimal("90.5")}, FALLING)
    assert set(parts) == {"magnitude", "rarity", "importance", "novelty"}
    assert found == Decimal("85.0")  # (27 + 10.9988 + 15 + 15) / 0.8 = 84.9985


def test_without_history_the_score_is_capped() -> None:
    found, parts = scored(made_rule(), {CHANGE: 50})
    assert set(parts) == {"importance", "novelty"}
    assert found == Decimal(65)


def test_the_cap_does_not_lift_a_lower_score() -> None:
    rule = made_rule(breadth={"sign": "down"})
    # (0.2 * 15 + 0 * 10 + 15) / 0.4 = 45
    assert total(rule, {CHANGE: 1}, subject="XYZ") == Decimal("45.0")


@pytest.mark.parametrize(("days", "known"), [(29, False), (30, True)])
def test_fewer_than_thirty_past_values_give_no_percentile(days: int, known: bool) -> None:
    _, parts = scored(made_rule(), {CHANGE: 50}, [1.0] * days)
    assert ("magnitude" in parts, "rarity" in parts) == (known, known)


def test_magnitude_looks_at_a_year_and_rarity_at_all() -> None:
    trail = [90.0] * 40 + [10.0] * 364  # day 404 to 365 ago, then 364 to 1
    _, parts = scored(made_rule(), {CHANGE: 50}, trail)
    assert parts["magnitude"] == Decimal(1)
    assert parts["rarity"] == Decimal("0.72")  # log10(365) / log10(3650)


def test_history_older_than_a_year_alone_gives_rarity_without_magnitude() -> None:
    trail = [10.0] * 40 + [20.0] * 20
    rule, book = made_rule(), book_of({CHANGE: 50})
    spec = replace(book.catalogue["price.change_24h"], trail=lambda ask, subject: daily(trail, ago_days=401))
    book.catalogue = {**book.catalogue, spec.name: spec}
    _, parts = score(rule, book, "BTC", ())
    assert "magnitude" not in parts and parts["rarity"] == Decimal("0.75")  # log10(460) / log10(3650), the start of the archive


def test_nothing_as_extreme_is_as_rare_as_the_archive_is_long_and_at_most_one() -> None:
    assert scored(made_rule(), {CHANGE: 50}, [1.0] * 100)[1]["rarity"] == Decimal("0.56")  # log10(100) / log10(3650)
    assert scored(made_rule(), {CHANGE: 50}, [1.0] * 4000)[1]["rarity"] == Decimal(1)


def test_an_equal_value_is_no_smaller_one_and_ends_the_rarity() -> None:
    _, parts = scored(made_rule(), {CHANGE: 1}, [1.0] * 50)
    assert (parts["magnitude"], parts["rarity"]) == (Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("tail", "present", "magnitude"),
    [("high", 5, "1"), ("high", -5, "0"), ("low", -5, "1"), ("low", 5, "0"), ("both", -5, "1"), ("both", 5, "1"), ("both", 2, "0.5")],
)
def test_the_tail_says_which_values_are_extreme(tail: str, present: int, magnitude: str) -> None:
    rule = made_rule(measure={"figure": "price.change_24h", "tail": tail})
    assert scored(rule, {CHANGE: present}, [1.0, -4.0] * 25)[1]["magnitude"] == Decimal(magnitude)


@pytest.mark.parametrize(("subject", "weight"), [("BTC", "1"), ("ETH", "0.9"), ("SOL", "0.6"), ("PEPE", "0.2")])
def test_importance_of_subjects(subject: str, weight: str) -> None:
    assert scored(made_rule(), {}, subject=subject)[1]["importance"] == Decimal(weight)


def test_breadth_counts_what_moves_its_way_of_what_is_known() -> None:
    figures = {CHANGE: 1, "ETH.price.change_24h": 0}  # SOL is absent
    assert scored(made_rule(breadth={"sign": "up"}), figures)[1]["breadth"] == Decimal("0.5")
    assert scored(made_rule(breadth={"sign": "down"}), figures)[1]["breadth"] == Decimal(0)
    assert "breadth" not in scored(made_rule(breadth={"sign": "up"}), {})[1]


def test_breadth_leaves_out_what_is_no_number() -> None:
    rule = made_rule(breadth={"sign": "up", "figure": "price.high_since"})
    assert "breadth" not in scored(rule, {"BTC.price.high_since": FIRST_EVER, "ETH.price.high_since": START})[1]


def test_corroboration_is_a_quarter_each_and_at_most_one() -> None:
    parts = [scored(made_rule(corroborate=("price.change_24h > 0",) * n), {CHANGE: 1})[1]["corroboration"] for n in (1, 2, 4, 6)]
    assert parts == [Decimal("0.25"), Decimal("0.5"), Decimal(1), Decimal(1)]


def test_novelty_halves_for_each_telling_of_the_past_day() -> None:
    told = [Published("made", "BTC", ago(h)) for h in (1, 10, 23.9)]
    others = [
        Published("made", "BTC", ago(24)),
        Published("made", "BTC", ago(-1)),
        Published("made", "ETH", ago(1)),
        Published("else", "BTC", ago(1)),
    ]
    novelty = [scored(made_rule(), {CHANGE: 1}, published=told[:n] + others)[1]["novelty"] for n in range(4)]
    assert novelty == [Decimal(1), Decimal("0.5"), Decimal("0.25"), Decimal("0.12")]


def test_another_mark_is_new_and_the_same_is_not() -> None:
    rule = made_rule(novelty={"mark": "price.ath"})
    figures = {CHANGE: 1, "BTC.price.ath": 120_000}
    same, other = (scored(rule, figures, published=[Published("made", "BTC", ago(5), mark)])[1]["novelty"] for mark in ("120000", "119000"))
    assert (same, other) == (Decimal("0.5"), Decimal(1))


@pytest.mark.parametrize(("name", "points"), [("first_ever", 5), ("fresh_level", 5), ("reversed", -15)])
def test_bonuses_count_when_they_hold(name: str, points: int) -> None:
    texts = {"holds": "price.change_24h > 0", "fails": "price.change_24h < 0", "unknown": "price.change_7d > 0"}
    found = {k: scored(made_rule(bonus={name: text}), {CHANGE: 1}, FALLING) for k, text in texts.items()}
    assert found["holds"][0] - found["fails"][0] == points
    assert found["unknown"][0] == found["fails"][0]
    assert found["holds"][1][name] == points and name not in found["unknown"][1]


def test_a_score_is_never_below_zero() -> None:
    rule = made_rule(bonus={"reversed": "price.change_24h < 0"}, breadth={"sign": "up"}, corroborate=("price.change_24h > 0",))
    told = [Published("made", "XYZ", ago(h / 10)) for h in range(1, 60)]
    assert total(rule, {"XYZ.price.change_24h": -50, CHANGE: -1}, [1.0] * 40, subject="XYZ", published=told) == 0


def test_a_market_angle_measures_the_market_or_else_the_first_asset() -> None:
    of_market = made_rule(each="market", measure={"figure": "liquidations_venue.short_24h"})
    of_asset = made_rule(each="market")
    trails = {"market.liquidations_venue.short_24h": [10.0] * 40, "ETH.price.change_24h": [1.0] * 40, CHANGE: [9.0] * 40}
    figures = {"market.liquidations_venue.short_24h": 50, "ETH.price.change_24h": 5, CHANGE: 5}
    book = book_of(figures, trails, assets=("ETH", "BTC"))
    assert score(of_market, book, "market", ())[1]["magnitude"] == 1
    assert score(of_asset, book, "market", ())[1]["magnitude"] == 1  # of ETH; BTC would give 0


# More news never scores less

moves = st.integers(-500, 500).map(lambda n: n / 10)
trails = st.lists(moves, min_size=30, max_size=60)


@given(trails, moves, moves, st.sampled_from(["high", "low", "both"]))
@settings(max_examples=200, deadline=None)
def test_a_bigger_move_never_scores_less(trail: list[float], one: float, other: float, tail: str) -> None:
    rule = made_rule(measure={"figure": "price.change_24h", "tail": tail})
    size = {"high": lambda v: v, "low": lambda v: -v, "both": abs}[tail]
    small, big = sorted((one, other), key=size)
    assert total(rule, {CHANGE: small}, trail) <= total(rule, {CHANGE: big}, trail)


@given(st.lists(moves, min_size=1, max_size=5), st.integers(0, 4))
@settings(max_examples=80, deadline=None)
def test_one_more_asset_that_rises_never_scores_less(changes: list[float], index: int) -> None:
    assets = [f"A{i}" for i in range(len(changes))]
    lifted = [50.0 if i == index else v for i, v in enumerate(changes)]
    rule = made_rule(breadth={"sign": "up"})
    before, after = (
        score(rule, book_of({f"{a}.price.change_24h": v for a, v in zip(assets, values, strict=True)}, assets=assets), "BTC", ())[0]
        for values in (changes, lifted)
    )
    assert before <= after


@given(trails, moves, st.lists(st.floats(0, 30), max_size=4), st.floats(0, 30))
@settings(max_examples=80, deadline=None)
def test_one_more_telling_never_scores_more(trail: list[float], move: float, hours: list[float], another: float) -> None:
    told = [Published("made", "BTC", ago(h)) for h in hours]
    more = [*told, Published("made", "BTC", ago(another))]
    assert total(made_rule(), {CHANGE: move}, trail, published=more) <= total(made_rule(), {CHANGE: move}, trail, published=told)


@given(trails, moves, st.lists(st.sampled_from([-1, 1, None]), min_size=3, max_size=3), st.integers(0, 2))
@settings(max_examples=80, deadline=None)
def test_one_more_signal_never_scores_less(trail: list[float], move: float, signs: list[int | None], index: int) -> None:
    names = ("price.change_7d", "price.change_30d", "price.change_90d")
    rule = made_rule(corroborate=[f"{n} > 0" for n in names])
    agreeing = [1 if i == index else v for i, v in enumerate(signs)]
    before, after = (
        total(rule, {CHANGE: move, **{f"BTC.{n}": v for n, v in zip(names, values, strict=True) if v is not None}}, trail)
        for values in (signs, agreeing)
    )
    assert before <= after


@given(st.one_of(st.none(), trails), moves, st.sampled_from(["BTC", "ETH", "XYZ"]))
@settings(max_examples=80, deadline=None)
def test_a_score_without_bonus_lies_between_0_and_100(trail: list[float] | None, move: float, subject: str) -> None:
    found, parts = scored(made_rule(breadth={"sign": "up"}), {f"{subject}.price.change_24h": move, CHANGE: move}, trail, subject=subject)
    assert 0 <= found <= 100 and found == round(found, 1)
    assert all(0 <= v <= 1 for v in parts.values())
