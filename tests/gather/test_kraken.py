"""Kraken: names that differ from the question, today beside the past 24 hours, bars that have ended, funding per hour and absolute."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.kraken import SOURCE
from newsgen.market import Completeness, Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

TICKER, BARS, FUTURES, STATUS = "spot_ticker_XBTUSDT.json", "spot_ohlc_XBTUSDT.json", "futures_tickers.json", "system_status.json"
MINUTES = {"pair": "XBTUSDT", "interval": "1"}
CASES = [("ticker", {}, TICKER), ("ohlc", MINUTES, BARS), ("futures_tickers", {}, FUTURES), ("system_status", {}, STATUS)]


def _bars(start: int, **columns: object) -> bytes:
    row = {"t": start, "o": "10", "h": "12", "l": "9", "c": "11", "w": "10.5", "v": "2.5", "n": 7, **columns}
    return wire({"error": [], "result": {"XXBTZUSD": [list(row.values())], "last": start}})


def test_a_ticker_tells_today_from_the_past_24_hours() -> None:
    """The first of each pair is the running UTC day, the second the past 24 hours; `o` belongs to the day alone."""
    readings = parse_payload("kraken", "ticker", {}, body("kraken", TICKER), NOW)
    assert {(r.key.series, r.key.window): (r.value, r.unit) for r in readings} == {
        ("spot.last", ""): (Decimal("105899.4"), Unit.USD),
        ("spot.open", "day"): (Decimal("106021.6"), Unit.USD),
        ("spot.high", "day"): (Decimal("106112"), Unit.USD),
        ("spot.low", "day"): (Decimal("105853.5"), Unit.USD),
        ("spot.volume_base", "day"): (Decimal("0.78648221"), Unit.COINS),
        ("spot.high", "24h"): (Decimal("106613.1"), Unit.USD),
        ("spot.low", "24h"): (Decimal("104711"), Unit.USD),
        ("spot.volume_base", "24h"): (Decimal("163.28908096"), Unit.COINS),
    }
    assert {(r.key.subject, r.key.venue, r.observed_at, r.known_at) for r in readings} == {("BTC", "kraken", NOW, NOW)}


@pytest.mark.parametrize(
    ("pair", "asset"),
    [("XXBTZUSD", "BTC"), ("XETHZUSD", "ETH"), ("SOLUSD", "SOL"), ("XXRPZUSD", "XRP"), ("XDGUSD", "DOGE"), ("BNBUSD", "BNB"),
     ("ADAUSD", "ADA")],
)  # fmt: skip
def test_a_pair_is_known_by_the_name_that_kraken_answers_with(pair: str, asset: str) -> None:
    sent = changed("kraken", TICKER, lambda d: d["result"].update({pair: d["result"].pop("XBTUSDT")}))
    assert {r.key.subject for r in parse_payload("kraken", "ticker", {}, sent, NOW)} == {asset}


@pytest.mark.parametrize("pair", ["XXBTZEUR", "XETHXXBT", "PEPEUSD", "USDTZEUR", "USD", "ZUSD", "XBTUSDC"])
def test_a_pair_that_is_not_followed_is_refused(pair: str) -> None:
    sent = changed("kraken", TICKER, lambda d: d["result"].update({pair: d["result"].pop("XBTUSDT")}))
    faulty("kraken", "ticker", {}, sent, f"result.{pair}")


def test_a_day_without_a_trade_says_nothing_of_prices() -> None:
    def quiet(d: Any) -> None:
        d["result"]["XBTUSDT"].update(t=[0, 3276], h=["0.0", "106613.1"], l=["0.0", "104711.0"], v=["0.0", "163.2"])

    readings = parse_payload("kraken", "ticker", {}, changed("kraken", TICKER, quiet), NOW)
    assert {r.key.window for r in readings} == {"", "24h"}
    assert one(readings, "spot.low", "BTC", "24h").value == 104711


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"c": ["0", "1"]}, "c.price"),
        ({"c": "105899.4"}, "c"),
        ({"h": ["106112.0"]}, "h"),
        ({"h": ["105000", "106613.1"]}, "h.today"),  # below the low
        ({"l": ["105853.5", "-1"]}, "l.past"),
        ({"v": [None, "1"]}, "v.today"),
        ({"v": ["1", "-1"]}, "v.past"),
        ({"t": [35, "many"]}, "t.past"),
        ({"o": ""}, "o"),
        ({"o": ["106021.6", "1"]}, "o"),
    ],
)
def test_a_bad_field_of_a_ticker_is_named(fields: dict[str, Any], field: str) -> None:
    sent = changed("kraken", TICKER, lambda d: d["result"]["XBTUSDT"].update(fields))
    faulty("kraken", "ticker", {}, sent, f"result.XBTUSDT.{field}")


@pytest.mark.parametrize("name", ["c", "h", "l", "v", "t", "o"])
def test_what_is_missing_is_named_and_what_is_new_is_ignored(name: str) -> None:
    faulty("kraken", "ticker", {}, changed("kraken", TICKER, lambda d: d["result"]["XBTUSDT"].pop(name)), f"result.XBTUSDT.{name}")
    more = changed("kraken", TICKER, lambda d: (d.update(new=1), d["result"]["XBTUSDT"].update(n=[1], o24="5")))
    assert len(parse_payload("kraken", "ticker", {}, more, NOW)) == 8


def test_bars_of_the_recorded_answer_without_the_open_one() -> None:
    """1762813200 is 22:20 UTC of 10 November 2025; asked at 00:17:10, the bar that began at 00:17 is still open."""
    at = datetime(2025, 11, 11, 0, 17, 10, tzinfo=UTC)
    readings = parse_payload("kraken", "ohlc", MINUTES, body("kraken", BARS), at)
    assert len(readings) == 6 * 6  # seven bars
    third = [r for r in readings if iso(r.observed_at) == "2025-11-10T22:21:00Z"]
    assert {r.key.series: (r.value, r.unit) for r in third} == {
        "spot.open": (Decimal("105610.7"), Unit.USD), "spot.high": (Decimal("105610.7"), Unit.USD),
        "spot.low": (Decimal("105608.1"), Unit.USD), "spot.close": (Decimal("105608.1"), Unit.USD),
        "spot.volume_base": (Decimal("0.0625"), Unit.COINS), "spot.trades": (5, Unit.COUNT),
    }  # fmt: skip
    assert {(r.key.subject, r.key.window, r.key.venue) for r in readings} == {("BTC", "1m", "kraken")}
    assert max(r.observed_at for r in readings) == datetime(2025, 11, 11, 0, 17, tzinfo=UTC)
    assert all(r.known_at == r.observed_at for r in readings)
    assert len(parse_payload("kraken", "ohlc", MINUTES, body("kraken", BARS), at.replace(minute=18, second=0))) == 7 * 6


@pytest.mark.parametrize(("interval", "window", "hours"), [("60", "1h", 1), ("240", "4h", 4), ("1440", "1d", 24)])
def test_the_interval_of_the_request_says_when_a_bar_ends(interval: str, window: str, hours: int) -> None:
    """1767225600 is midnight UTC of 1 January 2026."""
    for endpoint in ("ohlc", "ohlc_year"):
        readings = parse_payload("kraken", endpoint, {"pair": "XBTUSD", "interval": interval}, _bars(1767225600), NOW)
        assert one(readings, "spot.open", "BTC", window).value == 10
        assert {r.observed_at for r in readings} == {datetime(2026, 1, 1 + hours // 24, hours % 24, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("start", "columns", "field"),
    [
        (1767225601, {}, "time"),  # begins no day
        (1767225600000, {}, "time"),  # milliseconds
        (1830297600, {}, "time"),  # 2028
        (1767225600, {"h": "10.9"}, "high"),  # below the close
        (1767225600, {"l": "10.1"}, "high"),  # above the open
        (1767225600, {"o": "0"}, "open"),
        (1767225600, {"c": None}, "close"),
        (1767225600, {"v": "-1"}, "volume"),
        (1767225600, {"n": "many"}, "count"),
    ],
)
def test_a_bad_value_of_a_bar_is_named(start: int, columns: dict[str, object], field: str) -> None:
    faulty("kraken", "ohlc", {"interval": "1440"}, _bars(start, **columns), f"result.XXBTZUSD[0].{field}")


def test_another_shape_of_bars_is_named() -> None:
    faulty("kraken", "ohlc", {"interval": "60"}, body("kraken", BARS), "result.XBTUSDT[0].time")  # minutes are no hours
    faulty("kraken", "ohlc", {"interval": "30"}, body("kraken", BARS), "request")
    faulty("kraken", "ohlc", {}, body("kraken", BARS), "request")
    faulty("kraken", "ohlc", MINUTES, wire({"error": [], "result": {"XBTUSDT": [[1, 2, 3]]}}), "result.XBTUSDT[0]")
    faulty("kraken", "ohlc", MINUTES, wire({"error": [], "result": {"XBTUSDT": {}}}), "result.XBTUSDT")
    faulty("kraken", "ohlc", MINUTES, wire({"error": []}), "result")
    faulty("kraken", "ohlc", MINUTES, wire({"result": {}}), "error")


def test_funding_is_absolute_and_hourly_so_it_is_divided_by_the_price_and_brought_to_eight_hours_in_percent() -> None:
    """A contract of one ether: 0.000015 dollars an hour at an index of 3202.75. 0.000015 / 3202.75 * 8 * 100 = 0.000003746780...

    0.000015 * 800 = 0.012, and 0.012 / 3202.75 = 3.7467801108...E-6.
    """
    readings = parse_payload("kraken", "futures_tickers", {}, body("kraken", FUTURES), NOW)
    rate = one(readings, "funding.rate_8h", "ETH", "8h", "kraken")
    assert (round(rate.value, 15), rate.unit, iso(rate.observed_at)) == (Decimal("3.746780111E-6"), Unit.PCT, "2025-11-17T00:34:37Z")
    dear = changed("kraken", FUTURES, lambda d: d["tickers"][1].update(fundingRate=0.320275, indexPrice=3202.75))
    rates = parse_payload("kraken", "futures_tickers", {}, dear, NOW)
    assert one(rates, "funding.rate_8h", "ETH", "8h").value == Decimal("0.08")  # a ten-thousandth an hour
    paid = changed("kraken", FUTURES, lambda d: d["tickers"][1].update(fundingRate=-0.320275))
    assert one(parse_payload("kraken", "futures_tickers", {}, paid, NOW), "funding.rate_8h", "ETH", "8h").value == Decimal("-0.08")


def test_a_rate_beyond_what_is_charged_is_left_out() -> None:
    """A quarter of a percent of 3202.75 is 8.006875."""
    for rate, kept in ((8.006875, 1), (-8.006875, 1), (8.0069, 0), (-12, 0)):
        sent = changed("kraken", FUTURES, lambda d, r=rate: d["tickers"][1].update(fundingRate=r))
        readings = parse_payload("kraken", "futures_tickers", {}, sent, NOW)
        assert len([r for r in readings if r.key.series == "funding.rate_8h"]) == kept


def test_a_linear_contract_counts_coins_and_an_inverse_one_dollars() -> None:
    """PF_ETHUSD: a million ether at a mark of 3205.25 are 3,205,250,000 dollars. PI_XBTUSD: 21,279,580 dollars at a mark of 91506.60 are
    some 232.55 bitcoin, and only a part of bitcoin's, since its linear contract is not in the recording."""
    readings = parse_payload("kraken", "futures_tickers", {}, body("kraken", FUTURES), NOW)
    eth = {r.key.series: (r.value, r.unit, r.origin.completeness) for r in readings if r.key.subject == "ETH"}
    assert eth["open_interest.coins"] == (1000000, Unit.COINS, Completeness.FINAL)
    assert eth["open_interest.usd"] == (3205250000, Unit.USD, Completeness.FINAL)
    assert (eth["perp.mark"][0], eth["perp.last"][0]) == (Decimal("3205.25"), Decimal("3200.5"))
    assert iso(one(readings, "perp.last", "ETH").observed_at) == "2025-11-17T00:30:00Z"
    btc = {r.key.series: r for r in readings if r.key.subject == "BTC"}
    assert set(btc) == {"open_interest.usd", "open_interest.coins"}  # neither price nor funding of an inverse contract
    assert (btc["open_interest.usd"].value, btc["open_interest.usd"].origin.completeness) == (21279580, Completeness.PARTIAL)
    assert round(btc["open_interest.coins"].value, 4) == Decimal("232.5469")
    assert len(readings) == 7


