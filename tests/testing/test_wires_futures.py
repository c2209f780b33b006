"""Futures and liquidations: marks by the tape, rates and open interest of one making in every wire, sums that come to the buckets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from newsgen.gather import parse_payload
from newsgen.market import from_epoch
from newsgen.testing._wires._futures import funding, held, held_usd, longs
from newsgen.testing._wires._options import book, pain
from newsgen.testing._wires.deribit import volatility
from newsgen.testing.market import Scene, Tape
from tests.testing.ask import ASSETS, MOMENTS, NOON, only, told, values, written

H4, DAY, EIGHT = timedelta(hours=4), timedelta(days=1), timedelta(hours=8)
CENT = Decimal("0.01")


@pytest.mark.parametrize("at", MOMENTS)
def test_perpetuals_are_marked_by_the_tape(tape: Tape, at: datetime) -> None:
    for asset in ("BTC", "SOL"):
        asks = {
            "binance_futures": ("premium_index", {"symbol": f"{asset}USDT"}, "binance perpetuals"),
            "bybit": ("tickers", {"category": "linear", "symbol": f"{asset}USDT"}, "bybit perpetuals"),
            "hyperliquid": ("contexts", {}, "hyperliquid"),
            "kraken": ("futures_tickers", {}, "kraken perpetuals"),
        }
        for source, (endpoint, params, venue) in asks.items():
            found = told(tape, source, at, endpoint, **params)
            assert values(found, "perp.mark", subject=asset) == {at: tape.price(asset, at, venue)}, source


@pytest.mark.parametrize("at", MOMENTS)
def test_rates_are_those_of_eight_hours_whatever_the_venue_writes(tape: Tape, at: datetime) -> None:
    """A fraction of eight hours at four venues, of one hour at Hyperliquid; dollars an hour at Kraken; percent at CoinGlass."""
    scene = Scene(at, tape)
    asks = {
        "binance": told(tape, "binance_futures", at, "premium_index", symbol="BTCUSDT"),
        "bybit": told(tape, "bybit", at, "tickers", category="linear", symbol="BTCUSDT"),
        "okx": told(tape, "okx", at, "funding_rate", instId="BTC-USDT-SWAP"),
        "deribit": told(tape, "deribit", at, "ticker", instrument_name="BTC-PERPETUAL"),
        "hyperliquid": told(tape, "hyperliquid", at, "contexts"),
        "kraken": told(tape, "kraken", at, "futures_tickers"),
    }
    for venue, found in asks.items():
        rate = funding(scene, venue, "BTC") * 100
        assert abs(only(found, "funding.rate_8h", subject="BTC", venue=venue) - rate) < Decimal("0.0000001"), venue
        assert -Decimal("0.3") <= rate <= Decimal("0.3")
    glass = told(tape, "coinglass", at, "funding_rate_exchange_list")
    assert only(glass, "funding.rate_8h", subject="ETH", venue="bybit") == funding(scene, "bybit", "ETH") * 100


def test_longs_pay_more_after_a_rise_than_after_a_fall(tape: Tape) -> None:
    scene = Scene(NOON, tape)
    rose, fell = datetime(2025, 7, 11, 8, tzinfo=UTC), datetime(2024, 8, 5, 8, tzinfo=UTC)
    assert funding(scene, "binance", "BTC", rose) > Decimal("0.0001") > funding(scene, "binance", "BTC", fell)


@pytest.mark.parametrize(
    ("source", "endpoint", "params", "venue"),
    [
        ("binance_futures", "funding_rate", {"symbol": "ETHUSDT", "limit": "10"}, "binance"),
        ("bybit", "funding_history", {"category": "linear", "symbol": "ETHUSDT", "limit": "10"}, "bybit"),
        ("okx", "funding_rate_history", {"instId": "ETH-USDT-SWAP"}, "okx"),
    ],
)
def test_payments_are_the_rates_of_their_moments(tape: Tape, source: str, endpoint: str, params: dict[str, str], venue: str) -> None:
    found = values(told(tape, source, NOON, endpoint, **params), "funding.settled_8h", subject="ETH", venue=venue)
    assert len(found) == 9  # the oldest of ten has none before it
    last = NOON.replace(hour=8, minute=0)
    for k, (at, rate) in enumerate(sorted(found.items(), reverse=True)):
        due = last - k * EIGHT
        assert timedelta(0) <= at - due < timedelta(seconds=1)
        assert rate == funding(Scene(NOON, tape), venue, "ETH", due) * 100


@pytest.mark.parametrize("at", MOMENTS)
def test_open_interest_is_one_in_coins_and_in_dollars(tape: Tape, at: datetime) -> None:
    scene = Scene(at, tape)
    asks = {
        "bybit": told(tape, "bybit", at, "tickers", category="linear", symbol="ETHUSDT"),
        "okx": told(tape, "okx", at, "open_interest", instType="SWAP", instId="ETH-USDT-SWAP"),
        "hyperliquid": told(tape, "hyperliquid", at, "contexts"),
    }
    for venue, found in asks.items():
        assert only(found, "open_interest.coins", subject="ETH") == held(scene, venue, "ETH"), venue
        usd = only(found, "open_interest.usd", subject="ETH")
        assert abs(usd - held_usd(scene, venue, "ETH")) <= CENT
        assert 100_000_000 < usd < 10_000_000_000
    assert only(told(tape, "binance_futures", at, "open_interest", symbol="ETHUSDT"), "open_interest.coins") == held(
        scene, "binance", "ETH"
    )
    assert only(told(tape, "deribit", at, "ticker", instrument_name="ETH-PERPETUAL"), "open_interest.usd") == held_usd(
        scene, "deribit", "ETH"
    )
    # Nine tenths in coins, and a tenth in contracts of a dollar, whose price is not the one by which they became coins.
    kraken = only(told(tape, "kraken", at, "futures_tickers"), "open_interest.coins", subject="ETH")
    assert abs(kraken / held(scene, "kraken", "ETH") - 1) < Decimal("0.001")


def test_open_interest_of_a_history_is_at_its_moments(tape: Tape) -> None:
    found = told(tape, "binance_futures", NOON, "open_interest_hist", symbol="BTCUSDT", period="5m", limit="2")
    assert sorted(values(found, "open_interest.usd")) == [NOON.replace(minute=m, hour=h) for h, m in ((11, 55), (12, 0))]
    assert values(found, "open_interest.coins")[NOON.replace(minute=0)] == held(Scene(NOON.replace(minute=0), tape), "binance", "BTC")
    glass = told(tape, "coinglass", NOON, "open_interest_exchange_list", symbol="BTC")
    parts = [only(glass, "open_interest.usd", venue=v) for v in ("binance", "bybit", "okx", "htx")]
    assert only(glass, "open_interest.usd", venue="all") == sum(parts)


def test_accounts_are_shares_of_a_whole_at_full_hours(tape: Tape) -> None:
    scene, hour = Scene(NOON, tape), NOON.replace(minute=0)
    binance = told(tape, "binance_futures", NOON, "long_short_accounts", symbol="BTCUSDT", period="1h", limit="2")
    assert values(binance, "accounts.long_share")[hour] == longs(scene, "binance", "BTC", hour) * 100
    bybit = told(tape, "bybit", NOON, "account_ratio", category="linear", symbol="BTCUSDT", period="1h", limit="2")
    assert values(bybit, "accounts.long_share")[hour] == longs(scene, "bybit", "BTC", hour) * 100
    okx = values(told(tape, "okx", NOON, "long_short_accounts", ccy="BTC", period="1H"), "accounts.long_share")
    assert max(okx) == hour  # of the hour from 11:00; the one from 12:00 runs
    assert abs(okx[hour] - longs(scene, "okx", "BTC", hour - timedelta(hours=1)) * 100) < Decimal("0.001")


def test_candles_of_perpetuals_feed_no_spot_price(tape: Tape) -> None:
    found = told(tape, "binance_futures", NOON, "klines", symbol="BTCUSDT", interval="1h", limit="5")
    assert {r.key.series.partition(".")[0] for r in found} == {"perp"}
    bar = tape.bar("BTC", NOON.replace(hour=11, minute=0), NOON.replace(minute=0), "binance perpetuals")
    assert bar is not None
    assert values(found, "perp.high")[NOON.replace(minute=0)] == bar.high
    assert only(told(tape, "binance_futures", NOON, "ticker_24hr", symbol="BTCUSDT"), "perp.last") == tape.price(
        "BTC", NOON, "binance perpetuals"
    )
    assert told(tape, "binance_futures", NOON, "funding_info") == told(tape, "okx", NOON, "instruments") == []


# Options


def test_volatility_is_in_percent_and_its_bars_join(tape: Tape) -> None:
    hours = told(tape, "deribit", NOON, "dvol_hours", currency="BTC", resolution="3600")
    opens, closes = values(hours, "options.dvol_open"), values(hours, "options.dvol_close")
    assert len(opens) == 239  # of the ten days before 12:02 the bars that begin at a full hour and have ended
    assert max(opens) == NOON.replace(minute=0)
    assert all(opens[at] == closes[at - timedelta(hours=1)] for at in sorted(opens)[1:])
    [*_, last] = json.loads(written(tape, "deribit", NOON, "dvol_hours", currency="BTC", resolution="3600"))["result"]["data"]
    assert last[4] == float(volatility(Scene(NOON, tape), "BTC", NOON))  # the bar that runs ends now
    now = told(tape, "deribit", NOON, "dvol", currency="BTC", resolution="60")
    assert values(now, "options.dvol").keys() == {NOON}
    assert 30 < only(now, "options.dvol") < 60
    assert abs(only(now, "options.dvol") - closes[NOON.replace(minute=0)]) < 1


def test_calls_and_puts_come_to_the_book_and_its_pain_is_worked_out_twice(tape: Tape) -> None:
    """The wire of CoinGlass and the source of Deribit each work out the strike of maximum pain by themselves."""
    options = book(Scene(NOON, tape), "BTC")
    found = told(tape, "deribit", NOON, "book_summary", currency="BTC")
    assert only(found, "options.calls_oi") == sum(o.coins for o in options if o.side == "C")
    assert only(found, "options.puts_oi") == sum(o.coins for o in options if o.side == "P")
    fridays = [NOON.replace(day=d, hour=8, minute=0) for d in (18, 25)]
    glass = told(tape, "coinglass", NOON, "option_max_pain", symbol="BTC", exchange="Deribit")
    for due in fridays:
        inside = [o for o in options if o.due == due]
        venue = f"deribit:{due:%Y-%m-%d}"
        assert only(found, "options.expiry_calls_oi", venue=venue) == sum(o.coins for o in inside if o.side == "C")
        assert only(found, "options.max_pain", venue=venue) == only(glass, "options.max_pain", venue=venue) == pain(inside)
        assert only(glass, "options.expiry_puts_oi", venue=venue) == only(found, "options.expiry_puts_oi", venue=venue)


# Liquidations


@pytest.mark.parametrize("at", MOMENTS)
def test_liquidations_over_venues_are_the_tapes_orders(tape: Tape, at: datetime) -> None:
    """HTX stands for the rest of the market: Binance's orders times 2.35."""
    shares = {
        "binance": tape.orders("binance", at - DAY, at),
        "bybit": tape.orders("bybit", at - DAY, at),
        "okx": tape.orders("okx", at - DAY, at),
    }
    sums = {v: sum((o.usd for o in orders if o.side == "short"), Decimal(0)) for v, orders in shares.items()}
    sums["htx"] = sums["binance"] * Decimal("2.35")
    found = told(tape, "coinglass", at, "liquidation_exchange_list", range="24h")
    for venue, usd in sums.items():
        assert abs(only(found, "liq.short", venue=venue, subject="market") - usd) <= CENT, venue
    assert abs(only(found, "liq.short", venue="all") - sum(sums.values())) <= 1
    [total, long, short] = (only(found, f"liq.{s}", venue="all") for s in ("total", "long", "short"))
    assert total == long + short > 0


