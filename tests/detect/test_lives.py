"""Stories live: what is told again, what is not, and why; a squeeze that grows is one story in a few versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from derive.market_of import HOUR, Market, at
from detect.made_book import book_of, shipped

from newsgen.detect import detect
from newsgen.story import Pitch, Published, Step

ASSETS = ("BTC", "ETH")


def squeeze_market(shorts: Sequence[float], prices: Sequence[float]) -> Market:
    """The market's short liquidations of 24 hours as a vendor gives them, hour by hour from 06:00, with 40 million of longs."""
    start = at("2025-07-14 06:00")
    market = Market(ASSETS)
    for side, values in (("short", shorts), ("long", [40e6] * len(shorts)), ("total", [s + 40e6 for s in shorts])):
        market.rows(f"liq.{side}", "market", "24h", "coinglass", [(start + HOUR * k, v) for k, v in enumerate(values)], venue="all")
    closes = [100_000.0] * 800 + list(prices)
    return market.bars("BTC", "1h", start + HOUR * (len(prices) - 1), closes)


def told_of(pitch: Pitch, moment: datetime, began_at: datetime) -> Published:
    assert pitch.step is not None
    step = pitch.step
    return Published(pitch.angle, pitch.subject, moment, "", step.story, step.version, began_at, pitch.family, step.anchor)


def looks(market: Market, rule: str, subject: str, moments: Sequence[datetime]) -> list[tuple[str, str]]:
    """What a look at each moment decides, when each new story and version is told."""
    told: list[Published] = []
    decided = []
    for moment in moments:
        book = market.book(f"{moment:%Y-%m-%d %H:%M}")
        pitch = next(p for p in detect(book, [shipped()[rule]], published=told) if p.subject == subject)
        step = pitch.step
        assert step is not None, pitch.reason
        decided.append((f"{moment:%H}", f"{step.kind} {step.version}"))
        if step.kind != "silent":
            told.append(told_of(pitch, moment, told[0].began_at or moment if told else moment))
    return decided


def hours(*clock: int) -> list[datetime]:
    return [datetime(2025, 7, 14, h, 2, tzinfo=UTC) for h in clock]


def test_a_squeeze_that_grows_from_400_to_750_million_is_one_story_in_a_few_versions() -> None:
    market = squeeze_market([400e6, 450e6, 510e6, 580e6, 640e6, 700e6, 750e6], [103_000 + 200 * k for k in range(7)])
    assert looks(market, "short_squeeze", "market", hours(6, 7, 8, 9, 10, 11, 12)) == [
        ("06", "new 1"),
        ("07", "silent 2"),  # 12.5 % more
        ("08", "update 2"),  # 27.5 %
        ("09", "silent 3"),  # 13.7 %
        ("10", "update 3"),  # 25.5 %
        ("11", "silent 4"),
        ("12", "silent 4"),  # 17.2 %
    ]


def test_of_a_squeeze_that_ebbs_nothing_is_told() -> None:
    market = squeeze_market([400e6, 400e6, 290e6], [103_000] * 3)
    assert looks(market, "short_squeeze", "market", hours(6, 7, 8)) == [("06", "new 1"), ("07", "silent 2"), ("08", "silent 2")]


def test_the_reason_names_the_figure_and_the_step() -> None:
    market = squeeze_market([400e6, 450e6, 510e6], [103_000] * 3)
    first = Published("short_squeeze", "market", hours(6)[0], "", "s", 1, hours(6)[0], "derivatives")
    steps = [step_at(market, hour, [first]) for hour in hours(7, 8)]
    assert [s.reason for s in steps] == [
        "nothing material since version 1 of Jul 14 06:02 UTC: liquidations.short_24h has moved by 12.5%, a version takes 25%",
        "since version 1 of Jul 14 06:02 UTC liquidations.short_24h has moved by 28%, a version takes 25%",
    ]
    assert steps[1].since == hours(6)[0]


def step_at(market: Market, moment: datetime, told: Sequence[Published], rule: str = "short_squeeze", subject: str = "market") -> Step:
    pitches = detect(market.book(f"{moment:%Y-%m-%d %H:%M}"), [shipped()[rule]], published=told)
    step = next(p for p in pitches if p.subject == subject).step
    assert step is not None
    return step


def test_a_version_rests_an_hour() -> None:
    market = squeeze_market([400e6, 800e6], [103_000] * 2)
    first = Published("short_squeeze", "market", datetime(2025, 7, 14, 6, 30, tzinfo=UTC), "", "s", 1, None, "derivatives")
    assert step_at(market, hours(7)[0], [first]).reason == "version 1 of Jul 14 06:30 UTC is told: the next one waits for 1 h"


def test_after_a_day_it_is_another_story_under_another_id() -> None:
    market = squeeze_market([400e6] * 30, [103_000 + 150 * k for k in range(30)])
    began = datetime(2025, 7, 14, 6, 2, tzinfo=UTC)
    told = Published("short_squeeze", "market", began, "", "short_squeeze-market-20250714", 1, began, "derivatives")
    steps = [step_at(market, began + timedelta(hours=h), [told]) for h in (23, 24)]
    assert [(s.kind, s.story) for s in steps] == [("silent", "short_squeeze-market-20250714"), ("new", "short_squeeze-market-20250715")]


