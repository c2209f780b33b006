"""What is published once a day or less: flows, indices, sentiment, aggregates, calendars, the network; each as its source reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from newsgen.gather import parse_payload
from newsgen.market import Completeness
from newsgen.testing._wires.defillama import locked, supply
from newsgen.testing._wires.mempool_space import height
from newsgen.testing.market import Scene, Tape
from tests.testing.ask import ASSETS, MOMENTS, NOON, only, told, values, written

DAY = timedelta(days=1)
FRIDAY, MONDAY = datetime(2025, 7, 11, 20, tzinfo=UTC), datetime(2025, 7, 14, 20, tzinfo=UTC)  # 16:00 in New York
SESSION = datetime(2025, 7, 14, 18, tzinfo=UTC)  # 14:00 in New York, four and a half of six and a half hours in
SP500 = {FRIDAY: Decimal("6259.75"), MONDAY: Decimal("6268.56")}


# Flows


def test_flows_are_the_historys_with_the_session_in_progress_left_out(tape: Tape) -> None:
    """11 July: +1,029.6 million, of it IBIT +953.5; DEFI's cell is empty in the history, a dash on the page."""
    page = written(tape, "farside", NOON, "btc")
    assert b'<td><span class="tabletext">14 Jul 2025</span></td><td><div align="right"><span class="tabletext">-</span>' in page
    found = told(tape, "farside", NOON, "btc")
    assert only([r for r in found if r.observed_at == FRIDAY], "etf.net_flow") == 1_029_600_000
    assert only([r for r in found if r.observed_at == FRIDAY], "etf.fund_flow", venue="IBIT") == 953_500_000
    assert "DEFI" not in {r.key.venue for r in found if r.observed_at == FRIDAY}
    assert max(r.observed_at for r in found) == FRIDAY
    assert len(values(found, "etf.net_flow")) == 14
    gone = [r for r in told(tape, "farside", datetime(2025, 2, 26, 15, tzinfo=UTC), "btc") if r.observed_at.day == 25]
    assert only(gone, "etf.net_flow") < -1_000_000_000  # in brackets on the page


@pytest.mark.parametrize("at", MOMENTS)
def test_three_sources_tell_the_same_flows(tape: Tape, at: datetime) -> None:
    farside = values(told(tape, "farside", at, "btc"), "etf.net_flow")
    glass = values(told(tape, "coinglass", at, "etf_bitcoin_flow_history"), "etf.net_flow")
    soso = values(told(tape, "sosovalue", at, "summary_history", symbol="BTC", country_code="US", limit="10"), "etf.net_flow")
    chart = values(told(tape, "sosovalue", at, "historical_inflow_chart", type="us-btc-spot"), "etf.net_flow")
    run = tape.view(at).run("etf.net_flow", "BTC")
    known = {r.observed_at: r.value for r in run} if run else {}
    assert glass == known
    assert farside == dict(sorted(known.items())[-14:])
    assert soso == dict(sorted(known.items())[-10:])
    assert chart.items() <= known.items()


def test_funds_one_by_one(tape: Tape) -> None:
    ibit = values(told(tape, "sosovalue", NOON, "ticker_history", ticker="IBIT", limit="5"), "etf.fund_flow")
    assert len(ibit) == 5
    assert ibit[FRIDAY] == 953_500_000
    etha = told(tape, "coinglass", NOON, "etf_ethereum_flow_history")
    assert (
        values(etha, "etf.fund_flow", venue="ETHA")[FRIDAY]
        == values(told(tape, "farside", NOON, "eth"), "etf.fund_flow", venue="ETHA")[FRIDAY]
    )
    held = told(tape, "coinglass", NOON, "etf_bitcoin_list")
    assert {r.key.venue for r in held} == {"IBIT", "FBTC"}  # the one of Hong Kong is none of them
    assert values(held, "etf.fund_holdings", venue="IBIT").keys() == {FRIDAY}
    assert max(values(told(tape, "coinglass", NOON, "etf_bitcoin_net_assets_history"), "etf.net_assets")) == FRIDAY