def test_both_contracts_of_an_asset_are_added() -> None:
    """Two bitcoin at 100,000 and 50,000 dollars at 100,000: 250,000 dollars, 2.5 bitcoin."""

    def both(d: Any) -> None:
        d["tickers"][0].update(openInterest=50000, markPrice=100000)
        d["tickers"][1].update(symbol="PF_XBTUSD", openInterest=2, markPrice=100000, indexPrice=100000, fundingRate=1)

    readings = parse_payload("kraken", "futures_tickers", {}, changed("kraken", FUTURES, both), NOW)
    assert one(readings, "open_interest.usd", "BTC").value == 250000
    assert one(readings, "open_interest.coins", "BTC").value == Decimal("2.5")
    assert one(readings, "open_interest.usd", "BTC").origin.completeness is Completeness.FINAL
    assert one(readings, "funding.rate_8h", "BTC", "8h").value == Decimal("0.008")  # 1 / 100,000 * 800


@pytest.mark.parametrize(
    "fields",
    [{"symbol": "FF_ETHUSD_251226", "tag": "month"}, {"symbol": "PF_PEPEUSD"}, {"symbol": "in_xbtusd", "tag": None}, {"suspended": True},
     {"symbol": "PF_ETHEUR"}, {"tag": "semiannual"}],
)  # fmt: skip
def test_futures_with_an_end_other_assets_indices_and_suspended_contracts_are_not_read(fields: dict[str, Any]) -> None:
    sent = changed("kraken", FUTURES, lambda d: d["tickers"][1].update(fields))
    assert {r.key.subject for r in parse_payload("kraken", "futures_tickers", {}, sent, NOW)} == {"BTC"}


