"""Forex Factory: importance and numbers of a week's events, in New York's time, with the text as it was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import BadPayload, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.gather._calendar import calendar_number, plain
from newsgen.market import Unit, iso
from tests.gather.wire import body, changed, faulty, one, wire

WEEK = "ff_calendar_thisweek.json"
CASES: list[tuple[str, dict[str, str], str]] = [("this_week", {}, WEEK)]
SUNDAY = datetime(2025, 3, 30, 12, tzinfo=UTC)  # before all of them


def _readings(sent: bytes, at: datetime = SUNDAY) -> list[Any]:
    return parse_payload("forexfactory", "this_week", {}, sent, at)


def test_a_week_of_events_that_lie_ahead() -> None:
    """14 rows; a speech, a statement and a meeting have no numbers, an auction no forecast: 10 forecasts, 11 previous values."""
    readings = _readings(body("forexfactory", WEEK))
    count = {s: len([r for r in readings if r.key.series == f"calendar.{s}"]) for s in ("importance", "forecast", "previous")}
    assert count == {"importance": 14, "forecast": 10, "previous": 11}
    assert all(r.observed_at > SUNDAY and r.known_at == SUNDAY and r.unit is Unit.INDEX for r in readings)


def test_new_yorks_offset_becomes_utc_and_the_text_is_kept() -> None:
    readings = _readings(body("forexfactory", WEEK))
    jolts = {r.key.series: (r.value, r.origin.label, iso(r.observed_at)) for r in readings if r.key.subject == "USD JOLTS Job Openings"}
    assert jolts == {  # 10:00 at -04:00
        "calendar.importance": (3, "High", "2025-04-01T14:00:00Z"),
        "calendar.forecast": (7_690_000, "7.69M", "2025-04-01T14:00:00Z"),
        "calendar.previous": (7_740_000, "7.74M", "2025-04-01T14:00:00Z"),
    }
    rate = one(readings, "calendar.forecast", "AUD Cash Rate")
    assert (rate.value, rate.origin.label, iso(rate.observed_at)) == (
        Decimal("4.10"),
        "4.10%",
        "2025-04-01T03:30:00Z",
    )  # 23:30 the day before
    assert one(readings, "calendar.previous", "USD Unemployment Claims").value == 224_000
    assert one(readings, "calendar.importance", "EUR CPI Flash Estimate y/y").value == 2
    assert one(readings, "calendar.importance", "USD Chicago PMI").value == 1
    assert one(readings, "calendar.importance", "All OPEC-JMMC Meetings").origin.label == "Medium"


def test_of_an_auction_the_yield_is_the_value_and_the_pair_is_the_text() -> None:
    auction = one(_readings(body("forexfactory", WEEK)), "calendar.previous", "EUR German 10-y Bond Auction")
    assert (auction.value, auction.origin.label) == (Decimal("2.92"), "2.92|2.1")


def test_nothing_is_missing_and_never_zero() -> None:
    speech = [r.key.series for r in _readings(body("forexfactory", WEEK)) if r.key.subject == "USD President Trump Speaks"]
    assert speech == ["calendar.importance"]


def test_a_holiday_is_no_release() -> None:
    for word in ("Holiday", "Non-Economic"):
        readings = _readings(changed("forexfactory", WEEK, lambda d, w=word: d[0].update(impact=w)))
        assert not [r for r in readings if r.key.subject == "CNY Manufacturing PMI"]
        assert len(readings) == 35 - 3


def test_what_comes_twice_under_one_name_and_moment_is_left_out() -> None:
    twice = changed("forexfactory", WEEK, lambda d: d.append({**d[0], "forecast": "51.0"}))
    assert not [r for r in _readings(twice) if r.key.subject == "CNY Manufacturing PMI"]
    later = changed("forexfactory", WEEK, lambda d: d.append({**d[0], "date": "2025-03-31T21:30:00-04:00"}))
    assert len([r for r in _readings(later) if r.key.subject == "CNY Manufacturing PMI"]) == 6


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"impact": "Extreme"}, "[0].impact"),
        ({"impact": None}, "[0].impact"),
        ({"date": "2025-03-30T21:30:00"}, "[0].date"),  # without an offset
        ({"date": ""}, "[0].date"),
        ({"title": " "}, "[0].title"),
        ({"country": 7}, "[0].country"),
        ({"forecast": 50.4}, "[0].forecast"),
        ({"forecast": "about 50"}, "[0].forecast"),
        ({"previous": "162k"}, "[0].previous"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("forexfactory", "this_week", {}, changed("forexfactory", WEEK, lambda d: d[0].update(fields)), field)


@pytest.mark.parametrize("name", ["title", "country", "date", "impact", "forecast", "previous"])
def test_a_field_that_was_renamed_is_named(name: str) -> None:
    faulty("forexfactory", "this_week", {}, changed("forexfactory", WEEK, lambda d: d[3].pop(name)), f"[3].{name}")


def test_pages_instead_of_the_feed() -> None:
    denied = b"<!DOCTYPE html><html><head><title>Request Denied</title></head><body>Request Denied</body></html>"
    faulty("forexfactory", "this_week", {}, denied, "Request Denied", error=SourceUnavailable)
    faulty("forexfactory", "this_week", {}, b"<html><title>Just a moment...</title></html>", "bot wall", error=SourceRefused)
    faulty("forexfactory", "this_week", {}, b"<html><body>moved</body></html>", "body", error=BadPayload)
    faulty("forexfactory", "this_week", {}, wire({"events": []}), "body")
    assert _readings(b"[]") == []


def test_extra_members_are_ignored() -> None:
    sent = changed("forexfactory", WEEK, lambda d: [row.update(actual="1%", url="x") for row in d])
    assert len(_readings(sent)) == 35


def test_it_asks_once_an_hour() -> None:
    source = sources()["forexfactory"]
    asked = source.requests(("BTC", "ETH"))
    assert [(source.endpoints[r.endpoint].path, dict(r.params)) for r in asked] == [("/ff_calendar_thisweek.json", {})]
    assert source.endpoints["this_week"].every_s == 3600
    assert (source.calls, source.per_s) == (2, 300)


# The numbers of all calendars


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("50.4", "50.4"),
        ("0.3%", "0.3"),
        ("-0.9%", "-0.9"),
        ("162K", "162000"),
        ("7.69M", "7690000"),
        ("-96.0B", "-96000000000"),
        ("1.23T", "1230000000000"),
        ("16.60 M", "16600000"),
        ("1,234.5", "1234.5"),
        ("-$70.50B", "-70500000000"),
        ("$-70.50B", "-70500000000"),
        ("\u22120.2%", "-0.2"),
        (".5%", "0.5"),
        ("2.92|2.1", "2.92"),
        ("-0.05|1.4", "-0.05"),
        ("4.31%|2.6", "4.31"),
        ("4.00%&nbsp;", "4.00"),
    ],
)
def test_numbers_as_calendars_write_them(text: str, value: str) -> None:
    assert calendar_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", " ", "-", "&nbsp;", "\xa0", "N/A", "0-2-7", "<0.10%", "&lt;0.10%", "> 5"])
def test_nothing_votes_and_bounds_are_no_value(text: str) -> None:
    assert calendar_number(text) is None


@pytest.mark.parametrize(
    "text", ["162k", "5bps", "12 000", "1.234,5", "2.92|", "2.92|2.1|3", "-$-5B", "twelve", "5%%", "1e5", "99999999999999T", "0,5%"]
)
def test_a_form_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        calendar_number(text)


def test_names_lose_their_entities_and_double_blanks() -> None:
    assert plain("S&amp;P  Global\xa0PMI\n") == "S&P Global PMI"
