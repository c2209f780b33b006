"""An extreme that only one market had is held; the wild days of history are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Reading, Unit, View
from newsgen.story import Finding
from tests.derive.market_of import Market, at

NOON = "2025-07-14 12:00"
BARS = 40


def market(extreme: float, *, series: str = "high", close: float = 100.0, before: float = 100.0, after: tuple[float, ...] = ()) -> Market:
    """Forty four-hour bars from 99.5 to 100.5, of which the last before `after` has an extreme."""
    closes = [100.0] * (BARS - 2) + [before, close, *after]
    parts = {"high": [c + 0.5 for c in closes], "low": [c - 0.5 for c in closes]}
    parts[series][BARS - 1] = extreme
    end = at(NOON) + 4 * 3600 * len(after)
    made = Market().bars("BTC", "4h", end, closes, **parts)
    opens = [(end - 4 * 3600 * k, 100.0) for k in range(len(closes) - 1, -1, -1)]
    return made.rows("spot.open", "BTC", "4h", "binance", opens, venue="binance")


def found(made: Market, *, series: str = "high", name: str = "", later: str = NOON) -> list[Finding]:
    view = made.view(later)
    run = view.run(f"spot.{series}", "BTC", window="4h", source="binance")
    reading = run.reading(run.index_of(at(NOON)))  # type: ignore[union-attr]
    return judged(view, reading, name or f"price.{series}_24h")


def judged(view: View | None, reading: Reading, name: str) -> list[Finding]:
    figure = Figure(name, "BTC", reading.value, Unit.USD, reading.observed_at, reading.known_at, "Binance spot", (reading,), "max(i1)")
    article = replace(
        F.one_sentence("It rose."), figures={"f1": figure}, readings={"r1": reading}, as_of=datetime(2025, 7, 14, 12, tzinfo=UTC)
    )
    verdict = check(article, words=F.reader_words(), view=view, checks=[all_checks()["bad_tick"]])
    assert verdict.decision == ("hold" if verdict.findings else "publish")
    return list(verdict.findings)


# One venue: the usual range is 1, the neighbours' highs are 100.5


@pytest.mark.parametrize(("extreme", "stopped"), [(1000.0, True), (126.0, True), (125.0, False), (100.5, False)])  # 25 usual ranges: 125.5
def test_a_high_far_beyond_its_bar_and_its_neighbours_is_stopped(extreme: float, stopped: bool) -> None:
    findings = found(market(extreme))
    assert bool(findings) is stopped
    assert not stopped or "came back at once" in findings[0].message


@pytest.mark.parametrize(("extreme", "stopped"), [(10.0, True), (74.0, True), (75.0, False)])
def test_a_low_likewise(extreme: float, stopped: bool) -> None:
    assert bool(found(market(extreme, series="low"), series="low")) is stopped


def test_a_move_that_the_close_or_a_neighbour_shares_is_no_tick() -> None:
    assert found(market(126.0, close=120.0)) == []  # the bar ended there
    assert found(market(126.0, before=120.0)) == []  # the bar before was there
    assert found(market(126.0, after=(120.0,)), later="2025-07-14 16:00") == []
    assert len(found(market(126.0, after=(100.0,)), later="2025-07-14 16:00")) == 1


def test_a_record_and_a_turn_rest_on_a_bar_too() -> None:
    assert len(found(market(1000.0), name="price.ath")) == 1
    assert found(market(1000.0), name="price.close_day") == []  # no extreme


def test_a_small_wick_after_a_very_quiet_time_is_none() -> None:
    """A wick of 8 % is 18 usual ranges on August 17, 2023, and true."""
    assert found(market(108.0)) == []


# Several venues


def with_other(extreme: float, other: float, *, series: str = "spot.high", window: str = "4h", source: str = "coinbase") -> Market:
    return market(extreme).rows(series, "BTC", window, source, [(at(NOON), other)], venue=source)


@pytest.mark.parametrize(("other", "stopped"), [(107.0, False), (106.0, True), (120.0, False)])  # 110 is 2.8 and 3.8 % beyond
def test_another_exchange_confirms_a_high_or_speaks_against_it(other: float, stopped: bool) -> None:
    findings = found(with_other(110.0, other))
    assert bool(findings) is stopped
    assert not stopped or "the nearest had 106" in findings[0].message


@pytest.mark.parametrize(("text", "decision"), [("Its high was $110 on Binance.", "publish"), ("Its high was $110.", "hold")])
def test_a_wick_that_only_one_exchange_had_may_be_told_as_that_exchanges(text: str, decision: str) -> None:
    view = with_other(110.0, 101.0).view(NOON)
    reading = view.run("spot.high", "BTC", window="4h", source="binance").reading(-1)  # type: ignore[union-attr]
    figure = F.figure("price.high_24h", "BTC", "110", Unit.USD, inputs=(reading,), window="24h")
    article = replace(F.one_sentence(text, figure), readings={"r1": reading})
    verdict = check(article, words=F.reader_words(), view=view, checks=[all_checks()["bad_tick"]])
    assert (verdict.decision, len(verdict.findings)) == (decision, 1)


def test_one_of_several_is_enough() -> None:
    made = with_other(110.0, 101.0).rows("spot.high", "BTC", "4h", "kraken", [(at(NOON), 109.0)], venue="kraken")
    assert found(made) == []


def test_the_price_over_exchanges_confirms_or_speaks_against() -> None:
    assert found(with_other(1000.0, 990.0, series="reference.high", source="coinmarketcap")) == []
    assert len(found(with_other(110.0, 101.0, series="reference.high", source="coinmarketcap"))) == 1


def test_a_perpetual_confirms_and_does_not_speak_against() -> None:
    assert found(with_other(1000.0, 980.0, series="perp.high", window="1h")) == []
    assert found(with_other(110.0, 101.0, series="perp.high", window="1h")) == []
    assert len(found(with_other(1000.0, 101.0, series="perp.high", window="1h"))) == 1


def test_without_the_archive_nothing_is_said() -> None:
    view = market(1000.0).view(NOON)
    run = view.run("spot.high", "BTC", window="4h")
    assert judged(None, run.reading(-1), "price.high_24h") == []  # type: ignore[union-attr]
