"""Yahoo chart: closes of sessions that have ended, running bars, doubled days, yields, consent pages and plain-text limits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.market import Reading, Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, wire

EURO, GOLD, COIN = "chart_EURUSD_2026_null_close.json", "chart_gold_GC=F.json", "chart_BTC-USD.json"
FUND, SHARE = "chart_QQQ.json", "chart_AAPL_daily_with_events.json"


def _closes(readings: list[Reading]) -> dict[str, str]:
    return {iso(r.observed_at): str(r.value) for r in readings}


def _chart(sent: bytes, at: datetime = NOW) -> list[Reading]:
    return parse_payload("yahoo", "chart", {}, sent, at)


def _result(data: Any) -> Any:
    return data["chart"]["result"][0]


def _bars(file: str, stamps: list[int], closes: list[Any], **meta: Any) -> bytes:
    def change(data: Any) -> None:
        result = _result(data)
        result["meta"].update(meta)
        result["timestamp"] = stamps
        result["indicators"]["quote"][0]["close"] = closes

    return changed("yahoo", file, change)


def test_gold_is_dollars_at_the_end_of_its_day_in_new_york() -> None:
    readings = _chart(body("yahoo", GOLD))
    assert [(r.key.subject, r.unit, r.value) for r in readings] == [("GOLD", Unit.USD, Decimal("1524.5"))]
    assert iso(readings[0].observed_at) == "2020-01-03T04:59:00Z"  # 23:59 in New York


def test_bitcoin_closes_each_day_at_midnight_utc() -> None:
    assert _closes(_chart(body("yahoo", COIN))) == {
        "2020-01-01T23:59:00Z": "7200.17431640625", "2020-01-02T23:59:00Z": "6985.47021484375", "2020-01-03T23:59:00Z": "7344.88427734375",
    }  # fmt: skip


def test_a_share_closes_at_four_in_summer_and_in_winter_and_its_events_are_no_bars() -> None:
    closes = _closes(_chart(body("yahoo", SHARE)))
    assert len(closes) == 49
    assert closes["2020-08-31T20:00:00Z"] == "129.0399932861328"
    assert closes["2020-11-06T21:00:00Z"] == "118.69000244140625"


def test_a_null_close_and_the_quote_that_doubles_its_day_are_left_out() -> None:
    assert _closes(_chart(body("yahoo", EURO))) == {
        "2026-09-23T22:59:00Z": "1.1447935104370117", "2026-09-24T22:59:00Z": "1.138187289237976",
        "2026-09-25T22:59:00Z": "1.1374752521514893", "2026-09-28T22:59:00Z": "1.13779878616333",
    }  # fmt: skip


def test_a_doubled_day_keeps_its_first_close() -> None:
    sent = _bars(EURO, [1790550000, 1790600000], [1.1378, 1.2])
    assert _closes(_chart(sent)) == {"2026-09-28T22:59:00Z": "1.1378"}


MONDAY, TUESDAY = 1739975400, 1740061800  # 19 and 20 February 2025, 09:30 in New York


@pytest.mark.parametrize(
    ("quoted_at", "fetched_at", "sessions"),
    [
        (1740070000, datetime(2025, 2, 20, 16, 47, tzinfo=UTC), 1),  # 11:46 in New York: the running bar
        (1740084300, datetime(2025, 2, 20, 21, 5, tzinfo=UTC), 1),  # five past four, and the quote is a quarter of an hour old
        (1740085200, datetime(2025, 2, 20, 21, 5, tzinfo=UTC), 2),  # the closing quote
        (1740084300, datetime(2025, 2, 20, 21, 30, tzinfo=UTC), 2),  # half past: no fresher one will come
    ],
    ids=["running", "delayed", "closing", "settled"],
)
def test_the_last_bar_counts_when_its_session_has_ended(quoted_at: int, fetched_at: datetime, sessions: int) -> None:
    """The newest bar is stamped with the moment of the quote, the session ends at 21:00 UTC all the same."""
    sent = _bars(FUND, [MONDAY, quoted_at], [540.1, 541.2], regularMarketTime=quoted_at)
    closes = _closes(_chart(sent, fetched_at))
    assert list(closes) == ["2025-02-19T21:00:00Z", "2025-02-20T21:00:00Z"][:sessions]


def test_the_close_before_the_range_is_not_yesterdays() -> None:
    """With five years asked, chartPreviousClose made +134 percent: it is not read, so it may say anything."""
    assert _closes(_chart(_bars(FUND, [1577975400], [216.16], chartPreviousClose="rubbish"))) == {"2020-01-02T21:00:00Z": "216.16"}


@pytest.mark.parametrize(("sent", "shown"), [(45.6, "4.56"), (4.56, "4.56"), (20, "20"), (200, "20")])
def test_the_ten_year_yield_is_brought_into_its_scale(sent: float, shown: str) -> None:
    reading = _chart(_bars(FUND, [1577975400], [sent], symbol="^TNX"))[0]
    assert (reading.key.subject, reading.unit, reading.value) == ("US10Y", Unit.PCT, Decimal(shown))


def test_no_timestamps_are_no_sessions() -> None:
    assert _chart(changed("yahoo", FUND, lambda d: _result(d).pop("timestamp"))) == []
    assert _chart(_bars(FUND, [], [])) == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (_bars(FUND, [1577975400], [0]), "close"),
        (_bars(FUND, [1577975400], [-1]), "close"),
        (_bars(FUND, [1577975400], [1e308]), "close[0]"),
        (_bars(FUND, [1577975400], ["NaN"]), "close[0]"),
        (_bars(FUND, [1577975400], [2000], symbol="^TNX"), "close"),
        (_bars(FUND, [1577975400, 1578061800], [1.0]), "close"),
        (_bars(FUND, [1577975400000], [1.0]), "timestamp[0]"),
        (_bars(FUND, [None], [1.0]), "timestamp[0]"),
        (_bars(FUND, [4000000000], [1.0]), "timestamp[0]"),
        (_bars(FUND, [1577975400], [1.0], exchangeTimezoneName="Mars/Olympus"), "exchangeTimezoneName"),
        (_bars(FUND, [1577975400], [1.0], exchangeTimezoneName="../../etc/passwd"), "exchangeTimezoneName"),
        (_bars(FUND, [1577975400], [1.0], currency="GBp"), "currency"),
        (_bars(FUND, [1577975400], [1.0], currentTradingPeriod={}), "regular"),
        (changed("yahoo", FUND, lambda d: _result(d).pop("meta")), "meta"),
        (changed("yahoo", FUND, lambda d: _result(d).pop("indicators")), "indicators"),
        (changed("yahoo", FUND, lambda d: d["chart"]["result"].clear()), "chart.result"),
        (wire({}), "chart"),
        (wire([]), ""),
    ],
)
def test_a_bad_field_is_named(sent: bytes, field: str) -> None:
    faulty("yahoo", "chart", {}, sent, field)


def test_an_index_may_be_in_any_currency() -> None:
    assert _chart(_bars(FUND, [1577975400], [104.1], symbol="DX-Y.NYB", currency=None))[0].key.subject == "DXY"


@pytest.mark.parametrize(
    ("sent", "error", "says"),
    [
        (body("yahoo", "error_404_quote_summary.json"), SourceRefused, "Not Found: No fundamentals data"),
        (wire({"chart": {"result": None, "error": {"code": "Not Found", "description": "No data found, symbol may be delisted"}}}),
         SourceRefused, "symbol may be delisted"),
        (wire({"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}), SourceRefused, "Crumb"),
        (wire({"finance": {"result": None, "error": {"code": "Too Many Requests"}}}), SourceUnavailable, "Too Many Requests"),
        (b"Too Many Requests\r\n", SourceUnavailable, "rate limit"),
        (b"Edge: Too Many Requests", SourceUnavailable, "rate limit"),
        (b'<!DOCTYPE html><html><form action="https://consent.yahoo.com/v2/collectConsent">', RegionRefused, "consent page"),
    ],
)  # fmt: skip
def test_a_refusal_is_not_an_empty_result(sent: bytes, error: type[GatherError], says: str) -> None:
    faulty("yahoo", "chart", {}, sent, says, error=error)


def test_the_scale_of_seconds_is_the_fields_own() -> None:
    """A moment in milliseconds is refused, not guessed."""
    data = json.loads(body("yahoo", COIN))
    _result(data)["timestamp"] = [s * 1000 for s in _result(data)["timestamp"]]
    faulty("yahoo", "chart", {}, wire(data), "timestamp[0]")
