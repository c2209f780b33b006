"""Parts and whole: what is stopped, and what passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Unit
from newsgen.story import Verdict
from tests.derive.market_of import Market, at


def judge(text: str, *figures: Figure) -> Verdict:
    return check(F.one_sentence(text, *figures), words=F.reader_words(), checks=[all_checks()["arithmetic"]])


def ether(total: str) -> list[Figure]:
    sides = [F.liquidation("short_24h", "ETH", "52700000"), F.liquidation("long_24h", "ETH", "26300000")]
    return [*sides, F.liquidation("total_24h", "ETH", total)]


def test_sides_that_do_not_make_the_total_are_named_with_it() -> None:
    verdict = judge("In ether, shorts of $52.7 million and longs of $26.3 million were closed.", *ether("90600000"))
    (finding,) = verdict.findings
    assert verdict.decision == "hold"
    # 26.3 + 52.7 = 79.0
    for part in ("ETH longs $26.3 million", "shorts $52.7 million", "make $79.0 million", "the total is $90.6 million"):
        assert part in finding.message
    assert set(finding.figures) == {"f1", "f2", "f3"}
    assert finding.where == "paragraphs[0]"


def test_sides_that_make_the_total_pass() -> None:
    assert judge("In ether, $79 million was closed.", *ether("79000000")).findings == ()


def test_a_difference_of_rounding_passes() -> None:
    assert judge("Text.", *ether("79300000")).findings == ()  # 0.3 of 79.3 is 0.38 %


def test_an_asset_larger_than_the_market_is_stopped() -> None:
    figures = [F.liquidation("short_24h", "market", "623300000"), F.liquidation("short_24h", "BTC", "675000000")]
    assert "more than the market's $623.3 million" in judge("Text.", *figures).findings[0].message


def test_assets_that_together_exceed_the_market_are_stopped() -> None:
    figures = [F.liquidation("short_24h", "market", "500000000")]
    figures += [F.liquidation("short_24h", s, "300000000") for s in ("BTC", "ETH")]
    assert "make $600.0 million" in judge("Text.", *figures).findings[0].message


def test_a_lower_bound_is_no_whole() -> None:
    figures = [F.liquidation("total_24h", "market", "100000000", bound="at_least"), F.liquidation("short_24h", "market", "120000000")]
    assert judge("Text.", *figures).findings == ()


def test_an_order_larger_than_the_total_is_stopped() -> None:
    figures = [F.liquidation("total_24h", "market", "90000000"), F.liquidation("largest_order_24h", "market", "98100000")]
    assert "largest order" in judge("Text.", *figures).findings[0].message


def test_what_an_earlier_version_told_is_no_whole_of_the_parts_of_now_and_hides_none() -> None:
    then = replace(F.liquidation("total_24h", "market", "97400000"), told_at=F.AS_OF - timedelta(hours=4))
    parts = [F.liquidation("total_24h", s, a) for s, a in (("ETH", "59600000"), ("BTC", "39700000"))]
    now = F.liquidation("total_24h", "market", "113000000")
    for figures in ([now, *parts, then], [then, *parts, now]):
        assert judge("Text.", *figures).findings == ()
    wrong = F.liquidation("total_24h", "market", "90000000")
    larger = replace(then, value=Decimal("120000000"))
    for figures in ([wrong, *parts, larger], [larger, *parts, wrong]):
        assert "more than the market's $90.0 million" in judge("Text.", *figures).findings[0].message


# Venues and funds


def venue(value: str, *, minutes: int = 2) -> Figure:
    at = F.AS_OF - timedelta(minutes=minutes)
    return F.figure("liquidations_venue.short_24h", "market", value, Unit.USD, side="short", scope="binance", window="24h", observed_at=at)


def test_one_venue_cannot_exceed_all_of_them() -> None:
    whole = F.liquidation("short_24h", "market", "100000000")
    assert judge("Text.", whole, venue("104000000")).findings == ()
    assert "is of one venue and exceeds" in judge("Text.", whole, venue("106000000")).findings[0].message
    assert judge("Text.", whole, venue("106000000", minutes=20)).findings == ()  # of another moment
    assert judge("Text.", replace(whole, bound="at_least"), venue("106000000")).findings == ()
    assert judge("Text.", replace(whole, scope="venues"), venue("106000000")).findings == ()


def flows(third: float, *, before: float = 300.0, fourth: Sequence[tuple[int, float]] = ()) -> bool:
    """Whether three funds that should make a thousand million are stopped; in the four sessions before the third of them had `before`.

    Args:
        fourth: What is known of one more fund: days before the session, and millions.
    """
    market, session, day = Market(), at("2025-07-11 20:00"), 86_400
    for fund, millions, earlier in (("IBIT", 500.0, 500.0), ("FBTC", 200.0, 200.0), ("ARKB", third, before)):
        rows = [(session - day * k, str(Decimal(str(earlier if k else millions)) * 1_000_000)) for k in (4, 3, 2, 1, 0)]
        market = market.rows("etf.fund_flow", "BTC", "session", "farside", rows, venue=fund)
    if fourth:
        rows = [(session - day * k, str(Decimal(str(millions)) * 1_000_000)) for k, millions in fourth]
        market = market.rows("etf.fund_flow", "BTC", "session", "farside", rows, venue="BRRR")
    totals = [(session - day * k, 1_000_000_000) for k in (4, 3, 2, 1, 0)]
    view = market.rows("etf.net_flow", "BTC", "session", "farside", totals, venue="us").view("2025-07-12 12:00")
    reading = view.run("etf.net_flow", "BTC").reading(-1)  # type: ignore[union-attr]
    article = F.one_sentence("Text.", F.flow("net_flow_day", "1000000000", Unit.USD, inputs=(reading,)))
    findings = check(article, words=F.reader_words(), view=view, checks=[all_checks()["arithmetic"]]).findings
    assert all("the 3 funds of BTC make" in f.message for f in findings)
    return bool(findings)


@pytest.mark.parametrize(("third", "stopped"), [(300.1, False), (300.2, False), (300.3, True), (-300.0, True)])
def test_the_funds_of_a_session_make_its_net_flow(third: float, stopped: bool) -> None:
    """Three funds and a total, each rounded to a tenth of a million: 0.2 million between them."""
    assert flows(third) is stopped


def test_funds_that_never_made_the_total_are_not_all_of_them() -> None:
    assert flows(100.0, before=100.0) is False


def test_a_fund_that_is_not_known_on_the_day_may_be_what_the_others_lack() -> None:
    assert flows(290.0) is True
    assert flows(290.0, fourth=[(9, 0.0), (8, 0.0)]) is False  # it had a flow of ten million, or none: nobody here knows
    assert flows(290.0, fourth=[(60, 0.0)]) is True  # it is no fund any more