def test_buckets_of_four_hours_are_the_historys(tape: Tape) -> None:
    found = told(tape, "coinglass", NOON, "liquidation_aggregated_history", exchange_list="Binance", symbol="BTC", interval="4h", limit="4")
    short = values(found, "liq.bucket_short", venue="binance")
    assert short == {NOON.replace(hour=h, minute=0): Decimal(v) for h, v in ((4, 6_695_524), (8, 102_469_333), (12, 126_180))}
    days = told(tape, "coinglass", NOON, "liquidation_aggregated_history", exchange_list="Binance", symbol="BTC", interval="1d", limit="2")
    # 13 July, six buckets of longs: 27,165 + 14,028 + 17,199 + 625,319 + 356,227 + 669,200
    assert values(days, "liq.long") == {datetime(2025, 7, 14, tzinfo=UTC): Decimal(1_709_138)}


def test_the_largest_order_is_the_largest_of_the_tape(tape: Tape) -> None:
    largest = {v: max(o.usd for o in tape.orders(v, NOON - DAY, NOON) if o.asset == "BTC") for v in ("binance", "okx")}
    one = told(tape, "coinglass", NOON, "liquidation_order", exchange="Binance", symbol="BTC", min_liquidation_amount="1000000")
    assert abs(only(one, "liq.largest_order", subject="BTC", venue="binance") - largest["binance"]) <= CENT
    okx = told(tape, "okx", NOON, "liquidation_orders", uly="BTC-USDT")
    page = [o.usd for o in tape.orders("okx", NOON - DAY, NOON) if o.asset == "BTC"][-100:]
    assert abs(only(okx, "liq.largest_order", subject="BTC") - max(page)) <= CENT


