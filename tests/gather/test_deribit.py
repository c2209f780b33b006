"""Deribit: percent that the documentation shows as fractions, options by the name, open interest in coins here and in dollars there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.deribit import SOURCE
from newsgen.market import Reading, Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

MINUTES, HOURS, DAYS = ({"currency": "BTC", "resolution": r} for r in ("60", "3600", "1D"))
DVOL, FRACTIONS, OPTION, TICKER = (
    "volatility_index_data_2026.json", "volatility_index_data_BTC.json", "book_summary_option.json", "ticker_BTC-PERPETUAL.json",
)  # fmt: skip
BTC, ETH = {"currency": "BTC"}, {"currency": "ETH"}
PERPETUAL = {"instrument_name": "BTC-PERPETUAL"}
CASES = [("dvol", MINUTES, DVOL), ("book_summary", ETH, OPTION), ("ticker", PERPETUAL, TICKER)]
THEN = datetime(2019, 2, 15, 12, tzinfo=UTC)  # of the example of an option
STAMP = 1793000000000  # 26 October 2026


def _rows(*rows: list[Any]) -> bytes:
    return wire({"jsonrpc": "2.0", "result": {"data": list(rows), "continuation": None}})


def _options(**interest: float) -> list[Reading]:
    rows = [{"instrument_name": n.replace("_", "-"), "open_interest": v, "creation_timestamp": STAMP} for n, v in interest.items()]
    return parse_payload("deribit", "book_summary", BTC, wire({"result": rows}), NOW)


def test_the_index_of_now_is_the_close_of_the_newest_minute_that_is_over() -> None:
    """1791282120000 is 10:22 UTC of 6 October 2026: its minute is over at 10:23."""
    (dvol,) = parse_payload("deribit", "dvol", MINUTES, body("deribit", DVOL), NOW)
    assert (dvol.key.series, dvol.key.subject, dvol.key.window, dvol.key.venue) == ("options.dvol", "BTC", "", "deribit")
    assert (dvol.value, dvol.unit) == (Decimal("47.55"), Unit.PCT)
    assert (iso(dvol.observed_at), iso(dvol.known_at)) == ("2026-10-06T10:23:00Z", "2026-10-06T10:23:00Z")
    early = datetime(2026, 10, 6, 10, 18, 59, tzinfo=UTC)  # the minute of 10:18 is still open; that of 10:17 closed at 47.54
    (before,) = parse_payload("deribit", "dvol", MINUTES, body("deribit", DVOL), early)
    assert (before.value, iso(before.observed_at)) == (Decimal("47.54"), "2026-10-06T10:18:00Z")


def test_the_order_of_the_rows_does_not_matter() -> None:
    turned = changed("deribit", DVOL, lambda d: d["result"]["data"].reverse())
    assert [r.value for r in parse_payload("deribit", "dvol", MINUTES, turned, NOW)] == [Decimal("47.55")]
    cut = changed("deribit", DVOL, lambda d: d["result"].update(continuation=1791281700000))
    assert [r.value for r in parse_payload("deribit", "dvol", MINUTES, cut, NOW)] == [Decimal("47.55")]


def test_fractions_are_refused_and_never_taken_for_percent() -> None:
    """The documentation shows 0.21 where the wire says 47.55: whether it means 21 % or 0.21 % is not guessed."""
    faulty("deribit", "dvol", MINUTES, body("deribit", FRACTIONS), "result.data[0].open")
    for column, field in ((1, "open"), (2, "high"), (3, "low"), (4, "close")):
        sent = changed("deribit", DVOL, lambda d, c=column: d["result"]["data"][2].__setitem__(c, 0.4754))
        faulty("deribit", "dvol", MINUTES, sent, f"result.data[2].{field}")


@pytest.mark.parametrize(("endpoint", "params", "window", "hours"), [("dvol_hours", HOURS, "1h", 1), ("dvol_days", DAYS, "1d", 24)])
def test_bars_of_the_index_that_are_over(endpoint: str, params: dict[str, str], window: str, hours: int) -> None:
    """1767225600000 is midnight UTC of 1 January 2026."""
    sent = _rows([1767225600000, 40.5, 44, 39.25, 43])
    end = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    readings = parse_payload("deribit", endpoint, params, sent, end)
    assert {r.key.series: r.value for r in readings} == {
        "options.dvol_open": Decimal("40.5"), "options.dvol_high": 44, "options.dvol_low": Decimal("39.25"), "options.dvol_close": 43,
    }  # fmt: skip
    assert {(r.key.subject, r.key.window, r.key.venue, r.unit, r.observed_at, r.known_at) for r in readings} == {
        ("BTC", window, "deribit", Unit.PCT, end, end)
    }
    assert parse_payload("deribit", endpoint, params, sent, end - timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ([1767225600, 40, 44, 39, 43], "time"),  # seconds
        ([1767225600001, 40, 44, 39, 43], "time"),
        ([1830297600000, 40, 44, 39, 43], "time"),  # 2028
        ([1767225600000, 40, 42, 39, 43], "high"),
        ([1767225600000, 40, 44, 41, 43], "high"),
        ([1767225600000, None, 44, 39, 43], "open"),
        ([1767225600000, 40, 44, 39, "-"], "close"),
        ([1767225600000, 40, 44, 0, 43], "low"),
    ],
)
def test_a_bad_value_of_a_bar_is_named(row: list[Any], field: str) -> None:
    faulty("deribit", "dvol_hours", HOURS, _rows(row), f"result.data[0].{field}")


def test_another_shape_of_the_index_is_named() -> None:
    faulty("deribit", "dvol_hours", HOURS, body("deribit", DVOL), "result.data[0].time")  # minutes are no hours
    faulty("deribit", "dvol", MINUTES, _rows([1767225600000, 40]), "result.data[0]")
    faulty("deribit", "dvol", MINUTES, wire({"result": {}}), "result.data")
    faulty("deribit", "dvol", MINUTES, wire({"usIn": 1}), "result")
    for params in ({"currency": "SOL", "resolution": "60"}, {"currency": "BTC", "resolution": "43200"}, {}):
        faulty("deribit", "dvol", params, body("deribit", DVOL), "request")


def test_an_option_of_the_documentation() -> None:
    """ETH-22FEB19-140-P: a put, due at 08:00 UTC of 22 February 2019; 1550227952163 is 10:52:32 UTC of 15 February."""
    readings = parse_payload("deribit", "book_summary", ETH, body("deribit", OPTION), THEN)
    assert [(r.key.series, r.key.venue, r.value, r.unit) for r in readings] == [
        ("options.puts_oi", "deribit", Decimal("0.55"), Unit.COINS),
        ("options.expiry_puts_oi", "deribit:2019-02-22", Decimal("0.55"), Unit.COINS),
    ]
    assert {(r.key.subject, r.key.window, iso(r.observed_at)) for r in readings} == {("ETH", "", "2019-02-15T10:52:32Z")}
    element = json.loads(body("deribit", "book_summary_element_option.json"))
    assert [element] == json.loads(body("deribit", OPTION))["result"]


@pytest.mark.parametrize(("hour", "second", "count"), [(7, 59, 2), (8, 0, 0)])
def test_an_option_that_has_settled_is_nobodys_any_more(hour: int, second: int, count: int) -> None:
    at = datetime(2019, 2, 22, hour, 59 if second else 0, second, tzinfo=UTC)
    assert len(parse_payload("deribit", "book_summary", ETH, body("deribit", OPTION), at)) == count


def test_calls_apart_from_puts_all_together_and_by_expiry() -> None:
    """Calls 10 + 5 + 2, puts 4 + 1; of the November expiry calls 10 + 5, puts 4 + 1; of December a call of 2."""
    readings = _options(**{
        "BTC_27NOV26_100000_C": 10, "BTC_27NOV26_120000_C": 5, "BTC_27NOV26_100000_P": 4, "BTC_27NOV26_90000_P": 1,
        "BTC_25DEC26_100000_C": 2,
    })  # fmt: skip
    oi = {(r.key.series, r.key.venue): r.value for r in readings if r.key.series != "options.max_pain"}
    assert oi == {
        ("options.calls_oi", "deribit"): 17, ("options.puts_oi", "deribit"): 5,
        ("options.expiry_calls_oi", "deribit:2026-11-27"): 15, ("options.expiry_puts_oi", "deribit:2026-11-27"): 5,
        ("options.expiry_calls_oi", "deribit:2026-12-25"): 2,
    }  # fmt: skip


def test_the_strike_at_which_holders_are_paid_least() -> None:
    """Calls 1 at 90, 3 at 100; puts 2 at 100, 1 at 110.

    At 90 puts pay 2 * 10 + 1 * 20 = 40. At 100 calls pay 1 * 10 and puts 1 * 10: 20. At 110 calls pay 1 * 20 + 3 * 10 = 50.
    """
    names = {"BTC_27NOV26_90_C": 1, "BTC_27NOV26_100_C": 3, "BTC_27NOV26_100_P": 2, "BTC_27NOV26_110_P": 1}
    pain = one(_options(**names), "options.max_pain", "BTC")
    assert (pain.value, pain.unit, pain.key.venue) == (100, Unit.USD, "deribit:2026-11-27")
    shared = _options(BTC_27NOV26_90_C=1, BTC_27NOV26_110_P=1)  # both strikes pay 20
    assert not [r for r in shared if r.key.series == "options.max_pain"]
    for alone in ({"BTC_27NOV26_90_C": 1}, {"BTC_27NOV26_90_C": 1, "BTC_27NOV26_90_P": 0}):
        assert not [r for r in _options(**alone) if r.key.series == "options.max_pain"]


def test_a_name_expires_when_the_exchange_says_so() -> None:
    """The exchange's own list of instruments gives the moment beside the name, and which side it is."""
    for row in json.loads(body("deribit", "get_instruments_BTC.json"))["result"]:
        if row["kind"] != "option":
            continue
        due, name = datetime.fromtimestamp(row["expiration_timestamp"] / 1000, UTC), row["instrument_name"]
        sent = wire({"result": [{"instrument_name": name, "open_interest": 3, "creation_timestamp": 1626336004000}]})
        before = parse_payload("deribit", "book_summary", BTC, sent, due - timedelta(seconds=1))
        side = f"options.expiry_{row['option_type']}s_oi"
        assert [r.value for r in before if (r.key.series, r.key.venue) == (side, f"deribit:{due:%Y-%m-%d}")] == [3]
        assert len(before) == 2
        assert parse_payload("deribit", "book_summary", BTC, sent, due) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"instrument_name": "ETH-PERPETUAL"}, "instrument_name"),
        ({"instrument_name": "BTC-22FEB19-140-P"}, "instrument_name"),
        ({"instrument_name": "ETH_USDC-22FEB19-140-P"}, "instrument_name"),
        ({"instrument_name": "ETH-32FEB19-140-P"}, "instrument_name"),
        ({"instrument_name": "ETH-22FEB19-140-X"}, "instrument_name"),
        ({"open_interest": -1}, "open_interest"),
        ({"open_interest": None}, "open_interest"),
        ({"creation_timestamp": 1550227952}, "creation_timestamp"),
        ({"creation_timestamp": 1830297600000}, "creation_timestamp"),
    ],
)
def test_a_bad_field_of_an_option_is_named(fields: dict[str, Any], field: str) -> None:
    sent = changed("deribit", OPTION, lambda d: d["result"][0].update(fields))
    faulty("deribit", "book_summary", ETH, sent, field, at=THEN)


