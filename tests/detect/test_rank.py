"""Ranking: who leads, who supports, who is absorbed, who must wait; the order of the rules changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from detect.made_book import FIRST_EVER, BrokenFigureError, Known, ago, bare_rule, book_of, fired, shipped
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgen.detect import Rule, detect
from newsgen.detect.rank import FLOOR_BRIEF, MAX_SUPPORTS, rank
from newsgen.discover import templates_root
from newsgen.plan import load_forms, plan
from newsgen.story import Pitch, Published, Quiet

FAMILIES = ("price", "derivatives", "flows", "structure", "macro")


def roles(pitches: Sequence[Pitch], *rules: Rule) -> dict[str, str]:
    known = {p.angle: bare_rule(p.angle, p.family) for p in pitches} | {r.name: r for r in rules}
    return {f"{p.angle} {p.subject}": p.role for p in rank(pitches, known)}


def reason_of(name: str, pitches: Sequence[Pitch], *rules: Rule) -> str:
    known = {p.angle: bare_rule(p.angle, p.family) for p in pitches} | {r.name: r for r in rules}
    return next(p.reason for p in rank(pitches, known) if p.angle == name)


# Lead and supports


def test_the_highest_score_leads_and_other_families_support() -> None:
    found = roles([fired("a", 50), fired("b", 70, family="flows"), fired("c", 20, family="macro")])
    assert found == {"b BTC": "lead", "a BTC": "support", "c BTC": "support"}


def test_a_family_is_told_once() -> None:
    pitches = [fired("a", 90), fired("b", 80), fired("c", 70, family="flows"), fired("d", 60, family="flows")]
    assert roles(pitches) == {"a BTC": "lead", "b BTC": "rejected", "c BTC": "support", "d BTC": "rejected"}
    assert reason_of("b", pitches) == "another angle of the family price is told already"
    assert reason_of("d", pitches) == "another angle of the family flows is told already"


def test_there_are_at_most_three_supports() -> None:
    pitches = [fired(name, 90 - i, family=family) for i, (name, family) in enumerate(zip("abcde", FAMILIES, strict=True))]
    assert list(roles(pitches).values()) == ["lead", "support", "support", "support", "rejected"]
    assert reason_of("e", pitches) == "there are 3 supports already"


@pytest.mark.parametrize(("score", "role"), [(FLOOR_BRIEF, "lead"), (FLOOR_BRIEF - Decimal("0.1"), "rejected")])
def test_a_lead_needs_the_score_of_a_brief(score: Decimal, role: str) -> None:
    assert roles([fired("a", str(score))]) == {"a BTC": role}


def test_without_a_lead_nothing_supports() -> None:
    pitches = [fired("a", 44), fired("b", 30, family="flows")]
    assert set(roles(pitches).values()) == {"rejected"}
    assert reason_of("b", pitches) == "scores 30, a brief needs 45"


def test_equal_scores_are_ordered_by_angle_and_subject() -> None:
    pitches = [fired("b", 60, "BTC"), fired("a", 60, "ETH"), fired("a", 60, "BTC")]
    assert list(roles(pitches)) == ["a BTC", "a ETH", "b BTC"]


# Conflicts


def absorber(name: str, *others: str, **more: Any) -> Rule:
    return bare_rule(name, conflict={"absorbs": others}, **more)


def test_an_absorbed_angle_is_rejected_even_with_the_higher_score() -> None:
    pitches = [fired("small", 90), fired("whole", 60)]
    assert roles(pitches, absorber("whole", "small")) == {"small BTC": "rejected", "whole BTC": "lead"}
    assert reason_of("small", pitches, absorber("whole", "small")) == "absorbed by whole of BTC"


def test_another_asset_is_not_absorbed_unless_the_market_absorbs_it() -> None:
    rule = absorber("whole", "small")
    assert roles([fired("whole", 60, "BTC"), fired("small", 90, "ETH")], rule)["small ETH"] == "lead"
    assert roles([fired("whole", 60, "market"), fired("small", 90, "ETH")], rule)["small ETH"] == "rejected"


def test_an_angle_that_did_not_fire_absorbs_nothing() -> None:
    silent = Pitch("whole", "BTC", "price", Decimal(0), {}, False, (), reason="not the case: it fell")
    assert roles([silent, fired("small", 90)], absorber("whole", "small")) == {"small BTC": "lead", "whole BTC": "rejected"}


@pytest.mark.parametrize(("other", "role"), [("45", "rejected"), ("44.9", "lead")])
def test_a_quiet_day_needs_no_other_angle_above_its_bar(other: str, role: str) -> None:
    rule = bare_rule("quiet", conflict={"needs_no_other_above": 45})
    pitches = [fired("quiet", 50, "market"), fired("loud", other, family="flows")]
    assert roles(pitches, rule)["quiet market"] == role


def test_the_reason_of_a_day_that_is_not_quiet() -> None:
    rule = bare_rule("quiet", conflict={"needs_no_other_above": 45})
    pitches = [fired("quiet", 80, "market"), fired("loud", 46, family="flows")]
    assert reason_of("quiet", pitches, rule) == "loud of BTC scores 46, so the day is not quiet"


@pytest.mark.parametrize(
    ("angle", "absorbed"),
    [
        (
            "crash_day",
            {
                "long_flush",
                "level_lost",
                "big_move",
                "extreme_since",
                "period_close",
                "drawdown_step",
                "streak_price",
                "level_rejected",
                "range_breakout",
            },
        ),
        ("ath", {"level_break_first", "extreme_since", "ath_near", "big_move", "level_reclaimed", "streak_price"}),
        ("short_squeeze", set()),
    ],
)
def test_the_shipped_conflicts(angle: str, absorbed: set[str]) -> None:
    assert set(shipped()[angle].file.conflict.absorbs) == absorbed
    for name in absorbed:
        pitches = [fired(angle, 50, "market"), fired(name, 90)]
        assert {p.angle: p.role for p in rank(pitches, shipped())} == {angle: "lead", name: "rejected"}


def test_of_a_record_and_a_squeeze_the_higher_score_leads_and_the_other_supports() -> None:
    for record, squeeze in ((80, 70), (70, 80)):
        first, second = rank([fired("ath", record), fired("short_squeeze", squeeze, "market", "derivatives")], shipped())
        assert (first.role, second.role) == ("lead", "support")
        assert first.score == 80


# Detection of a whole market

MOVE = {"BTC.price.change_24h": 9, "BTC.price.zscore_24h": 3}
RECORD = {
    "BTC.price.is_ath": True,
    "BTC.price.high_since": FIRST_EVER,
    "BTC.price.ath": 123_000,
    "BTC.price.ath_previous": 120_000,
    "BTC.level.crossed_up": Known(120_000, is_record=True, covers_life=True),
}
FLOWS = {"BTC.etf.net_flow_day": 900_000_000, "BTC.etf.percentile_1y": 99, "BTC.etf.streak_days": 10}
SQUEEZE = {
    "market.liquidations.total_24h": 700_000_000,
    "market.liquidations_venue.percentile_90d": 97,
    "market.liquidations.short_share_24h": 80,
}
QUIET = {"BTC.price.range_24h": 1, "BTC.volume.percentile_90d": 10}
BUSY = MOVE | RECORD | FLOWS | SQUEEZE


def found(figures: dict[str, Any], rules: Sequence[Rule] | None = None, **more: Any) -> dict[str, Pitch]:
    """The pitches by "angle subject", in their order."""
    return {f"{p.angle} {p.subject}": p for p in detect(book_of(figures), rules or list(shipped().values()), **{"whole": True, **more})}


def test_a_busy_day_has_one_lead_and_a_support_of_each_other_family() -> None:
    pitches = found(BUSY)
    chosen = [p for p in pitches.values() if p.role != "rejected"]
    assert [p.role for p in chosen] == ["lead", "support", "support"]
    assert {p.family for p in chosen} == {"price", "derivatives", "flows"}
    assert pitches["level_break_first BTC"].reason == "absorbed by ath of BTC"
    assert pitches["big_move BTC"].fired and pitches["big_move BTC"].reason == "absorbed by ath of BTC"


def test_every_rule_pitches_for_each_of_its_subjects() -> None:
    followed = {"BTC", "ETH", "SOL"}
    wanted = {f"{r.name} market" for r in shipped().values() if r.file.each == "market" and not r.file.leads}
    wanted |= {f"{r.name} {a}" for r in shipped().values() if r.file.each == "asset" for a in followed & set(r.file.assets or followed)}
    assert set(found({})) == wanted
    assert not any(p.fired for p in found({}).values())


def test_only_the_angles_asked_for_are_judged() -> None:
    pitches = found(BUSY, angles=("level_break_first", "etf_streak"))
    assert {p.angle for p in pitches.values()} == {"level_break_first", "etf_streak"}
    assert pitches["level_break_first BTC"].role != "rejected"  # ath, which would absorb it, was not asked


def test_an_angle_of_other_forms_does_not_fire() -> None:
    for form, fires in (("flash", True), ("brief", True), ("", True), ("standard", False)):
        assert found(QUIET, form=form)["quiet_day market"].fired is fires
    assert found(QUIET, form="standard")["quiet_day market"].reason == "only for flash, brief, not for a standard"


def test_a_quiet_market_with_a_loud_flow_is_not_quiet() -> None:
    assert found(QUIET)["quiet_day market"].role == "lead"
    assert "so the day is not quiet" in found(QUIET | FLOWS)["quiet_day market"].reason


def test_a_form_writes_nothing_below_its_floor() -> None:
    forms = load_forms(templates_root() / "forms")
    brief: Any = None  # not looked at before the score
    say: Any = None
    pitches = rank([fired("big_move", 59)], shipped())
    assert pitches[0].role == "lead"
    quiet = plan(pitches, forms["standard"], say, brief)
    assert isinstance(quiet, Quiet) and quiet.reason == "big_move of BTC scores 59, a standard needs 60"
    nothing = plan(rank([fired("big_move", 44)], shipped()), forms["brief"], say, brief)
    assert isinstance(nothing, Quiet)


# Cooldown and novelty


@pytest.mark.parametrize(("angle", "hours"), [("big_move BTC", 12), ("etf_streak BTC", 120), ("short_squeeze market", 6), ("ath BTC", 2)])
def test_an_angle_waits_for_its_cooldown(angle: str, hours: float) -> None:
    name, subject = angle.split()
    assert shipped()[name].file.novelty.cooldown.total_seconds() == hours * 3600
    figures = BUSY | {"BTC.etf.session": date(2025, 7, 11)}
    mark = {"ath": "123000", "etf_streak": "2025-07-11"}.get(name, "")
    early = found(figures, published=[Published(name, subject, ago(hours - 0.1), mark)])[angle]
    assert early.role == "rejected" and early.reason.endswith("UTC, cooling down")
    late = found(figures, published=[Published(name, subject, ago(hours), mark)])[angle]
    assert late.step is not None and late.step.kind == "new"


def test_the_reason_of_waiting_says_since_when() -> None:
    assert found(MOVE, published=[Published("big_move", "BTC", ago(3))])["big_move BTC"].reason == "published at 09:02 UTC, cooling down"


def test_a_new_mark_needs_no_wait() -> None:
    told = [Published("ath", "BTC", ago(1), "122500")]
    pitch = found(BUSY, published=told)["ath BTC"]
    assert pitch.fired and pitch.parts["novelty"] == 1
    assert found(BUSY, published=[Published("ath", "BTC", ago(1), "123000")])["ath BTC"].role == "rejected"


def test_the_same_mark_after_the_cooldown_is_half_as_new() -> None:
    book = book_of(BUSY, {"BTC.price.change_24h": [1.0] * 60})
    published = [Published("ath", "BTC", ago(3), "123000")]
    fresh, told = (next(p for p in detect(book, [shipped()["ath"]], published=given) if p.subject == "BTC") for given in ((), published))
    assert (fresh.parts["novelty"], told.parts["novelty"]) == (Decimal(1), Decimal("0.5"))
    assert told.score < fresh.score


def test_a_cooldown_of_more_than_a_day_holds_that_long() -> None:
    rule = bare_rule("weekly", novelty={"cooldown": "7d"})
    waits = {h: found({}, [rule], published=[Published("weekly", "BTC", ago(h))])["weekly BTC"].reason for h in (30, 167, 168)}
    assert [h for h, reason in waits.items() if reason.endswith("cooling down")] == [30, 167]


@pytest.mark.parametrize(
    "other",
    [Published("big_move", "ETH", ago(1)), Published("ath", "BTC", ago(1)), Published("big_move", "BTC", ago(-1))],
    ids=["another asset", "another angle", "the future"],
)
def test_what_else_was_published_does_not_hold_an_angle_back(other: Published) -> None:
    assert found(MOVE, published=[other])["big_move BTC"] == found(MOVE)["big_move BTC"]


# Harm and order


@pytest.mark.parametrize("name", ["BTC.price.zscore_24h", "BTC.price.change_24h", "BTC.etf.percentile_1y", "BTC.price.change_7d"])
def test_a_broken_figure_harms_only_the_angles_that_ask_for_it(name: str) -> None:
    whole, harmed = found(BUSY), found(BUSY | {name: BrokenFigureError("wrong by one")})
    short = name.removeprefix("BTC.")
    for key, rule in ((k, shipped()[p.angle]) for k, p in whole.items()):
        file = rule.file
        asked = " ".join(
            [*(w.expression for w in (*file.when, *file.corroborate)), file.measure.figure, *(b.figure for b in [file.breadth] if b)]
        )
        if short not in asked:
            assert (harmed[key].fired, harmed[key].score, harmed[key].parts) == (whole[key].fired, whole[key].score, whole[key].parts)
    assert any(p.reason.startswith("cannot be judged: BrokenFigureError") for p in harmed.values())
    assert set(harmed) == set(whole)


@given(st.permutations(sorted(shipped())))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_rules_changes_nothing(order: list[str]) -> None:
    assert list(found(BUSY, [shipped()[n] for n in order]).items()) == list(found(BUSY).items())


RULES = {
    n: bare_rule(n, f, conflict={"absorbs": a})
    for n, f, a in (
        ("a", "price", ("b", "c")),
        ("b", "price", ()),
        ("c", "derivatives", ("d",)),
        ("d", "flows", ()),
        ("e", "structure", ()),
        ("f", "macro", ()),
    )
}
made_pitches = st.lists(
    st.builds(
        lambda name, subject, score, fires: Pitch(
            name, subject, RULES[name].file.family, Decimal(score) if fires else Decimal(0), {}, fires, ()
        ),
        st.sampled_from(sorted(RULES)),
        st.sampled_from(["BTC", "ETH", "market"]),
        st.integers(0, 105),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda p: (p.angle, p.subject),
)


@given(made_pitches, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_the_pitches_changes_nothing(pitches: list[Pitch], random: Any) -> None:
    shuffled = list(pitches)
    random.shuffle(shuffled)
    assert rank(shuffled, RULES) == rank(pitches, RULES)


@given(made_pitches)
@settings(max_examples=200, deadline=None)
def test_what_holds_of_every_ranking(pitches: list[Pitch]) -> None:
    ranked = rank(pitches, RULES)
    leads = [p for p in ranked if p.role == "lead"]
    supports = [p for p in ranked if p.role == "support"]
    assert sorted((p.angle, p.subject) for p in ranked) == sorted((p.angle, p.subject) for p in pitches)
    assert len(leads) <= 1 and len(supports) <= MAX_SUPPORTS and (leads or not supports)
    assert len({p.family for p in leads + supports}) == len(leads + supports)
    assert all(p.fired and p.score >= FLOOR_BRIEF for p in leads)
    assert all(p.fired and p.score <= leads[0].score for p in supports)
    assert all(p.reason for p in ranked if p.fired)
    assert [p.score for p in ranked if p.fired] == sorted((p.score for p in ranked if p.fired), reverse=True)