def test_a_contract_that_never_traded_has_a_mark_alone() -> None:
    sent = changed("kraken", FUTURES, lambda d: (d["tickers"][1].pop("last"), d["tickers"][1].pop("lastTime")))
    readings = parse_payload("kraken", "futures_tickers", {}, sent, NOW)
    assert [r.value for r in readings if r.key.series.startswith("perp.")] == [Decimal("3205.25")]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"markPrice": 0}, "markPrice"),
        ({"indexPrice": 0}, "indexPrice"),
        ({"last": -1}, "last"),
        ({"lastTime": "yesterday"}, "lastTime"),
        ({"fundingRate": None}, "fundingRate"),
        ({"openInterest": -1}, "openInterest"),
        ({"openInterest": ""}, "openInterest"),
        ({"symbol": 7}, "symbol"),
    ],
)
def test_a_bad_field_of_a_contract_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("kraken", "futures_tickers", {}, changed("kraken", FUTURES, lambda d: d["tickers"][1].update(fields)), f"tickers[1].{field}")


def test_times_and_fields_of_futures_must_be_there_and_not_ahead() -> None:
    for name in ("markPrice", "indexPrice", "fundingRate", "openInterest", "symbol", "tag", "suspended"):
        gone = changed("kraken", FUTURES, lambda d, n=name: d["tickers"][1].pop(n))
        faulty("kraken", "futures_tickers", {}, gone, f"tickers[1].{name}")
    faulty("kraken", "futures_tickers", {}, changed("kraken", FUTURES, lambda d: d.update(serverTime="2027-01-01T00:00:00Z")), "serverTime")
    late = changed("kraken", FUTURES, lambda d: d["tickers"][1].update(lastTime="2027-01-01T00:00:00Z"))
    faulty("kraken", "futures_tickers", {}, late, "lastTime")


