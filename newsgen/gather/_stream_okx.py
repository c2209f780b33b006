"""OKX perpetuals: the stream of liquidation orders of all contracts.

Host: ws.okx.com:8443, no key; at most one order a second of each contract is pushed, so what comes is a lower bound. Verified against a
frame recorded on 2026-10-09 on 2026-11-26; receipts, notices and the text ping as the documentation describes them.

Diary:
- 2026-11-26 `sz` is in contracts, worth 0.01 bitcoin, 0.1 ether, 1,000 dogecoin ... (`_contracts.py`); an inverse one is worth dollars.
- 2026-11-26 `posSide` is the position that was closed; where it is `net`, the order's `side`: sell closed a long.
- 2026-11-26 the channel has no filter by contract: all perpetuals come, and those that are not followed are left out.
- 2026-11-26 a connection that says nothing for 30 seconds is cut; the venue wants the text "ping" and answers "pong", which is no JSON.
- 2026-11-26 a `notice` tells that the connection will be closed for maintenance: it is, and is opened again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from newsgen.errors import SourceRefused, SourceUnavailable
from newsgen.gather._contracts import OKX_SWAPS, Contract
from newsgen.gather._source import Fields, ForcedOrder, Stream, said
from newsgen.gather._stream import ENDPOINT, Side, ordered_at, read_frame

__all__ = ["STREAM"]

_SOURCE, _TITLE = "okx", "OKX"
_CHANNEL = "liquidation-orders"
_CLOSED: Mapping[str, Side] = {"sell": "long", "buy": "short"}
_REFUSALS = frozenset({"error", "channel-conn-count-error"})
_PASSING = frozenset({"50001", "50011", "50026", "60014", "63999"})  # unavailable, too frequent, system errors


def _subscribe(assets: Sequence[str]) -> Sequence[str]:
    return (json.dumps({"op": "subscribe", "args": [{"channel": _CHANNEL, "instType": "SWAP"}]}),)


def _parse(frame: str, at: datetime) -> list[ForcedOrder]:
    if frame == "pong":
        return []
    body = read_frame(_SOURCE, _TITLE, frame, at)
    if body.has("event"):
        if body.text("event") in _REFUSALS:
            code = said(body.raw("code")) if body.has("code") else body.text("event")
            kind = SourceUnavailable if code in _PASSING else SourceRefused
            raise kind(_SOURCE, ENDPOINT, f"code {code}: {said(body.raw('msg')) if body.has('msg') else 'refused'}", fetched_at=at)
        return []
    if body.object("arg").text("channel") != _CHANNEL:
        return []
    return [order for contract in body.rows("data") for order in _orders(contract, at)]


def _orders(contract: Fields, at: datetime) -> list[ForcedOrder]:
    swap = OKX_SWAPS.get(contract.text("instId"))
    return [_order(row, swap, contract.text("instId"), at) for row in contract.rows("details")] if swap is not None else []


def _order(row: Fields, swap: Contract, name: str, at: datetime) -> ForcedOrder:
    price, contracts = row.price("bkPx"), row.price("sz")
    words = "|".join((name, *(str(row.raw(n)) for n in ("posSide", "side", "sz", "bkPx", "ts"))))
    return ForcedOrder(ordered_at(row, "ts", at), swap.asset, _side(row), swap.usd(contracts, price), price, words)


def _side(row: Fields) -> Side:
    position, side = row.text("posSide"), row.text("side")
    if side not in _CLOSED:
        raise row.bad("side", f"no side is called {said(side)}")
    if position not in ("long", "short", "net"):
        raise row.bad("posSide", f"no side of a position is called {said(position)}")
    if position != "net" and position != _CLOSED[side]:
        raise row.bad("posSide", f"a {side} order closes no {position}")
    return _CLOSED[side]


STREAM = Stream(
    url="wss://ws.okx.com:8443/ws/v5/public",
    venue="okx",
    subscribe=_subscribe,
    parse=_parse,
    ping="ping",
    throttled=True,
)