def test_what_is_missing_is_named_and_what_is_new_is_ignored() -> None:
    for name in ("instrument_name", "open_interest", "creation_timestamp"):
        gone = changed("deribit", OPTION, lambda d, n=name: d["result"][0].pop(n))
        faulty("deribit", "book_summary", ETH, gone, f"result[0].{name}", at=THEN)
    faulty("deribit", "book_summary", ETH, wire({"result": []}), "result")
    faulty("deribit", "book_summary", {"currency": "USDC"}, body("deribit", OPTION), "request")
    more = changed("deribit", OPTION, lambda d: (d.update(new=1), d["result"][0].update(greeks={})))
    assert len(parse_payload("deribit", "book_summary", ETH, more, THEN)) == 2


def test_a_perpetual_counts_dollars_and_its_funding_is_for_eight_hours() -> None:
    """1736192130789 is 19:35:30 UTC of 6 January 2025. The mark, 101847.42, is 0.023 % above the index: within 0.025 %, so funding is 0."""
    readings = parse_payload("deribit", "ticker", PERPETUAL, body("deribit", TICKER), NOW)
    assert {r.key.series: (r.value, r.unit) for r in readings} == {
        "perp.mark": (Decimal("101847.42"), Unit.USD), "perp.last": (Decimal("101858.5"), Unit.USD),
        "open_interest.usd": (1210127540, Unit.USD), "funding.rate_8h": (0, Unit.PCT),
    }  # fmt: skip
    assert {(r.key.subject, r.key.venue, iso(r.observed_at)) for r in readings} == {("BTC", "deribit", "2025-01-06T19:35:30Z")}
    paid = changed("deribit", TICKER, lambda d: d["result"].update(current_funding=-0.0001))
    assert one(parse_payload("deribit", "ticker", PERPETUAL, paid, NOW), "funding.rate_8h", "BTC", "8h").value == Decimal("-0.01")


