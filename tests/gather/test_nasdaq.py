"""Nasdaq: results and forecasts of a day, in New York's time whatever the column says, without what cannot be told apart."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

DAY = "economic_events_2026-10-29.json"
ASKED = {"date": "2026-10-29"}
CASES = [("today", ASKED, DAY)]
FED = "United States Fed Interest Rate Decision"


def _with(**fields: Any) -> bytes:
    """The day, with one event changed: the Fed's decision."""
    return changed("nasdaq", DAY, lambda d: d["data"]["rows"][1].update(fields))


def test_a_day_a_month_ahead() -> None:
    """14:00 in New York in October is 18:00 UTC; the other event has no number at all."""
    at = datetime(2026, 9, 28, 16, tzinfo=UTC)
    (fed,) = parse_payload("nasdaq", "today", ASKED, body("nasdaq", DAY), at)
    assert fed.key == ("calendar.previous", FED, "", "nasdaq", "")
    assert (fed.value, fed.unit, fed.origin.label, iso(fed.observed_at)) == (Decimal("4.00"), Unit.INDEX, "4.00%", "2026-10-29T18:00:00Z")
    assert fed.known_at == at


def test_winter_and_summer_in_new_york() -> None:
    for day, due in (("2026-12-10", "2026-12-10T19:00:00Z"), ("2026-07-10", "2026-07-10T18:00:00Z")):
        readings = parse_payload("nasdaq", "today", {"date": day}, body("nasdaq", DAY), NOW)
        assert [iso(r.observed_at) for r in readings] == [due]


def test_a_result_beside_what_was_expected() -> None:
    readings = parse_payload("nasdaq", "today", ASKED, _with(actual="3.75%", consensus="3.75%"), NOW)
    assert {r.key.series: (r.value, r.origin.label) for r in readings} == {
        "calendar.actual": (Decimal("3.75"), "3.75%"), "calendar.forecast": (Decimal("3.75"), "3.75%"),
        "calendar.previous": (Decimal("4.00"), "4.00%"),
    }  # fmt: skip


def test_a_result_before_its_time_is_none() -> None:
    early = datetime(2026, 10, 29, 17, tzinfo=UTC)
    readings = parse_payload("nasdaq", "today", ASKED, _with(actual="3.75%"), early)
    assert [r.key.series for r in readings] == ["calendar.previous"]


def test_names_that_come_twice_at_one_moment_are_left_out_even_if_they_agree() -> None:
    def monthly_and_yearly(data: Any) -> None:
        row = {**data["data"]["rows"][1], "gmt": "08:30", "eventName": "Core PCE Price Index", "previous": "0.3%"}
        data["data"]["rows"] += [row, {**row, "actual": "2.8%"}, {**row, "gmt": "10:00"}]

    readings = parse_payload("nasdaq", "today", ASKED, changed("nasdaq", DAY, monthly_and_yearly), NOW)
    assert [iso(r.observed_at) for r in readings if "PCE" in r.key.subject] == ["2026-10-29T14:00:00Z"]
    assert one(readings, "calendar.previous", FED).value == 4


def test_entities_in_names_and_numbers_with_suffixes() -> None:
    readings = parse_payload("nasdaq", "today", ASKED, _with(eventName="S&amp;P Global PMI", previous="1,225.5K", consensus="-$70.5B"), NOW)
    assert {r.key.subject for r in readings} == {"United States S&P Global PMI"}
    assert {r.key.series: r.value for r in readings} == {"calendar.previous": 1_225_500, "calendar.forecast": -70_500_000_000}


