"""Bybit's liquidations: the position's side, coins at the bankruptcy price, several in a frame, receipts and refusals."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, SourceRefused
from newsgen.gather._stream_bybit import STREAM
from newsgen.market import iso
from tests.gather.frames import changed, every_change, frame, heard, refused

FILE = "ws_all_liquidation_2026.json"


def row(**fields: Any) -> str:
    return changed(FILE, lambda data: data["data"][0].update(fields))


def test_buy_is_a_long_that_was_liquidated() -> None:
    found = heard(STREAM, frame(FILE))
    # 0.006 x 82396.90 = 494.3814 and 0.038 x 82394.30 = 3130.9834
    assert [(o.asset, o.side, o.usd) for o in found] == [("BTC", "long", Decimal("494.3814")), ("BTC", "long", Decimal("3130.9834"))]
    assert [iso(o.at) for o in found] == ["2026-10-09T17:06:40Z", "2026-10-09T17:06:41Z"]


def test_sell_is_a_short_that_was_liquidated() -> None:
    assert [o.side for o in heard(STREAM, row(S="Sell"))] == ["short", "long"]


def test_an_asset_that_is_not_followed_is_left_out() -> None:
    assert heard(STREAM, frame("ws_all_liquidation_docs.json")) == []
    assert len(heard(STREAM, row(s="ROSEUSDT"))) == 1


def test_orders_are_told_apart() -> None:
    words = [o.order for o in heard(STREAM, frame(FILE)) + heard(STREAM, frame(FILE)) + heard(STREAM, row(v="0.007"))]
    assert len(words) == 6
    assert len(set(words)) == 3


@pytest.mark.parametrize(
    "sent",
    [
        '{"success":true,"ret_msg":"","conn_id":"c","req_id":"","op":"subscribe"}',
        '{"success":true,"ret_msg":"pong","conn_id":"c","req_id":"","op":"ping"}',
        '{"req_id":"","op":"pong","args":["1791565600000"],"conn_id":"c"}',
        '{"topic":"tickers.BTCUSDT","type":"delta","ts":1,"data":{}}',
    ],
)
def test_receipts_pongs_and_other_topics_tell_of_no_liquidation(sent: str) -> None:
    assert heard(STREAM, sent) == []


def test_a_refused_subscription_is_one() -> None:
    receipt = '{"success":false,"ret_msg":"error:handler not found,topic:allLiquidation.FOOUSDT","conn_id":"c","op":"subscribe"}'
    error = refused(STREAM, receipt, "subscribe is refused: error:handler not found", SourceRefused)
    assert error.source == "bybit"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"S": "long"}, "data[0].S"),
        ({"p": "0"}, "data[0].p"),
        ({"v": ""}, "data[0].v"),
        ({"T": "1791565600"}, "data[0].T"),
        ({"T": 1791569200992}, "data[0].T"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    refused(STREAM, row(**fields), field)


@pytest.mark.parametrize("name", ["s", "S", "v", "p", "T"])
def test_a_missing_field_is_named(name: str) -> None:
    refused(STREAM, changed(FILE, lambda data: data["data"][1].pop(name)), f"data[1].{name}")


def test_no_damaged_frame_surprises() -> None:
    for what, sent in every_change(FILE):
        try:
            assert all(o.usd > 0 and o.asset == "BTC" for o in heard(STREAM, sent)), what
        except GatherError as error:
            assert (error.source, error.endpoint) == ("bybit", "stream"), what


def test_a_topic_is_asked_for_each_followed_pair() -> None:
    (asked,) = STREAM.subscribe(("BTC", "DOGE", "NOPE", "USDT"))
    assert json.loads(asked) == {"op": "subscribe", "args": ["allLiquidation.BTCUSDT", "allLiquidation.DOGEUSDT"]}
    assert STREAM.subscribe(("NOPE",)) == ()
    assert (STREAM.url, STREAM.venue, STREAM.throttled) == ("wss://stream.bybit.com/v5/public/linear", "bybit", False)
    assert json.loads(STREAM.ping) == {"op": "ping"}
