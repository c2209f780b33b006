"""Stooq: the clock of Warsaw, sessions that are over, tables with and without a header, refusals that come as 200."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.stooq import SOURCE
from newsgen.market import Reading, Unit, iso
from tests.gather.wire import NOW, body, faulty

QUOTE, BARE, HISTORY = "quote_light_spx_header.csv", "quote_light_spx_noheader.csv", "history_spx.csv"
SPX = {"s": "^spx"}
CASES = [("quote", {}, QUOTE), ("quote", {}, BARE), ("history", SPX, HISTORY)]
HEADER = b"Symbol,Date,Time,Open,High,Low,Close,Volume\r\n"


def _quote(sent: bytes, at: datetime = NOW) -> list[Reading]:
    return parse_payload("stooq", "quote", {}, sent, at)


def _told(readings: list[Reading]) -> list[tuple[str, str, str, str]]:
    return [(r.key.series, r.key.subject, str(r.value), iso(r.observed_at)) for r in readings]


def test_what_was_quoted_at_ten_in_the_evening_of_warsaw_is_the_close_of_new_york() -> None:
    """22:00 in Warsaw, summer time, is 20:00 UTC and 16:00 in New York."""
    readings = _quote(body("stooq", QUOTE))
    assert _told(readings) == [("index.close", "SP500", "7520.40", "2026-05-27T20:00:00Z")]
    assert (readings[0].key.window, readings[0].unit, readings[0].known_at) == ("session", Unit.INDEX, NOW)


def test_a_quote_without_a_header_has_a_compact_date_and_time() -> None:
    """23:00 in Warsaw on 31 March 2026, two days after its clocks went forward, is 21:00 UTC: an hour after the close."""
    assert _told(_quote(body("stooq", BARE))) == [("index.close", "SP500", "6528.52", "2026-03-31T20:00:00Z")]


def test_in_the_weeks_between_the_two_changes_of_clocks_new_york_closes_at_nine_in_the_evening_of_warsaw() -> None:
    march = HEADER + b"^SPX,2026-03-20,21:00:00,1,9,1,5,1\r\n"  # UTC+1 and UTC-4: 20:00 UTC
    assert _told(_quote(march)) == [("index.close", "SP500", "5", "2026-03-20T20:00:00Z")]
    winter = HEADER + b"^SPX,2026-01-20,21:00:00,1,9,1,5,1\r\n"  # UTC+1 and UTC-5: 15:00 in New York
    assert _told(_quote(winter)) == [("index.last", "SP500", "5", "2026-01-20T20:00:00Z")]


@pytest.mark.parametrize(("minutes", "series"), [(-1, []), (29, []), (30, ["index.close"])])
def test_the_last_price_is_a_close_half_an_hour_after_the_session(minutes: int, series: list[str]) -> None:
    at = datetime(2026, 5, 27, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    assert [r.key.series for r in _quote(body("stooq", QUOTE), at)] == series


def test_a_price_of_the_running_session_and_what_has_no_session_are_last_prices() -> None:
    sent = HEADER + b"^NDX,2026-05-27,18:00:00,1,9,1,5.5,1\n^NDQ,2026-05-27,18:00:00,1,9,1,6.5,1\n" \
        b"10USY.B,2026-05-27,22:30:00,4.4,4.5,4.3,4.412,\nXAUUSD,2026-05-27,22:30:00,4500,4550,4490,4520.1,\n"  # fmt: skip
    readings = _quote(sent)
    assert _told(readings) == [
        ("index.last", "NDX", "5.5", "2026-05-27T16:00:00Z"), ("index.last", "COMP", "6.5", "2026-05-27T16:00:00Z"),
        ("index.last", "US10Y", "4.412", "2026-05-27T20:30:00Z"), ("index.last", "GOLD", "4520.1", "2026-05-27T20:30:00Z"),
    ]  # fmt: skip
    assert [r.unit for r in readings] == [Unit.INDEX, Unit.INDEX, Unit.PCT, Unit.USD]


def test_one_symbol_without_data_is_missing_and_all_without_is_a_refusal() -> None:
    one_missing = body("stooq", QUOTE) + b"^DJI,N/D,N/D,N/D,N/D,N/D,N/D,N/D\r\n"
    assert [r.key.subject for r in _quote(one_missing)] == ["SP500"]
    faulty("stooq", "quote", {}, body("stooq", "quote_no_data.csv"), "no data", error=SourceRefused)


def test_the_history_closes_at_four_in_new_york_and_leaves_out_the_running_session() -> None:
    """The row of 27 May closes with what the light quote of that day gives."""
    closes = {"2026-05-25T20:00:00Z": "7501.20", "2026-05-26T20:00:00Z": "7519.10", "2026-05-27T20:00:00Z": "7520.40"}
    readings = parse_payload("stooq", "history", SPX, body("stooq", HISTORY), NOW)
    assert {at: value for *_, value, at in _told(readings)} == closes
    assert {(r.key.series, r.key.subject, r.key.window, r.unit) for r in readings} == {("index.close", "SP500", "session", Unit.INDEX)}
    early = parse_payload("stooq", "history", SPX, body("stooq", HISTORY), datetime(2026, 5, 27, 18, tzinfo=UTC))
    assert [r.value for r in early] == [Decimal("7501.20"), Decimal("7519.10")]


def test_a_history_without_a_volume_is_read_and_a_day_without_a_close_is_missing() -> None:
    sent = b"Date,Open,High,Low,Close\n2026-01-20,1,9,1,5\n2026-01-21,,,,\n"
    readings = parse_payload("stooq", "history", {"s": "^ndq"}, sent, NOW)
    assert _told(readings) == [("index.close", "COMP", "5", "2026-01-20T21:00:00Z")]  # winter: UTC-5


@pytest.mark.parametrize(
    ("was", "becomes", "field"),
    [
        (b"7520.40", b"0", "row 1.Close"),
        (b"7520.40", b"-7520.40", "row 1.Close"),
        (b"7520.40", b"7530.80", "row 1.Close"),  # above the high
        (b"7520.40", b"7499.60", "row 1.Close"),  # below the low
        (b"7520.40", b"many", "row 1.Close"),
        (b"^SPX", b"^NKX", "row 1.Symbol"),
        (b"2026-05-27", b"2026-13-27", "row 1.Time"),
        (b"22:00:00", b"25:00:00", "row 1.Time"),
        (b"2026-05-27", b"2027-05-27", "row 1.Time"),  # ahead of the fetch
        (b",3120497619", b"", "row 1"),
        (b"Symbol,Date,Time,Open", b"Symbol,Time,Date,Open", "header"),
    ],
)
def test_a_bad_cell_of_a_quote_is_named(was: bytes, becomes: bytes, field: str) -> None:
    faulty("stooq", "quote", {}, body("stooq", QUOTE).replace(was, becomes), field)


@pytest.mark.parametrize(
    ("was", "becomes", "field"),
    [
        (b"7519.10", b"7600", "row 2.High"),
        (b"7501.20", b"0", "row 1.Close"),
        (b"2026-05-26", b"26.05.2026", "row 2.Date"),
        (b"2026-05-26", b"2027-05-26", "row 2.Date"),
        (b",7498.80,7519.10,2950000000", b"", "row 2"),
        (b"Date,Open", b"Open,Date", "header"),
    ],
)
def test_a_bad_cell_of_the_history_is_named(was: bytes, becomes: bytes, field: str) -> None:
    faulty("stooq", "history", SPX, body("stooq", HISTORY).replace(was, becomes), field)


def test_a_yield_and_a_symbol_that_cannot_be_are_refused() -> None:
    faulty("stooq", "quote", {}, HEADER + b"10USY.B,2026-05-27,20:00:00,44,45,43,44.1,\n", "row 1.Close")
    faulty("stooq", "history", {"s": "xauusd"}, body("stooq", HISTORY), "request")  # its day ends at an hour that is not said
    faulty("stooq", "quote", {}, HEADER, "body")
    faulty("stooq", "quote", {}, b"\xff\xfe", "body")


@pytest.mark.parametrize("endpoint", ["quote", "history"])
@pytest.mark.parametrize(
    ("sent", "error", "says"),
    [
        (body("stooq", "error_daily_hits.txt"), SourceUnavailable, "hits are used up"),
        (body("stooq", "error_apikey.txt"), KeyRefused, "STOOQ_API_KEY"),
        (b"<html><body>solve the captcha to <a href='?get_apikey'>get it</a></body></html>", KeyRefused, "STOOQ_API_KEY"),
        (b"No data", SourceRefused, "no data"),
        (b"Access denied", SourceRefused, "bot wall"),
        (b"<!DOCTYPE html><html><script src='/__verify'></script></html>", SourceRefused, "page for browsers"),
    ],
)
def test_words_and_pages_with_status_200_are_refusals(endpoint: str, sent: bytes, error: type[GatherError], says: str) -> None:
    faulty("stooq", endpoint, SPX, sent, says, error=error)


def test_what_a_round_asks() -> None:
    """All quotes in one call; the blank between symbols is the + of the address. No key stands in a request."""
    asked = [(SOURCE.endpoints[r.endpoint].path, dict(r.params), r.cost) for r in SOURCE.requests(("BTC", "ETH"))]
    assert asked == [
        ("/q/l/", {"s": "^spx ^ndx ^ndq ^dji 10usy.b xauusd"}, 1), ("/q/d/l/", {"s": "^spx"}, 1), ("/q/d/l/", {"s": "^ndx"}, 1),
        ("/q/d/l/", {"s": "^ndq"}, 1), ("/q/d/l/", {"s": "^dji"}, 1),
    ]  # fmt: skip
    assert SOURCE.endpoints["quote"].fixed == {"f": "sd2t2ohlcv", "h": "", "e": "csv"}
    assert SOURCE.endpoints["history"].moments_at(datetime(2026, 11, 25, tzinfo=UTC)) == {"d1": "20261026", "d2": "20261125"}
    a_day = sum(86_400 / SOURCE.endpoints[r.endpoint].every_s for r in SOURCE.requests(()))
    assert a_day == 48 + 4 * 2 <= SOURCE.calls_a_day