def test_liquidations_by_the_hour_come_to_the_bucket(tape: Tape) -> None:
    """Four hours from 04:00: 102,469,333 dollars of shorts at Binance, half of it at OKX."""
    params = {"symbols": "BTCUSDT_PERP.A,BTCUSDT_PERP.3,NOPEUSDT_PERP.A", "interval": "1hour", "convert_to_usd": "true"}
    found = told(tape, "coinalyze", NOON, "liquidation_history", **params)
    assert {r.key.subject for r in found} == {"BTC"}
    for venue, share in (("binance", Decimal(1)), ("okx", Decimal("0.5"))):
        hours = values(found, "liq.bucket_short", venue=venue)
        inside = [hours[NOON.replace(hour=h, minute=0)] for h in (5, 6, 7, 8)]
        assert abs(sum(inside) - Decimal(102_469_333) * share) < 1
        assert max(hours) <= NOON


def test_coinalyzes_coins_become_dollars_when_it_is_asked(tape: Tape) -> None:
    scene = Scene(NOON, tape)
    for convert, series, value in (("true", "usd", held_usd(scene, "bybit", "BTC")), ("false", "coins", held(scene, "bybit", "BTC"))):
        found = told(tape, "coinalyze", NOON, "open_interest", symbols="BTCUSDT.6", convert_to_usd=convert)
        assert values(found, f"open_interest.{series}", venue="bybit") == {NOON: value}
    ratio = told(tape, "coinalyze", NOON, "long_short_ratio_history", symbols="BTCUSDT_PERP.A", interval="1hour")
    last = max(values(ratio, "accounts.long_share"))
    assert values(ratio, "accounts.long_share")[last] == longs(scene, "binance", "BTC", last - timedelta(hours=1)) * 100