# Indices


def test_closes_are_the_historys_and_the_running_session_has_none(tape: Tape) -> None:
    for at, last in (
        (SESSION, FRIDAY),
        (datetime(2025, 7, 14, 20, 31, tzinfo=UTC), MONDAY),
        (datetime(2025, 7, 12, 18, tzinfo=UTC), FRIDAY),
    ):
        yahoo = values(told(tape, "yahoo", at, "chart", symbol="^GSPC"), "index.close")
        stooq = values(told(tape, "stooq", at, "history", s="^spx"), "index.close")
        assert max(yahoo) == max(stooq) == last
        assert yahoo[last] == stooq[last] == SP500[last]
        assert len(yahoo) >= 21


def test_a_running_session_is_on_its_way_from_close_to_close(tape: Tape) -> None:
    """6,259.75 + (6,268.56 - 6,259.75) x 4.5 / 6.5 = 6,265.85."""
    quote = told(tape, "stooq", SESSION, "quote", s="^spx xauusd 10usy.b ^dji nope")
    assert values(quote, "index.last", subject="SP500") == {SESSION: Decimal("6265.85")}
    assert values(quote, "index.last", subject="GOLD").keys() == {SESSION}
    assert not values(quote, "index.close")
    weekend = told(tape, "stooq", datetime(2025, 7, 12, 18, tzinfo=UTC), "quote", s="^spx")
    assert values(weekend, "index.close") == {FRIDAY: SP500[FRIDAY]}
    assert b"NOPE,N/D" in written(tape, "stooq", SESSION, "quote", s="nope")


def test_a_holiday_has_no_session(tape: Tape) -> None:
    """4 July 2025: no row in the history, a dot at FRED."""
    at = datetime(2025, 7, 8, 15, tzinfo=UTC)
    closes = values(told(tape, "yahoo", at, "chart", symbol="^DJI"), "index.close")
    assert {d.date().isoformat()[5:] for d in closes} >= {"07-03", "07-07"}
    assert "07-04" not in {d.date().isoformat()[5:] for d in closes}
    assert b'"date":"2025-07-04","value":"."' in written(tape, "fred", at, "observations", series_id="SP500", limit="10")