def test_the_state_of_trading_gives_no_reading_while_it_runs() -> None:
    assert parse_payload("kraken", "system_status", {}, body("kraken", STATUS), NOW) == []
    for state in ("maintenance", "cancel_only", "post_only"):
        halted = changed("kraken", STATUS, lambda d, s=state: d["result"].update(status=s))
        faulty("kraken", "system_status", {}, halted, f"halted: {state}", error=SourceUnavailable)
    faulty("kraken", "system_status", {}, changed("kraken", STATUS, lambda d: d["result"].update(status="dreaming")), "result.status")
    faulty("kraken", "system_status", {}, changed("kraken", STATUS, lambda d: d["result"].pop("status")), "result.status")


@pytest.mark.parametrize(("endpoint", "params"), [("ticker", {}), ("ohlc", MINUTES), ("ohlc_year", MINUTES), ("system_status", {})])
@pytest.mark.parametrize(
    ("problem", "error"),
    [
        ("EQuery:Unknown asset pair", SourceRefused),
        ("EGeneral:Invalid arguments", SourceRefused),
        ("EGeneral:Too many requests", SourceUnavailable),
        ("EAPI:Rate limit exceeded", SourceUnavailable),
        ("EService:Unavailable", SourceUnavailable),
        ("EService:Market in cancel_only mode", SourceUnavailable),
        ("EGeneral:Internal error", SourceUnavailable),
        ("EAPI:Invalid key", KeyRefused),
    ],
)
def test_a_refusal_comes_with_200(endpoint: str, params: dict[str, str], problem: str, error: type[GatherError]) -> None:
    faulty("kraken", endpoint, params, wire({"error": [problem]}), problem, error=error)


