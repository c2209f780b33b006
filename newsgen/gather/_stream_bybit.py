"""Bybit linear contracts: the stream of all liquidations, one topic for each pair.

Host: stream.bybit.com/v5/public/linear, no key; every order is pushed, twice a second. Inverse contracts are another address and are not
followed. Verified against a frame recorded on 2026-10-09 and the documentation's example on 2026-11-26.

Diary:
- 2026-11-26 `S` is the side of the position: Buy means that a LONG was liquidated. Binance means the order by the same letter.
- 2026-11-26 `v` is in coins, `p` the bankruptcy price; there is no average price.
- 2026-11-26 no order has an id. Two rows that are equal in time, side, size and price count once: less, never more than there was.
- 2026-11-26 a topic that the venue does not know refuses the whole subscription, in a receipt with success false.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from newsgen.errors import SourceRefused
from newsgen.gather._assets import ASSETS, asset_of
from newsgen.gather._source import Fields, ForcedOrder, Stream, said
from newsgen.gather._stream import ENDPOINT, Side, ordered_at, read_frame

__all__ = ["STREAM"]

_SOURCE, _TITLE = "bybit", "Bybit"
_SIDES: Mapping[str, Side] = {"Buy": "long", "Sell": "short"}
_TOPIC = "allLiquidation."


def _subscribe(assets: Sequence[str]) -> Sequence[str]:
    topics = [_TOPIC + ASSETS[a].binance for a in assets if a in ASSETS and ASSETS[a].binance]
    return (json.dumps({"op": "subscribe", "args": topics}),) if topics else ()


def _parse(frame: str, at: datetime) -> list[ForcedOrder]:
    body = read_frame(_SOURCE, _TITLE, frame, at)
    if body.has("op"):
        if body.text("op") != "pong" and body.raw("success") is not True:
            raise SourceRefused(_SOURCE, ENDPOINT, f"{said(body.text('op'))} is refused: {said(body.raw('ret_msg'))}", fetched_at=at)
        return []
    if not body.text("topic").startswith(_TOPIC):
        return []
    return [order for row in body.rows("data") for order in _order(row, at)]


def _order(row: Fields, at: datetime) -> list[ForcedOrder]:
    asset, side = asset_of(row.text("s")), row.text("S")
    if asset is None or asset not in ASSETS:
        return []
    if side not in _SIDES:
        raise row.bad("S", f"no side is called {said(side)}")
    price, coins = row.price("p"), row.price("v")
    words = "|".join(str(row.raw(name)) for name in ("s", "S", "v", "p", "T"))
    return [ForcedOrder(ordered_at(row, "T", at), asset, _SIDES[side], coins * price, price, words)]


STREAM = Stream(
    url="wss://stream.bybit.com/v5/public/linear",
    venue="bybit",
    subscribe=_subscribe,
    parse=_parse,
    ping='{"op":"ping"}',
)