def test_the_stream_tells_the_same_members() -> None:
    data = json.loads(body("deribit", "ws_ticker_BTC-PERPETUAL.json"))["params"]["data"]
    readings = parse_payload("deribit", "ticker", PERPETUAL, wire({"jsonrpc": "2.0", "result": data}), NOW)
    assert {r.key.series: r.value for r in readings} == {
        "perp.mark": Decimal("92281.78"), "perp.last": Decimal("92283.5"), "open_interest.usd": 1132329370, "funding.rate_8h": 0,
    }  # fmt: skip
    assert {iso(r.observed_at) for r in readings} == {"2025-12-12T12:11:14Z"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"instrument_name": "BTC-27NOV26"}, "instrument_name"),
        ({"instrument_name": "SOL_USDC-PERPETUAL"}, "instrument_name"),
        ({"mark_price": 0}, "mark_price"),
        ({"last_price": -1}, "last_price"),
        ({"open_interest": ""}, "open_interest"),
        ({"current_funding": None}, "current_funding"),
        ({"timestamp": 1736192130}, "timestamp"),
        ({"timestamp": 1830297600000}, "timestamp"),
    ],
)
def test_a_bad_field_of_a_perpetual_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("deribit", "ticker", PERPETUAL, changed("deribit", TICKER, lambda d: d["result"].update(fields)), field)