def test_fred_has_a_session_on_the_day_after_it(tape: Tape) -> None:
    evening = datetime(2025, 7, 14, 23, tzinfo=UTC)
    for series, subject in (("SP500", "SP500"), ("NASDAQ100", "NDX")):
        found = values(told(tape, "fred", evening, "observations", series_id=series, limit="10"), "index.close", subject=subject)
        assert max(found) == FRIDAY
        assert found[FRIDAY] == tape.column("index.close", subject, "session", "")[int(FRIDAY.timestamp())]
    economy = told(tape, "fred", evening, "economy", series_id="CPIAUCSL", limit="14")
    assert len(values(economy, "economy.value", subject="CPI")) == 14
    assert max(r.observed_at for r in economy) == datetime(2025, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("symbol", ["SPY", "QQQ", "GLD", "UUP"])
def test_a_fund_closes_like_its_session(tape: Tape, symbol: str) -> None:
    running, after = (
        told(tape, "alphavantage", at, "global_quote", symbol=symbol) for at in (SESSION, datetime(2025, 7, 14, 22, tzinfo=UTC))
    )
    assert running == []
    assert values(after, "index.close", subject=symbol).keys() == {MONDAY}


# Sentiment, aggregates


def test_fear_and_greed_is_the_historys(tape: Tape) -> None:
    """74 on 13 and 14 July, 79 on the 12th."""
    found = told(tape, "alternative_me", NOON, "fng", limit="3")
    days = [datetime(2025, 7, d, tzinfo=UTC) for d in (12, 13, 14)]
    assert [values(found, "sentiment.fear_greed")[d] for d in days] == [79, 74, 74]
    assert {r.origin.label for r in found} == {"Greed", "Extreme Greed"}
    glass = values(told(tape, "coinglass", NOON, "fear_greed_history"), "sentiment.fear_greed")
    assert [glass[d] for d in days] == [79, 74, 74]
    own = told(tape, "coinmarketcap", NOON, "fear_and_greed", limit="3")
    assert values(own, "sentiment.fear_greed").keys() == set(days)


@pytest.mark.parametrize("at", MOMENTS)
def test_aggregates_are_the_tapes_with_their_changes(tape: Tape, at: datetime) -> None:
    gecko = told(tape, "coingecko", at, "coins_markets", ids="bitcoin,ethereum,solana,ripple,dogecoin,binancecoin")
    cap = told(tape, "coinmarketcap", at, "quotes", id="1,1027,5426,52,74,1839")
    for found, vendor in ((gecko, "coingecko"), (cap, "coinmarketcap")):
        assert {r.key.subject for r in found} == set(ASSETS)
        for asset in ASSETS:
            price = tape.price(asset, at, vendor)
            assert price is not None
            assert values(found, "aggregate.price", subject=asset) == {at: price}
            for window, back in (("1h", DAY / 24), ("24h", DAY), ("7d", 7 * DAY), ("30d", 30 * DAY)):
                before = tape.price(asset, at - back, vendor)
                assert before is not None
                assert abs(only(found, f"aggregate.change_{window}", subject=asset) - (price / before - 1) * 100) < Decimal("0.0001")
    bar = tape.bar("ETH", at - DAY, at, "coingecko")
    assert bar is not None
    assert only(gecko, "aggregate.high_24h", subject="ETH") == bar.high


def test_dominance_is_a_share_that_all_vendors_see_alike(tape: Tape) -> None:
    shares = [
        only(told(tape, "coingecko", NOON, "global"), "dominance.btc"),
        only(told(tape, "coinmarketcap", NOON, "global_metrics"), "dominance.btc"),
        max(told(tape, "coinglass", NOON, "bitcoin_dominance"), key=lambda r: r.observed_at).value,
    ]
    assert max(shares) - min(shares) < 1
    assert 45 < min(shares) < 75
    assert only(told(tape, "coingecko", NOON, "global"), "market.cap") > 2_000_000_000_000


def test_treasury_and_filings_are_the_purchases_of_the_history(tape: Tape) -> None:
    """Announced on 14 July at 08:00 in New York."""
    announced, before = datetime(2025, 7, 14, 12, tzinfo=UTC), datetime(2025, 7, 14, 11, 59, tzinfo=UTC)
    held = only(told(tape, "coingecko", NOON, "companies_public_treasury", coin="bitcoin"), "treasury.holdings", subject="Strategy")
    assert held == tape.latest("treasury.holdings", "Strategy", NOON)
    assert told(tape, "coingecko", NOON, "companies_public_treasury", coin="ethereum") == []
    filed = values(told(tape, "sec_edgar", NOON, "submissions", cik="0001050446"), "treasury.filing")
    assert max(filed) == announced
    assert announced not in values(told(tape, "sec_edgar", before, "submissions", cik="0001050446"), "treasury.filing")


# Calendars, stablecoins, the network


def test_two_calendars_tell_the_same_events_and_only_one_their_results(tape: Tape) -> None:
    """CPI is due on Tuesday at 8:30 in New York; on Monday it lies ahead."""
    due = datetime(2025, 7, 15, 12, 30, tzinfo=UTC)
    week = told(tape, "forexfactory", NOON, "this_week")
    assert values(week, "calendar.importance", subject="USD CPI m/m") == {due: Decimal(3)}
    assert values(week, "calendar.forecast", subject="USD CPI m/m") == {due: Decimal("0.3")}
    assert "JPY Bank Holiday" not in {r.key.subject for r in week}
    for at, has in ((due - timedelta(minutes=1), False), (due + timedelta(minutes=1), True)):
        nasdaq = told(tape, "nasdaq", at, "today")
        glass = told(tape, "coinglass", at, "calendar_economic_data")
        for found in (nasdaq, glass):
            assert values(found, "calendar.forecast", subject="United States CPI m/m") == {due: Decimal("0.3")}
            assert bool(values(found, "calendar.actual", subject="United States CPI m/m")) is has
    tomorrow = parse_payload("nasdaq", "tomorrow", {}, written(tape, "nasdaq", NOON, "tomorrow"), NOON)
    assert values(tomorrow, "calendar.forecast", subject="United States CPI m/m") == {due: Decimal("0.3")}
    claims = values(
        told(tape, "coinglass", NOON, "calendar_economic_data"), "calendar.forecast", subject="United States Unemployment Claims"
    )
    assert set(claims.values()) == {Decimal(228_000)}  # written 228K


def test_a_day_without_events_has_no_rows(tape: Tape) -> None:
    assert b'"rows":null' in written(tape, "nasdaq", datetime(2025, 7, 12, 15, tzinfo=UTC), "today")
    assert b'"rCode":400' in written(tape, "nasdaq", NOON, "today", date="nonsense")


def test_stablecoins_and_locked_value(tape: Tape) -> None:
    scene, midnight = Scene(NOON, tape), NOON.replace(hour=0, minute=0)
    coins = told(tape, "defillama", NOON, "stablecoins")
    assert only(coins, "stablecoins.supply", subject="USDT") == supply(scene, NOON, "USDT")
    days = told(tape, "defillama", NOON, "stablecoincharts")
    supplies = values(days, "stablecoins.supply", subject="market")
    assert max(supplies) == midnight
    assert sorted(supplies)[-3:] == [midnight - 2 * DAY, midnight - DAY, midnight]
    assert len(supplies) == 400
    assert abs(supplies[midnight - DAY] - supply(scene, midnight - DAY)) <= Decimal("0.01")
    assert {r.origin.completeness for r in days if r.observed_at == midnight} == {Completeness.PARTIAL}
    assert abs(only(told(tape, "defillama", NOON, "chains"), "defi.tvl") - locked(scene, NOON)) <= 1
    assert values(told(tape, "defillama", NOON, "historical_chain_tvl"), "defi.tvl")[midnight] == locked(scene, midnight)


def test_the_network_finds_a_block_every_ten_minutes(tape: Tape) -> None:
    assert height(datetime(2024, 4, 20, 0, 9, tzinfo=UTC)) == 840_000  # the halving
    assert only(told(tape, "mempool_space", NOON, "height"), "network.height") == height(NOON)
    assert height(NOON + timedelta(minutes=10)) == height(NOON) + 1
    due = told(tape, "mempool_space", NOON, "difficulty_adjustment")
    blocks, retarget = only(due, "network.blocks_to_retarget"), only(due, "network.retarget_at")
    assert (height(NOON) + blocks) % 2016 == 0
    assert 0 <= blocks * 600 - (retarget - int(NOON.timestamp())) < 600
    fees = told(tape, "mempool_space", NOON, "fees")
    assert only(fees, "network.fee_fast") >= only(fees, "network.fee_hour")
    assert only(told(tape, "mempool_space", NOON, "hashrate"), "network.hashrate") > 2**63


def test_reserves_and_accounts_of_coinglass(tape: Tape) -> None:
    now, before = (told(tape, "coinglass", at, "exchange_balance_list", symbol="BTC") for at in (NOON, NOON - DAY))
    coins = [only(found, "reserves.coins", venue="binance") for found in (now, before)]
    assert abs(only(now, "reserves.change_1d", venue="binance") - (coins[0] / coins[1] - 1) * 100) <= Decimal("0.01")
    accounts = told(
        tape, "coinglass", NOON, "global_long_short_account_ratio_history", symbol="BTCUSDT", exchange="Binance", interval="4h", limit="12"
    )
    assert max(values(accounts, "accounts.long_share")) == NOON.replace(minute=0)
    assert len(accounts) == 11
    assert {r.key.venue for r in told(tape, "coinglass", NOON, "exchange_rank")} == {"binance", "bybit", "okx", "htx"}
    assert only(told(tape, "coinglass", NOON, "option_info", symbol="BTC"), "options.oi_usd", venue="all") > 0