def test_the_recorded_refusal_names_the_pair_and_a_warning_is_none() -> None:
    faulty("kraken", "ticker", {}, body("kraken", "error_unknown_pair.json"), "EQuery:Unknown asset pair", error=SourceRefused)
    warned = changed("kraken", TICKER, lambda d: d.update(error=["WGeneral:Something"]))
    assert len(parse_payload("kraken", "ticker", {}, warned, NOW)) == 8


@pytest.mark.parametrize(
    ("problem", "error"), [("apiLimitExceeded", SourceUnavailable), ("Unavailable", SourceUnavailable), ("invalidArgument", SourceRefused)]
)
def test_a_refusal_of_futures_is_told_by_its_word(problem: str, error: type[GatherError]) -> None:
    faulty("kraken", "futures_tickers", {}, wire({"result": "error", "error": problem}), problem, error=error)


def test_a_page_instead_of_data_is_a_wall() -> None:
    for endpoint in ("ticker", "futures_tickers"):
        faulty("kraken", endpoint, {}, b"<html><title>Just a moment...</title>", "bot wall", error=SourceRefused)
        faulty("kraken", endpoint, {}, b"<html>maintenance</html>", "body")


def test_what_a_round_asks() -> None:
    """A dollar coin too: what it trades at is its peg."""
    asked = SOURCE.requests(("BTC", "ETH", "USDT", "NOPE"))
    assert [(SOURCE.endpoints[r.endpoint].path, dict(r.params)) for r in asked] == [
        ("/0/public/SystemStatus", {}),
        ("/0/public/Ticker", {"pair": "XBTUSD,ETHUSD,USDTUSD"}),
        ("/0/public/OHLC", {"pair": "XBTUSD", "interval": "240"}),
        ("/0/public/OHLC", {"pair": "XBTUSD", "interval": "1440"}),
        ("/0/public/OHLC", {"pair": "ETHUSD", "interval": "240"}),
        ("/0/public/OHLC", {"pair": "ETHUSD", "interval": "1440"}),
        ("/0/public/OHLC", {"pair": "USDTUSD", "interval": "240"}),
        ("/0/public/OHLC", {"pair": "USDTUSD", "interval": "1440"}),
        ("/derivatives/api/v3/tickers", {}),
    ]
    assert SOURCE.endpoints["futures_tickers"].host == "https://futures.kraken.com"
    assert SOURCE.endpoints["ohlc_year"].moments_at(NOW) == {"since": str(int(datetime(2025, 9, 26, tzinfo=UTC).timestamp()))}
    assert SOURCE.requests(("NOPE",)) == []
