"""Units, amount times price, and the scale of a metric."""

from __future__ import annotations

from dataclasses import replace

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Unit, View
from newsgen.story import Article, Finding
from tests.derive.market_of import DAY, Market, at

NOON = "2025-07-14 12:02"


def found(article: Article, view: View | None = None) -> list[Finding]:
    verdict = check(article, words=F.reader_words(), view=view, checks=[all_checks()["units"]])
    assert verdict.decision == ("hold" if verdict.findings else "publish")
    return list(verdict.findings)


def said(text: str, *figures: Figure) -> list[str]:
    return [f.message for f in found(F.one_sentence(text, *figures))]


# Numbers


@pytest.mark.parametrize(
    "text", ["Bitcoin rose by 2.9.", "It came to 748, of which most were shorts.", "It stood at 121,467 after the rise."]
)
def test_a_number_without_a_unit_is_stopped(text: str) -> None:
    assert "has no unit and counts nothing" in said(text)[0]


@pytest.mark.parametrize(
    "text",
    ["Bitcoin rose by 2.9%.", "It came to $748.", "There were 130,000 traders.", "Of 17 funds, 12, the larger ones, took money in.",
     "Strategy bought 4,225 BTC.", "It was 4.9 times the average.", "The move was 1.4 standard deviations."],
)  # fmt: skip
def test_a_number_with_a_unit_or_of_a_named_thing_passes(text: str) -> None:
    assert said(text) == []


def test_the_level_of_an_index_a_ratio_and_the_result_of_a_release_need_no_unit() -> None:
    assert said("The S&P 500 closed at 6,259.75.", F.figure("index.close", "SP500", "6259.75", Unit.INDEX)) == []
    claims = F.figure("macro.actual", "market", "225000", Unit.COUNT, label="CLAIMS")
    assert said("The result was 225,000, against a forecast.", claims) == []
    assert said("The ratio of puts to calls was 0.53.", F.figure("options.put_call", "BTC", "0.53", Unit.RATIO)) == []


# Amount times price


def purchase(usd: str, price: str | None = None) -> list[Figure]:
    made = [
        F.figure("treasury.last_purchase", "Strategy", "4225", Unit.COINS),
        F.figure("treasury.last_purchase_usd", "Strategy", usd, Unit.USD),
    ]
    return [*made, *([F.figure("treasury.last_purchase_price", "Strategy", price, Unit.USD)] if price else [])]


@pytest.mark.parametrize(("usd", "stopped"), [("472000000", False), ("486000000", False), ("487000000", True), ("457000000", True)])
def test_coins_times_the_price_told_make_the_value_within_three_percent(usd: str, stopped: bool) -> None:
    assert bool(said("It bought coins.", *purchase(usd, "111827"))) is stopped  # 4,225 x 111,827 = 472.5 million; 3 % is 14.2 million


def test_a_value_a_thousand_times_too_small_is_told_with_what_a_coin_would_cost() -> None:
    [message] = said("It bought coins.", *purchase("472000", "111827"))
    assert "makes 112 a coin, and the price was 111,827" in message


def test_without_a_price_told_the_value_must_be_one_of_the_weeks_prices() -> None:
    market = Market().bars("BTC", "1d", at("2025-07-14"), [108_000, 109_000, 111_000, 116_000, 117_500, 117_400, 119_100], spread=500)

    def judged(usd: str) -> list[Finding]:
        return found(F.one_sentence("It bought coins.", *purchase(usd)), market.view(NOON))

    assert judged("472000000") == []  # 111,716 a coin
    assert judged("500000000") == []  # 118,343
    assert len(judged("530000000")) == 1  # 125,444: 3 % above the week's 119,600 is 123,188
    assert len(judged("430000000")) == 1  # 101,775: 3 % below 107,500 is 104,275


def test_a_week_with_days_that_are_not_known_judges_no_purchase() -> None:
    market = Market().bars("BTC", "1d", at("2025-07-14"), [116_000, 117_500, 117_400, 119_100], spread=500)
    assert found(F.one_sentence("It bought coins.", *purchase("472000000")), market.view(NOON)) == []  # 111,716: of the days before


def test_open_interest_in_coins_and_in_dollars_agree_by_the_last_price() -> None:
    def judged(usd: str) -> list[str]:
        figures = [F.figure("open_interest.coins", "BTC", "700000", Unit.COINS), F.figure("open_interest.usd", "BTC", usd, Unit.USD)]
        return said("It rose.", *figures, F.figure("price.last", "BTC", "120000", Unit.USD))

    assert judged("84000000000") == []
    assert len(judged("88000000000")) == 1


def test_what_has_expired_is_valued_at_the_price_of_then() -> None:
    figures = [F.figure("options.expired_coins", "BTC", "1000", Unit.COINS), F.figure("options.expired_usd", "BTC", "100000000", Unit.USD)]
    now = F.figure("price.last", "BTC", "120000", Unit.USD)
    assert said("They expired.", *figures, now) == []
    assert said("They expired.", *figures, now, F.figure("options.expired_price", "BTC", "101000", Unit.USD)) == []
    assert len(said("They expired.", *figures, now, F.figure("options.expired_price", "BTC", "104000", Unit.USD))) == 1


def test_a_purchase_without_price_and_archive_is_not_held_against_the_price_of_now() -> None:
    assert said("It bought coins.", *purchase("472000000"), F.figure("price.last", "BTC", "121467", Unit.USD)) == []


# Scale


def resting(series: str, values: list[float], last: float) -> list[Finding]:
    rows = [(at("2025-07-14") - DAY * k, v) for k, v in enumerate([last, *reversed(values)])]
    view = Market().rows(series, "market", "1d", "coinglass", reversed(rows)).view(NOON)
    reading = view.run(series, "market").reading(-1)  # type: ignore[union-attr]
    figure = Figure("x.y", "market", reading.value, reading.unit, reading.observed_at, reading.known_at, "A", (reading,))
    return found(replace(F.one_sentence("It rose."), figures={"f1": figure}, readings={"r1": reading}), view)


@pytest.mark.parametrize(("last", "stopped"), [(799.0, False), (801.0, True), (-801.0, True), (0.0, False)])
def test_a_flow_eight_times_the_most_it_ever_was_is_stopped(last: float, stopped: bool) -> None:
    findings = resting("etf.net_flow", [100.0, -50.0] * 30, last)
    assert bool(findings) is stopped
    assert not stopped or findings[0].figures == ("f1",)
    assert not stopped or "times the most it has ever been" in findings[0].message


@pytest.mark.parametrize(("last", "stopped"), [(6.3, False), (6.2, True)])  # an eighth of 50 is 6.25
def test_a_level_below_an_eighth_of_its_least_is_stopped(last: float, stopped: bool) -> None:
    assert bool(resting("market.cap", [100.0, 50.0] * 30, last)) is stopped


def test_a_short_history_has_no_range() -> None:
    assert resting("etf.net_flow", [100.0, 50.0] * 29, 10_000.0) == []
    assert len(resting("etf.net_flow", [100.0, 50.0] * 30, 10_000.0)) == 1


def test_without_the_archive_no_scale_is_judged() -> None:
    reading = Market().rows("market.cap", "market", "1d", "x", [(at("2025-07-14"), 1)]).view(NOON).run("market.cap", "market").reading(-1)  # type: ignore[union-attr]
    assert found(replace(F.one_sentence("It rose."), readings={"r1": reading})) == []