def test_a_story_that_has_ended_is_no_news_again_until_something_is() -> None:
    market = squeeze_market([400e6, 440e6, 510e6], [103_000 + 150 * k for k in range(3)])
    at_six = hours(6)[0]
    told = Published("short_squeeze", "market", at_six, "", "short_squeeze-market-20250714", 3, at_six - timedelta(hours=30), "derivatives")
    nothing, more = step_at(market, hours(7)[0], [told]), step_at(market, hours(8)[0], [told])
    assert nothing.kind == "silent" and nothing.reason.startswith("nothing material since version 3")
    assert (more.kind, more.story, more.version) == ("new", "short_squeeze-market-20250714-2", 1)
    assert more.reason.startswith("a day after the last story began, since version 3 of Jul 14 06:02 UTC liquidations.short_24h has moved")


MOVE = {"BTC.price.change_24h": 5, "BTC.price.zscore_24h": 3, "BTC.price.last": 100_000}


def test_a_move_that_turned_is_told_as_a_reversal_at_once() -> None:
    swaying = [100_000.0 + (400 if (k // 24) % 2 else 0) for k in range(960)]
    market = Market(("BTC",)).bars("BTC", "1h", at("2025-07-14 12:00"), [*swaying, *[108_000.0] * 22, 94_000.0, 94_000.0])
    market.bars("BTC", "1d", at("2025-07-14 00:00"), swaying[::24])
    first = Published("big_move", "BTC", datetime(2025, 7, 14, 10, 2, tzinfo=UTC), "", "s", 1, None, "price")
    step = step_at(market, hours(12)[0], [first], "big_move", "BTC")
    assert (step.kind, step.version, step.reason) == ("reversal", 2, "the move told in version 1 of Jul 14 10:02 UTC has reversed")


def test_another_angle_of_the_family_goes_on_with_the_story_once() -> None:
    at_nine = datetime(2025, 7, 14, 9, 0, tzinfo=UTC)
    told = [Published("level_reclaimed", "BTC", at_nine, "", "s", 1, at_nine, "price")]
    (step,) = (p.step for p in detect(book_of(MOVE), [shipped()["big_move"]], published=told) if p.subject == "BTC")
    assert step is not None and (step.kind, step.story, step.version) == ("update", "s", 2)
    assert step.reason == "since version 1 of Jul 14 09:00 UTC the angle is another: big_move after level_reclaimed"
    told.append(Published("big_move", "BTC", at_nine + timedelta(minutes=30), "", "s", 2, at_nine, "price"))
    (step,) = (p.step for p in detect(book_of(MOVE), [shipped()["big_move"]], published=told) if p.subject == "BTC")
    assert step is not None and step.kind == "silent"


@pytest.mark.parametrize(("session", "kind"), [("2025-07-11", "silent"), ("2025-07-10", "new")])
def test_the_anchor_names_the_event_however_long_ago(session: str, kind: str) -> None:
    figures = {"BTC.etf.streak_days": 10, "BTC.etf.session": date(2025, 7, 11), "BTC.etf.streak_total": 3_000_000_000}
    long_ago = datetime(2025, 7, 12, 6, 0, tzinfo=UTC)
    told = Published("etf_streak", "BTC", long_ago, session, f"etf_streak-btc-{session}", 1, long_ago, "flows", session)
    (step,) = (p.step for p in detect(book_of(figures), [shipped()["etf_streak"]], published=[told]) if p.subject == "BTC")
    assert step is not None and step.kind == kind
    assert kind == "silent" or step.story == "etf_streak-btc-20250711"


def test_what_is_told_still_absorbs() -> None:
    figures = MOVE | {"BTC.price.change_24h": -9, "market.liquidations_venue.percentile_90d": 99}
    an_hour_ago = datetime(2025, 7, 14, 11, 0, tzinfo=UTC)
    told = [Published("crash_day", "market", an_hour_ago, "", "c", 1, an_hour_ago, "price")]
    pitches = {(p.angle, p.subject): p for p in detect(book_of(figures), [*shipped().values()], published=told)}
    assert pitches["crash_day", "market"].reason.startswith("nothing material since version 1")
    assert pitches["big_move", "BTC"].reason == "absorbed by crash_day of market"
    assert not [p for p in pitches.values() if p.role == "lead"]


def test_a_held_version_counts_for_the_number_and_not_for_novelty() -> None:
    then = datetime(2025, 7, 14, 9, 0, tzinfo=UTC)
    told = Published("big_move", "BTC", then, "", "s", 1, then, "price", held=True)
    (pitch,) = (p for p in detect(book_of(MOVE), [shipped()["big_move"]], published=[told]) if p.subject == "BTC")
    assert pitch.step is not None and pitch.step.kind == "silent" and pitch.parts["novelty"] == 1
