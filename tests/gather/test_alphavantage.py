"""Alpha Vantage: a close once its session is over, notices with status 200 whose words are never repeated, 25 calls a day."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.alphavantage import SOURCE
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, wire

SPY, FILE = {"symbol": "SPY"}, "global_quote_SPY.json"
CASES = [("global_quote", SPY, FILE)]
KEY = "CANARY7F3A9C2B"


def test_the_last_price_of_a_past_day_is_its_close_in_dollars() -> None:
    """2 April 2024, summer time: 16:00 in New York is 20:00 UTC. The percentage and the change are not read."""
    (reading,) = parse_payload("alphavantage", "global_quote", SPY, body("alphavantage", FILE), NOW)
    assert (reading.key.series, reading.key.subject, reading.key.window) == ("index.close", "SPY", "session")
    assert (reading.value, reading.unit) == (Decimal("421.4400"), Unit.USD)
    assert (iso(reading.observed_at), reading.known_at) == ("2024-04-02T20:00:00Z", NOW)


def test_the_recorded_quote_is_of_a_share_that_is_not_followed() -> None:
    recorded = body("alphavantage", "global_quote_MSFT.json")
    faulty("alphavantage", "global_quote", {"symbol": "MSFT"}, recorded, "request")
    faulty("alphavantage", "global_quote", SPY, recorded, "Global Quote.01. symbol")  # another symbol than was asked for


@pytest.mark.parametrize(("minutes", "readings"), [(-60, 0), (29, 0), (30, 1)])
def test_a_price_of_the_running_session_is_no_reading(minutes: int, readings: int) -> None:
    at = datetime(2024, 4, 2, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    assert len(parse_payload("alphavantage", "global_quote", SPY, body("alphavantage", FILE), at)) == readings


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"05. price": "0.0000"}, "05. price"),
        ({"05. price": "422.3900"}, "05. price"),  # above the high
        ({"05. price": "417.8300"}, "05. price"),  # below the low
        ({"05. price": None}, "05. price"),
        ({"03. high": "many"}, "03. high"),
        ({"07. latest trading day": "02.04.2024"}, "07. latest trading day"),
        ({"07. latest trading day": "2027-04-02"}, "07. latest trading day"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], field: str) -> None:
    sent = changed("alphavantage", FILE, lambda d: d["Global Quote"].update(fields))
    faulty("alphavantage", "global_quote", SPY, sent, f"Global Quote.{field}")


def test_what_is_missing_is_named_and_what_is_new_is_ignored() -> None:
    gone = changed("alphavantage", FILE, lambda d: d["Global Quote"].pop("05. price"))
    faulty("alphavantage", "global_quote", SPY, gone, "Global Quote.05. price")
    faulty("alphavantage", "global_quote", SPY, b"{}", "Global Quote")
    more = changed("alphavantage", FILE, lambda d: (d.update(new=1), d["Global Quote"].update({"11. new": "x"})))
    assert len(parse_payload("alphavantage", "global_quote", SPY, more, NOW)) == 1


def test_an_empty_quote_is_an_unknown_symbol() -> None:
    faulty("alphavantage", "global_quote", SPY, body("alphavantage", "global_quote_empty.json"), "no such symbol", error=SourceRefused)


def test_the_recorded_limit_is_worth_another_try() -> None:
    sent = body("alphavantage", "error_rate_limit_information.json")
    faulty("alphavantage", "global_quote", SPY, sent, "calls of the day", error=SourceUnavailable)


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        (
            "Information",
            f"We have detected your API key as {KEY} and our standard API rate limit is 25 requests per day.",
            SourceUnavailable,
        ),
        ("Note", f"{KEY}: 5 calls per minute and 500 calls per day", SourceUnavailable),
        ("Information", f"{KEY}: This is a premium endpoint.", SourceRefused),
        ("Information", f"The **demo** API key {KEY} is for demo purposes only.", KeyRefused),
        ("Error Message", f"the parameter apikey is invalid or missing. {KEY}", KeyRefused),
        ("Error Message", f"Invalid API call. {KEY}", SourceRefused),
        ("Error Message", KEY, SourceRefused),
    ],
)
def test_a_notice_is_told_by_kind_and_none_of_its_words_is_repeated(name: str, text: str, error: type[GatherError]) -> None:
    with pytest.raises(error) as caught:
        parse_payload("alphavantage", "global_quote", SPY, wire({name: text}), NOW)
    assert type(caught.value) is error
    assert name in str(caught.value)
    assert KEY not in str(caught.value) + repr(caught.value.__cause__)


def test_half_a_notice_repeats_no_word_either() -> None:
    with pytest.raises(GatherError) as caught:
        parse_payload("alphavantage", "global_quote", SPY, f'{{"Information": "your key {KEY}'.encode(), NOW)
    assert KEY not in str(caught.value)


def test_what_a_round_asks() -> None:
    asked = SOURCE.requests(("BTC", "ETH"))
    assert [dict(r.params) for r in asked] == [{"symbol": "SPY"}, {"symbol": "QQQ"}, {"symbol": "GLD"}, {"symbol": "UUP"}]
    endpoint = SOURCE.endpoints["global_quote"]
    assert (endpoint.path, endpoint.fixed) == ("/query", {"function": "GLOBAL_QUOTE"})
    rounds = 1 + int(86_400 / (endpoint.every_s * 0.95))  # a twentieth early is due; the first one of a day counts too
    assert len(asked) * rounds == 24 < SOURCE.calls_a_day == 25
    assert (SOURCE.key_param, SOURCE.key_header) == ("apikey", "")
    assert "apikey" not in json.dumps([dict(r.params) for r in asked])
