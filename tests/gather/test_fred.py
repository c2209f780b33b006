"""FRED: days without a value, rates below zero, the units that were asked for, both forms of error, the notice."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.fred import SOURCE
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

DFF, FILE = {"series_id": "DFF"}, "series_observations_DFF.json"
CASES = [("observations", DFF, FILE), ("economy", {"series_id": "CPIAUCSL"}, FILE)]


def _answer(*rows: tuple[str, str], **top: Any) -> bytes:
    return wire({"units": "lin", "observations": [{"date": day, "value": value} for day, value in rows], **top})


def test_the_fed_funds_rate_is_percent_at_four_in_new_york_and_known_when_it_was_fetched() -> None:
    readings = parse_payload("fred", "observations", DFF, body("fred", FILE), NOW)
    assert len(readings) == 10  # weekends too
    assert {(r.key.series, r.key.subject, r.key.window, r.unit, r.known_at) for r in readings} == {
        ("index.close", "FEDFUNDS", "session", Unit.PCT, NOW)
    }
    winter = one(readings, "index.close", "FEDFUNDS", "session", at="2023-01-03T21:00:00Z")  # UTC-5
    summer = one(readings, "index.close", "FEDFUNDS", "session", at="2023-06-06T20:00:00Z")  # UTC-4
    assert (winter.value, summer.value) == (Decimal("4.33"), Decimal("5.08"))


@pytest.mark.parametrize(
    ("series", "subject", "unit", "value"),
    [
        ("SP500", "SP500", Unit.INDEX, "6259.75"), ("NASDAQ100", "NDX", Unit.INDEX, "22780.60"),
        ("NASDAQCOM", "COMP", Unit.INDEX, "20585.53"), ("DJIA", "DJI", Unit.INDEX, "44371.51"), ("VIXCLS", "VIX", Unit.INDEX, "16.40"),
        ("DTWEXBGS", "USDBROAD", Unit.INDEX, "119.9210"),
        ("DGS10", "US10Y", Unit.PCT, "4.43"), ("T10Y2Y", "US10Y2Y", Unit.POINTS, "-0.53"), ("DCOILWTICO", "WTI", Unit.USD, "-36.98"),
    ],
)  # fmt: skip
def test_each_series_has_its_own_subject_and_unit(series: str, subject: str, unit: Unit, value: str) -> None:
    """The hundred is not the composite, the broad dollar not the DXY; a spread and a barrel may be below zero."""
    sent = _answer(("2025-07-11", value))
    (reading,) = parse_payload("fred", "observations", {"series_id": series}, sent, NOW)
    assert (reading.key.subject, reading.unit, reading.value) == (subject, unit, Decimal(value))
    assert iso(reading.observed_at) == "2025-07-11T20:00:00Z"


@pytest.mark.parametrize(
    ("series", "subject", "unit", "value"),
    [
        ("CPIAUCSL", "CPI", Unit.INDEX, "321.500"), ("CPILFESL", "CORE_CPI", Unit.INDEX, "327.6"), ("PCEPI", "PCE", Unit.INDEX, "126.5"),
        ("PCEPILFE", "CORE_PCE", Unit.INDEX, "125.9"), ("UNRATE", "UNEMPLOYMENT", Unit.PCT, "4.1"),
    ],
)  # fmt: skip
def test_a_month_of_the_economy_is_dated_its_first_day(series: str, subject: str, unit: Unit, value: str) -> None:
    (reading,) = parse_payload("fred", "economy", {"series_id": series}, _answer(("2025-06-01", value)), NOW)
    assert (reading.key.series, reading.key.subject, reading.key.window) == ("economy.value", subject, "")
    assert (reading.unit, reading.value, iso(reading.observed_at)) == (unit, Decimal(value), "2025-06-01T00:00:00Z")
    assert reading.known_at == NOW


def test_a_holiday_is_missing_and_not_zero() -> None:
    sent = _answer(("2025-07-07", "6229.98"), ("2025-07-04", "."), ("2025-07-03", "6279.35"))
    readings = parse_payload("fred", "observations", {"series_id": "SP500"}, sent, NOW)
    assert [str(r.value) for r in readings] == ["6229.98", "6279.35"]
    zero = _answer(("2020-04-01", "0.00"))  # a yield may be nothing, an index not
    assert [r.value for r in parse_payload("fred", "observations", DFF, zero, NOW)] == [0]
    faulty("fred", "observations", {"series_id": "SP500"}, zero, "observations[0].value")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": "many"}, "observations[1].value"),
        ({"value": "433"}, "observations[1].value"),
        ({"date": "2023-02-30"}, "observations[1].date"),
        ({"date": "2027-01-04"}, "date"),
        ({"date": 20230102}, "observations[1].date"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("fred", "observations", DFF, changed("fred", FILE, lambda d: d["observations"][1].update(fields)), field)


def test_what_is_missing_is_named_and_what_is_new_is_ignored() -> None:
    faulty("fred", "observations", DFF, changed("fred", FILE, lambda d: d["observations"][1].pop("value")), "observations[1].value")
    faulty("fred", "observations", DFF, changed("fred", FILE, lambda d: d.pop("observations")), "observations")
    more = changed("fred", FILE, lambda d: (d.update(new={}), d["observations"][0].update(footnote="x")))
    assert len(parse_payload("fred", "observations", DFF, more, NOW)) == 10


def test_changes_are_not_taken_for_values() -> None:
    """units=pc1 would give the change from a year ago under the same name."""
    faulty("fred", "observations", DFF, changed("fred", FILE, lambda d: d.update(units="pc1")), "units")


def test_a_series_that_is_not_followed_is_no_reading() -> None:
    faulty("fred", "observations", {"series_id": "GDP"}, body("fred", FILE), "request")
    faulty("fred", "economy", DFF, body("fred", FILE), "request")
    faulty("fred", "observations", {}, body("fred", FILE), "request")


@pytest.mark.parametrize("endpoint", ["observations", "economy"])
@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ("error_400.json", KeyRefused, "api_key is not registered"),
        ("v2_error_400.json", SourceRefused, "release_id is not a positive integer"),
        ({"error_code": 400, "error_message": "Bad Request.  The series does not exist."}, SourceRefused, "series does not exist"),
        ({"error_code": 429, "error_message": "Too Many Requests."}, SourceUnavailable, "429"),
        ({"code": 503, "message": "maintenance"}, SourceUnavailable, "503"),
        ({"code": 401, "message": "no"}, KeyRefused, "401"),
    ],
)
def test_both_forms_of_error_are_told_apart(endpoint: str, answer: Any, error: type[GatherError], says: str) -> None:
    sent = body("fred", answer) if isinstance(answer, str) else wire(answer)
    faulty("fred", endpoint, {"series_id": "DFF" if endpoint == "observations" else "UNRATE"}, sent, says, error=error)


def test_status_400_may_mean_the_key() -> None:
    error, words = SOURCE.statuses[400]
    assert error is KeyRefused
    assert "key" in words


def test_a_value_of_a_session_still_to_come_is_refused() -> None:
    sent = _answer(("2025-07-11", "6259.75"))
    faulty("fred", "observations", {"series_id": "SP500"}, sent, "date", at=datetime(2025, 7, 11, 15, tzinfo=UTC))


def test_what_a_round_asks() -> None:
    """One series a call, the newest first, as JSON; the key travels as api_key and stands in no request."""
    asked = SOURCE.requests(("BTC", "ETH"))
    assert {SOURCE.endpoints[r.endpoint].path for r in asked} == {"/fred/series/observations"}
    assert SOURCE.endpoints["observations"].fixed == {"file_type": "json", "sort_order": "desc"}
    assert [r.params["series_id"] for r in asked if r.endpoint == "observations"] == [
        "SP500", "NASDAQ100", "NASDAQCOM", "DJIA", "VIXCLS", "DTWEXBGS", "DGS10", "T10Y2Y", "DFF", "DCOILWTICO",
    ]  # fmt: skip
    assert [r.params["series_id"] for r in asked if r.endpoint == "economy"] == ["CPIAUCSL", "CPILFESL", "PCEPI", "PCEPILFE", "UNRATE"]
    assert {r.params["limit"] for r in asked} == {"10", "14"}
    assert (SOURCE.key_param, SOURCE.key_header) == ("api_key", "")
    assert "api_key" not in json.dumps([dict(r.params) for r in asked])
    assert "not endorsed" in SOURCE.terms.credit