def test_a_perpetual_lacks_only_what_it_may() -> None:
    for name in ("instrument_name", "state", "timestamp", "mark_price", "last_price", "open_interest", "current_funding"):
        gone = changed("deribit", TICKER, lambda d, n=name: d["result"].pop(n))
        faulty("deribit", "ticker", PERPETUAL, gone, f"result.{name}")
    untraded = changed("deribit", TICKER, lambda d: d["result"].update(last_price=None))
    assert {r.key.series for r in parse_payload("deribit", "ticker", PERPETUAL, untraded, NOW)} == {
        "perp.mark", "open_interest.usd", "funding.rate_8h",
    }  # fmt: skip
    halted = changed("deribit", TICKER, lambda d: d["result"].update(state="closed"))
    faulty("deribit", "ticker", PERPETUAL, halted, "closed", error=SourceUnavailable)
    faulty("deribit", "ticker", PERPETUAL, changed("deribit", TICKER, lambda d: d.update(testnet=True)), "testnet")


@pytest.mark.parametrize(("endpoint", "params"), [c[:2] for c in CASES])
@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        (10028, "too_many_requests", SourceUnavailable), (11051, "system_maintenance", SourceUnavailable),
        (13888, "timed_out", SourceUnavailable), (13009, "unauthorized", KeyRefused), (-32602, "Invalid params", SourceRefused),
        (13021, "forbidden", SourceRefused),
    ],
)  # fmt: skip
def test_a_refusal_is_told_by_its_code(endpoint: str, params: dict[str, str], code: int, message: str, error: type[GatherError]) -> None:
    sent = wire({"jsonrpc": "2.0", "error": {"code": code, "message": message}, "testnet": False})
    faulty("deribit", endpoint, params, sent, f"code {code}: {message}", error=error)


def test_the_refusal_of_the_documentation_and_a_wall() -> None:
    faulty("deribit", "ticker", PERPETUAL, body("deribit", "error_too_many_requests.json"), "10028", error=SourceUnavailable)
    faulty("deribit", "ticker", PERPETUAL, b"<html>Just a moment...", "bot wall", error=SourceRefused)
    faulty("deribit", "ticker", PERPETUAL, wire({"error": {"message": "x"}}), "error.code")


def test_what_a_round_asks() -> None:
    """Only bitcoin and ether have an index, coin-settled options and a coin-margined perpetual."""
    asked = SOURCE.requests(("BTC", "SOL", "ETH"))
    index = "/api/v2/public/get_volatility_index_data"
    assert [(SOURCE.endpoints[r.endpoint].path, dict(r.params)) for r in asked if "ETH" not in str(r.params)] == [
        (index, MINUTES), (index, HOURS), (index, DAYS), ("/api/v2/public/get_book_summary_by_currency", BTC),
        ("/api/v2/public/ticker", PERPETUAL),
    ]  # fmt: skip
    assert len(asked) == 10
    assert SOURCE.endpoints["book_summary"].fixed == {"kind": "option"}
    now = int(NOW.timestamp()) * 1000
    assert SOURCE.endpoints["dvol_hours"].moments_at(NOW) == {
        "start_timestamp": str(now - 10 * 86_400_000), "end_timestamp": str(now),
    }  # fmt: skip