@pytest.mark.parametrize("text", ["All Day", "24H", "Tentative", "&nbsp;", "", None])
def test_an_event_without_a_time_is_left_out(text: object) -> None:
    assert parse_payload("nasdaq", "today", ASKED, _with(gmt=text), NOW) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"gmt": "25:00"}, "data.rows[1].gmt"),
        ({"gmt": "14:60"}, "data.rows[1].gmt"),
        ({"gmt": "2 pm"}, "data.rows[1].gmt"),
        ({"gmt": 1400}, "data.rows[1].gmt"),
        ({"previous": "four"}, "data.rows[1].previous"),
        ({"actual": 4.0}, "data.rows[1].actual"),
        ({"country": ""}, "data.rows[1].country"),
        ({"eventName": None}, "data.rows[1].eventName"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("nasdaq", "today", ASKED, _with(**fields), field)


@pytest.mark.parametrize("name", ["gmt", "country", "eventName", "actual", "consensus", "previous"])
def test_a_field_that_was_renamed_is_named(name: str) -> None:
    faulty("nasdaq", "today", ASKED, changed("nasdaq", DAY, lambda d: d["data"]["rows"][1].pop(name)), f"data.rows[1].{name}")


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ({"data": None, "message": None, "status": {"rCode": 400, "bCodeMessage": [{"code": 1002, "errorMessage": "Date is invalid"}]}},
         SourceRefused, "Date is invalid"),
        ({"data": None, "status": {"rCode": 500, "bCodeMessage": None}}, SourceUnavailable, "rCode 500"),
        ({"data": None, "status": {"rCode": 429, "bCodeMessage": None}}, SourceUnavailable, "rCode 429"),
    ],
)  # fmt: skip
def test_an_error_inside_http_200_is_no_empty_day(answer: object, error: type[GatherError], says: str) -> None:
    faulty("nasdaq", "today", ASKED, wire(answer), says, error=error)


def test_pages_and_other_shapes() -> None:
    faulty("nasdaq", "today", ASKED, b"<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD>", "bot wall", error=SourceRefused)
    faulty("nasdaq", "today", ASKED, wire({"status": {"rCode": 200}, "data": None}), "data")
    faulty("nasdaq", "today", ASKED, wire({"status": {"rCode": 200}, "data": {"asOf": ""}}), "data.rows")
    faulty("nasdaq", "today", {"date": "29.10.2026"}, body("nasdaq", DAY), "request")
    assert parse_payload("nasdaq", "today", ASKED, wire({"status": {"rCode": 200}, "data": {"rows": None}}), NOW) == []


def test_extra_members_are_ignored() -> None:
    assert len(parse_payload("nasdaq", "today", ASKED, _with(importance="3", description="x"), NOW)) == 1


def test_the_day_is_the_one_that_the_address_asked_for() -> None:
    """Five hours behind UTC: until 05:00 UTC it is still yesterday in New York's winter. What is asked and what is read must agree."""
    endpoints = sources()["nasdaq"].endpoints
    for at, today, tomorrow in (
        (datetime(2026, 11, 26, 4, 59, tzinfo=UTC), "2026-11-25", "2026-11-26"),
        (datetime(2026, 11, 26, 5, 3, tzinfo=UTC), "2026-11-26", "2026-11-27"),
        (datetime(2026, 11, 26, 23, 0, tzinfo=UTC), "2026-11-26", "2026-11-27"),
    ):
        for name, day in (("today", today), ("tomorrow", tomorrow)):
            assert endpoints[name].moments_at(at) == {"date": day}
            (fed,) = parse_payload("nasdaq", name, {}, body("nasdaq", DAY), at)
            assert iso(fed.observed_at) == f"{day}T19:00:00Z"
    faulty("nasdaq", "today", {}, body("nasdaq", DAY), "while the day changed", error=SourceUnavailable,
           at=datetime(2026, 11, 26, 5, 1, tzinfo=UTC))  # fmt: skip


def test_it_asks_for_today_and_tomorrow() -> None:
    source = sources()["nasdaq"]
    asked = source.requests(("BTC", "ETH"))
    assert [(r.endpoint, source.endpoints[r.endpoint].path, dict(r.params)) for r in asked] == [
        ("today", "/api/calendar/economicevents", {}), ("tomorrow", "/api/calendar/economicevents", {}),
    ]  # fmt: skip
