"""What is preliminary or lacks a part is told as such; the editor is warned where it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Completeness, Figure, Unit, View
from newsgen.story import Finding
from tests.derive.market_of import DAY, Market, at

SESSION = "2025-07-11 20:00"
FUNDS = ("IBIT", "FBTC", "ARKB")


def found(text: str, *figures: Figure, view: View | None = None, **changes: Any) -> list[Finding]:
    article = replace(F.one_sentence(text, *figures), **changes)
    verdict = check(article, words=F.reader_words(), view=view, checks=[all_checks()["completeness"]])
    assert verdict.decision == "publish"
    assert all(f.severity == "warn" for f in verdict.findings)
    return list(verdict.findings)


def flow(state: Completeness) -> Figure:
    return F.flow("net_flow_day", "1029600000", Unit.USD, completeness=state)


PLAIN = "Funds took in $1.03 billion."


@pytest.mark.parametrize("state", [Completeness.PRELIMINARY, Completeness.PARTIAL])
def test_a_mark_without_words_is_warned_of(state: Completeness) -> None:
    [finding] = found(PLAIN, flow(state))
    assert f"is {state}, and neither text nor foot says so" in finding.message
    assert finding.figures == ("f1",)


def test_words_in_text_or_foot_will_do() -> None:
    assert found("Funds took in $1.03 billion, preliminary figures show.", flow(Completeness.PRELIMINARY)) == []
    assert found(PLAIN, flow(Completeness.PRELIMINARY), disclosure="Some figures are preliminary.") == []
    assert found(PLAIN, flow(Completeness.PARTIAL), disclosure="Some figures are partial.") == []
    assert len(found(PLAIN, flow(Completeness.PARTIAL), disclosure="Some figures are preliminary.")) == 1


def test_what_is_final_or_revised_needs_none() -> None:
    assert found(PLAIN, flow(Completeness.FINAL)) == []
    assert found(PLAIN, flow(Completeness.RESTATED)) == []


def sessions(missing: str = "", days: int = 6) -> View:
    """Flows of three funds over the last days; one of them may be missing on the last."""
    market = Market()
    for fund in FUNDS:
        rows = [(at(SESSION) - DAY * k, 100) for k in range(days - 1, -1, -1) if k or fund != missing]
        market = market.rows("etf.fund_flow", "BTC", "session", "farside", rows, venue=fund)
    return market.view("2025-07-14 12:00")


def test_a_fund_that_has_not_reported_must_be_named() -> None:
    [finding] = found(PLAIN, flow(Completeness.FINAL), view=sessions("ARKB"))
    assert "lacks the funds ARKB" in finding.message
    assert found("Funds took in $1.03 billion; ARKB had not reported.", flow(Completeness.FINAL), view=sessions("ARKB")) == []
    assert found(PLAIN, flow(Completeness.FINAL), view=sessions()) == []


def test_a_fund_that_seldom_reports_and_a_source_of_totals_only_lack_nothing() -> None:
    assert found(PLAIN, flow(Completeness.FINAL), view=sessions("ARKB", days=3)) == []
    assert found(PLAIN, flow(Completeness.FINAL), view=Market().view("2025-07-14 12:00")) == []


def streams(*venues: str) -> View:
    market = Market()
    for venue in venues:
        market = market.rows("liq.followed_s", "market", "1min", venue, [(at("2025-07-14 12:00"), 60)], venue=venue, unit=Unit.COUNT)
    return market.view("2025-07-14 12:02")


def test_a_venue_that_is_followed_and_not_in_the_sum_must_be_named() -> None:
    bound = F.liquidation("total_24h", "market", "748300000", scope="venues", bound="at_least", label="binance,bybit")
    text = "At least $748.3 million were liquidated on Binance and Bybit."
    assert found(text, bound, view=streams("binance", "bybit")) == []
    [finding] = found(text, bound, view=streams("binance", "bybit", "okx"))
    assert "lacks the venues okx" in finding.message
    assert found(f"{text} OKX was not followed.", bound, view=streams("binance", "bybit", "okx")) == []
