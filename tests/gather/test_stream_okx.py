"""OKX's liquidation orders: contracts, linear and inverse, sides of both position modes, a pong that is no JSON, notices, refusals."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, SourceRefused, SourceUnavailable
from newsgen.gather._stream_okx import STREAM
from newsgen.market import iso
from tests.gather.frames import changed, every_change, frame, heard, refused

FILE = "ws_liquidation_orders_2026.json"


def row(**fields: Any) -> str:
    return changed(FILE, lambda data: data["data"][0]["details"][0].update(fields))


def contract(name: str, **fields: Any) -> str:
    def change(data: Any) -> None:
        data["data"][0]["instId"] = name
        data["data"][0]["details"][0].update(fields)

    return changed(FILE, change)


def test_contracts_become_dollars() -> None:
    (found,) = heard(STREAM, frame(FILE))
    # 8.55 contracts of 0.01 bitcoin at 82,655.7: 0.0855 x 82655.7 = 7067.06235
    assert (found.asset, found.side, found.usd, found.price) == ("BTC", "long", Decimal("7067.06235"), Decimal("82655.7"))
    assert iso(found.at) == "2026-10-09T17:06:40Z"


@pytest.mark.parametrize(
    ("name", "price", "usd"),
    [
        ("ETH-USDT-SWAP", "4000", "80000"),  # 200 x 0.1 x 4000
        ("SOL-USDT-SWAP", "150", "30000"),  # 200 x 1 x 150
        ("XRP-USDT-SWAP", "2.5", "50000"),  # 200 x 100 x 2.5
        ("DOGE-USDT-SWAP", "0.2", "40000"),  # 200 x 1000 x 0.2
        ("BTC-USD-SWAP", "82655.7", "20000"),  # 200 x 100 dollars, whatever the price
        ("ETH-USD-SWAP", "4000", "2000"),  # 200 x 10 dollars
    ],
)
def test_each_contract_has_its_own_worth(name: str, price: str, usd: str) -> None:
    assert [o.usd for o in heard(STREAM, contract(name, bkPx=price, sz="200"))] == [Decimal(usd)]


def test_a_contract_whose_worth_is_not_known_is_left_out() -> None:
    assert heard(STREAM, contract("PEPE-USDT-SWAP")) == []
    assert heard(STREAM, contract("BTC-USDT-261225")) == []


@pytest.mark.parametrize(
    ("position", "side", "closed"), [("short", "buy", "short"), ("net", "sell", "long"), ("net", "buy", "short"), ("long", "sell", "long")]
)
def test_the_position_that_was_closed(position: str, side: str, closed: str) -> None:
    assert [o.side for o in heard(STREAM, row(posSide=position, side=side))] == [closed]


def test_orders_are_told_apart() -> None:
    words = [
        o.order for sent in (frame(FILE), frame(FILE), row(ts="1791565600772"), contract("ETH-USDT-SWAP")) for o in heard(STREAM, sent)
    ]
    assert words[0] == words[1]
    assert len(set(words)) == 3


@pytest.mark.parametrize(
    "sent",
    [
        "pong",
        '{"event":"subscribe","arg":{"channel":"liquidation-orders","instType":"SWAP"},"connId":"a4d3ae55"}',
        '{"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade.","connId":"a4d3ae55"}',
        '{"event":"channel-conn-count","channel":"liquidation-orders","connCount":"1","connId":"a4d3ae55"}',
        '{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{}]}',
    ],
)
def test_pongs_receipts_notices_and_other_channels_tell_of_no_liquidation(sent: str) -> None:
    assert heard(STREAM, sent) == []


def test_refusals_and_what_passes() -> None:
    refused(STREAM, '{"event":"error","code":"60012","msg":"Invalid request","connId":"a"}', "code 60012: Invalid request", SourceRefused)
    refused(STREAM, '{"event":"error","code":"60014","msg":"Requests too frequent"}', "60014", SourceUnavailable)
    refused(STREAM, '{"event":"channel-conn-count-error","channel":"liquidation-orders"}', "channel-conn-count-error", SourceRefused)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"posSide": "BOTH"}, "details[0].posSide"),
        ({"side": "SELL"}, "details[0].side"),
        ({"posSide": "long", "side": "buy"}, "details[0].posSide"),  # no buy closes a long
        ({"sz": "0"}, "details[0].sz"),
        ({"bkPx": "-1"}, "details[0].bkPx"),
        ({"ts": "1791565600"}, "details[0].ts"),
        ({"ts": "1791599999999"}, "details[0].ts"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    refused(STREAM, row(**fields), field)


@pytest.mark.parametrize("name", ["bkPx", "sz", "side", "posSide", "ts"])
def test_a_missing_field_is_named(name: str) -> None:
    refused(STREAM, changed(FILE, lambda data: data["data"][0]["details"][0].pop(name)), f"details[0].{name}")


def test_no_damaged_frame_surprises() -> None:
    for what, sent in every_change(FILE):
        try:
            assert all(o.usd > 0 and o.asset == "BTC" for o in heard(STREAM, sent)), what
        except GatherError as error:
            assert (error.source, error.endpoint) == ("okx", "stream"), what


def test_one_channel_of_all_perpetuals_is_asked_for() -> None:
    (asked,) = STREAM.subscribe(("BTC",))
    assert json.loads(asked) == {"op": "subscribe", "args": [{"channel": "liquidation-orders", "instType": "SWAP"}]}
    assert (STREAM.url, STREAM.venue, STREAM.throttled, STREAM.ping) == ("wss://ws.okx.com:8443/ws/v5/public", "okx", True, "ping")
