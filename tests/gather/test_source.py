"""The kit: numbers and moments as sources write them, fields that are named, JSON that is none."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgen.errors import BadPayload, SourceRefused
from newsgen.gather._source import MS, SECONDS, Answer, Endpoint, Fields, Request, instant, load_json, number_of, refuse_wall, said

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def _answer(body: bytes = b"{}") -> Answer:
    return Answer("venue", "Venue", Request("list"), body, NOW)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4.00%", "4"), ("+3.2 %", "3.2"), ("\u221295.1", "-95.1"), ("(1,326.9)", "-1326.9"), ("8.56e4", "85600"),
        ("-3.995839963e-09", "-3.995839963e-9"), ("1.79061104E12", "1790611040000"), (".5", "0.5"), ("5.", "5"),
        ("1,234,567.8", "1234567.8"),
        (7, "7"), (Decimal("2.70016521312815e+15"), "2700165213128150"), ("-1,234", "-1234"), ("0e9999", "0"),
    ],
)  # fmt: skip
def test_numbers_as_sources_write_them(text: Any, value: str) -> None:
    assert number_of(text) == Decimal(value)


@pytest.mark.parametrize("nothing", ["--", "\u2013", "\u2014", "n/a", "N/A", "None", " - ", "\u00a0"])
def test_nothing_is_missing(nothing: str) -> None:
    assert number_of(nothing) is None


@pytest.mark.parametrize(
    "text",
    ["162K", "16.60M", "1.2B", "1,5", "12,34", "1,2345", "1_000", "(95.1", "95.1)", "(-5)", "((5))", "()", "$5", "0x10", "١٢", "1e", "e5",
     "%",
     "1 2", "inf", "sNaN", "1e25", "1e-60", "9" * 5000, 1.5, [], {}, False],
)  # fmt: skip
def test_what_would_have_to_be_guessed_is_refused_shortly(text: Any) -> None:
    """A suffix, a decimal comma, an open bracket: a guess costs a factor of a thousand or a sign."""
    with pytest.raises(ValueError) as caught:
        number_of(text)
    assert len(str(caught.value)) < 120


@given(st.text(max_size=12) | st.decimals(allow_nan=True, allow_infinity=True) | st.integers())
def test_any_text_is_a_usable_number_nothing_or_refused(text: Any) -> None:
    try:
        number = number_of(text)
    except ValueError:
        return
    assert number is None or (number.is_finite() and abs(number) < Decimal("1e24"))


def test_milliseconds_and_seconds_are_never_told_by_their_size() -> None:
    assert instant(_answer(), "t", Decimal(1704931200000), MS) == datetime(2024, 1, 11, tzinfo=UTC)
    assert instant(_answer(), "t", Decimal(1704931200), SECONDS) == datetime(2024, 1, 11, tzinfo=UTC)
    for value, unit in ((Decimal(1704931200), MS), (Decimal(1704931200000), SECONDS), (Decimal(0), SECONDS), (Decimal(-1), MS)):
        with pytest.raises(BadPayload, match="no instant"):
            instant(_answer(), "t", value, unit)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no JSON"),
        (b'{"a": [1, 2', "no JSON"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1e999999999999999999999}', "no JSON"),
        (b"\xff\xfe\xfd", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"  \n<!DOCTYPE html><p>maintenance</p>", "HTML where JSON belongs"),
        (b"<?xml version='1.0'?><error/>", "HTML where JSON belongs"),
    ],
)
def test_what_is_no_json_is_said_so(body: bytes, says: str) -> None:
    with pytest.raises(BadPayload, match=says) as caught:
        load_json(_answer(body))
    assert caught.value.field == "body"


def test_json_keeps_every_digit_and_forgives_a_mark_at_its_head() -> None:
    assert load_json(_answer(b'\xef\xbb\xbf{"a": 0.10000000000000000001}')) == {"a": Decimal("0.10000000000000000001")}


@pytest.mark.parametrize("page", [b"<html>Just a moment...</html>", b"<title>Access Denied</title>", b"<div class='g-reCAPTCHA'>"])
def test_a_wall_is_a_refusal_that_names_the_body(page: bytes) -> None:
    with pytest.raises(SourceRefused, match="venue list: field body: a bot wall"):
        refuse_wall(_answer(page))
    refuse_wall(_answer(b"<html>maintenance</html>"))  # a page that changed is another matter


def test_fields_name_the_way_to_what_is_wrong() -> None:
    fields = Fields(_answer(), {"a": {"b": [{"c": "x"}]}, "n": None, "t": " "}, "")
    for read, field in (
        (lambda: fields.object("a").rows("b")[0].number("c"), "a.b[0].c"),
        (lambda: fields.object("a").number("z"), "a.z"),
        (lambda: fields.object("n"), "n"),
        (lambda: fields.list("a"), "a"),
        (lambda: fields.text("t"), "t"),
        (lambda: fields.number("n"), "n"),
    ):
        with pytest.raises(BadPayload) as caught:
            read()  # type: ignore[no-untyped-call]
        assert caught.value.field == field


@pytest.mark.parametrize("value", ["a\nb", "\x1b[31mred", "x" * 1000, None, {"k": "\r\n"}])
def test_what_a_source_says_fits_a_line(value: Any) -> None:
    assert said(value).isprintable()
    assert len(said(value)) <= 120


def test_an_endpoint_says_from_when_and_until_when_as_its_source_counts() -> None:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)  # 1793534400 seconds since 1970
    hours = Endpoint("/x", (), moments={"from": (3600, "s"), "to": (0, "ms"), "day": (86400, "%Y%m%d")})
    assert hours.moments_at(at) == {"from": "1793530800", "to": "1793534400000", "day": "20261031"}
    assert Endpoint("/x", ()).moments_at(at) == {}
