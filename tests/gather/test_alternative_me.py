"""alternative.me: text for numbers, seconds, classes as sent."""

from __future__ import annotations

from typing import Any

import pytest

from newsgen.errors import SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty

TWO = "fng_limit2.json"


def test_newest_first_in_seconds_with_the_class_as_it_was_sent() -> None:
    readings = parse_payload("alternative_me", "fng", {}, body("alternative_me", TWO), NOW)
    assert [(r.value, r.unit, iso(r.observed_at), r.origin.label) for r in readings] == [
        (47, Unit.INDEX, "2026-04-27T00:00:00Z", "Neutral"),
        (33, Unit.INDEX, "2026-04-26T00:00:00Z", "Fear"),
    ]
    latest = parse_payload("alternative_me", "fng", {}, body("alternative_me", "fng_latest.json"), NOW)
    assert [(r.value, iso(r.observed_at), r.origin.label) for r in latest] == [(39, "2025-05-02T01:20:00Z", "Fear")]


def test_the_class_is_not_derived_from_the_value() -> None:
    sent = changed("alternative_me", TWO, lambda d: d["data"][0].update(value="10"))
    assert parse_payload("alternative_me", "fng", {}, sent, NOW)[0].origin.label == "Neutral"


def test_a_fault_inside_http_200_is_no_empty_result() -> None:
    sent = changed("alternative_me", TWO, lambda d: (d["metadata"].update(error="limit must be\na number"), d.update(data=[])))
    faulty("alternative_me", "fng", {}, sent, "limit must be a number", error=SourceUnavailable)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": "101"}, "value"),
        ({"value": "-1"}, "value"),
        ({"value": "NaN"}, "value"),
        ({"value": ""}, "value"),
        ({"value": None}, "value"),
        ({"timestamp": "1777248000000"}, "timestamp"),  # milliseconds
        ({"timestamp": "04-27-2026"}, "timestamp"),
        ({"timestamp": "1877248000"}, "timestamp"),  # 2029
        ({"value_classification": ""}, "value_classification"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("alternative_me", "fng", {}, changed("alternative_me", TWO, lambda d: d["data"][1].update(fields)), f"data[1].{field}"
           if "1877248000" not in fields.values() else field)  # fmt: skip


def test_no_rows_are_no_readings_and_a_day_counts_once() -> None:
    assert parse_payload("alternative_me", "fng", {}, changed("alternative_me", TWO, lambda d: d["data"].clear()), NOW) == []
    assert (
        len(parse_payload("alternative_me", "fng", {}, changed("alternative_me", TWO, lambda d: d["data"].append(d["data"][0])), NOW)) == 2
    )
    faulty("alternative_me", "fng", {}, changed("alternative_me", TWO, lambda d: d["data"].append({**d["data"][0], "value": "1"})),
           "sentiment.fear_greed")  # fmt: skip
    faulty("alternative_me", "fng", {}, changed("alternative_me", TWO, lambda d: d.pop("data")), "data")