@pytest.mark.parametrize("at", MOMENTS)
def test_windows_of_a_coin_are_rolling(tape: Tape, at: datetime) -> None:
    found = told(tape, "coinglass", at, "liquidation_coin_list", exchange="Bybit")
    for hours in (1, 4, 12, 24):
        long = sum(
            (o.usd for o in tape.orders("bybit", at - timedelta(hours=hours), at) if (o.asset, o.side) == ("ETH", "long")), Decimal(0)
        )
        assert abs(only(found, "liq.long", subject="ETH", window=f"{hours}h") - long) <= CENT
    whole = told(tape, "coinglass", at, "coins_markets")
    assert {r.key.subject for r in whole} == set(ASSETS)
    assert only(whole, "liq.total", subject="BTC", window="24h") > only(found, "liq.total", subject="BTC", window="24h")


def test_no_wire_looks_ahead(tape: Tape) -> None:
    """What an answer of coinalyze says of the running hour is what has passed of it."""
    body = written(tape, "coinalyze", NOON, "liquidation_history", symbols="BTCUSDT_PERP.A", interval="1hour", convert_to_usd="true")
    later = parse_payload(
        "coinalyze", "liquidation_history", {"interval": "1hour", "convert_to_usd": "true"}, body, NOON + timedelta(hours=2)
    )
    whole = sum(o.usd for o in tape.orders("binance", from_epoch(1752494400), NOON) if (o.asset, o.side) == ("BTC", "long"))
    assert abs(values(later, "liq.bucket_long")[NOON.replace(hour=13, minute=0)] - whole) <= CENT
