"""Binance's forced orders: the order's side against the position's, average price, orders that are done, receipts and refusals."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, SourceRefused
from newsgen.gather._stream_binance import STREAM
from newsgen.market import iso
from tests.gather.frames import changed, every_change, frame, heard, refused

FILE = "ws_force_order_2026.json"


def order(**fields: Any) -> str:
    return changed(FILE, lambda data: data["data"]["o"].update(fields))


def test_a_sell_closes_a_long_at_the_average_price() -> None:
    (found,) = heard(STREAM, frame(FILE))
    # 0.190 bitcoin at 82,651.90 and not at the limit of 82,338.30: 0.190 x 82651.90 = 15703.861
    assert (found.asset, found.side, found.usd, found.price) == ("BTC", "long", Decimal("15703.861"), Decimal("82651.90"))
    assert iso(found.at) == "2026-10-09T17:06:42Z"  # T 1791565602120, not E
    assert found.at.microsecond == 120_000


def test_a_buy_closes_a_short() -> None:
    assert [o.side for o in heard(STREAM, order(S="BUY"))] == ["short"]


def test_what_was_filled_counts_and_not_what_was_ordered() -> None:
    (found,) = heard(STREAM, order(q="5", z="0.1", l="0.05", X="EXPIRED"))
    assert found.usd == Decimal("8265.19")


@pytest.mark.parametrize("status", ["NEW", "PARTIALLY_FILLED"])
def test_an_order_that_is_under_way_will_come_again(status: str) -> None:
    assert heard(STREAM, order(X=status)) == []


def test_an_order_of_which_nothing_was_filled_is_none() -> None:
    assert heard(STREAM, order(z="0", ap="0", X="EXPIRED")) == []


@pytest.mark.parametrize("symbol", ["1000SHIBUSDT", "BTCUSDT_261225", "BTCUSD_PERP", "ETHBTC", "FOOUSDT"])
def test_what_is_not_followed_is_left_out(symbol: str) -> None:
    assert heard(STREAM, order(s=symbol)) == []


def test_the_same_order_again_has_the_same_words_and_another_has_others() -> None:
    words = [o.order for sent in (frame(FILE), frame(FILE), order(T=1791565602121), order(z="0.191")) for o in heard(STREAM, sent)]
    assert words[0] == words[1]
    assert len(set(words)) == 3


def test_a_frame_without_wrapping_is_read_too() -> None:
    assert [o.usd for o in heard(STREAM, json.dumps(json.loads(frame(FILE))["data"]))] == [Decimal("15703.861")]


@pytest.mark.parametrize("sent", ['{"result":null,"id":1}', '{"stream":"x","data":{"e":"markPriceUpdate"}}'])
def test_receipts_and_other_events_tell_of_no_liquidation(sent: str) -> None:
    assert heard(STREAM, sent) == []


def test_a_refusal_is_one() -> None:
    refused(STREAM, '{"error":{"code":2,"msg":"Invalid request: unknown stream"},"id":1}', "unknown stream", SourceRefused)
    refused(STREAM, '{"code":-1121,"msg":"Invalid symbol."}', "Invalid symbol", SourceRefused)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"S": "LONG"}, "data.o.S"),
        ({"X": "LIQUIDATED"}, "data.o.X"),
        ({"ap": "0"}, "data.o.ap"),
        ({"ap": ""}, "data.o.ap"),
        ({"z": "-1"}, "data.o.z"),
        ({"z": None}, "data.o.z"),
        ({"T": 1791565602}, "data.o.T"),  # seconds
        ({"T": 1791566602120}, "data.o.T"),  # a quarter of an hour after the frame came
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    refused(STREAM, order(**fields), field)


@pytest.mark.parametrize("name", ["s", "S", "X", "z", "ap", "q", "p", "T"])
def test_a_missing_field_is_named(name: str) -> None:
    refused(STREAM, changed(FILE, lambda data: data["data"]["o"].pop(name)), f"data.o.{name}")


def test_new_fields_are_ignored() -> None:
    assert len(heard(STREAM, order(new={"a": 1}))) == 1


def test_no_damaged_frame_surprises() -> None:
    for what, sent in every_change(FILE):
        try:
            assert all(o.usd > 0 and o.asset == "BTC" for o in heard(STREAM, sent)), what
        except GatherError as error:
            assert (error.source, error.endpoint) == ("binance_futures", "stream"), what


def test_the_address_names_the_stream_and_nothing_is_asked_for() -> None:
    assert STREAM.url == "wss://fstream.binance.com/market/stream?streams=!forceOrder@arr"
    assert (STREAM.subscribe(("BTC",)), STREAM.venue, STREAM.throttled, STREAM.ping) == ((), "binance", True, "")
