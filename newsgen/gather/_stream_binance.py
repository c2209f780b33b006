"""Binance USD-M futures: the stream of forced orders of all symbols.

Host: fstream.binance.com/market, no key, no subscription message: the address names the stream. Of each symbol at most one order a second
is pushed, so what comes is a lower bound. COIN-M contracts are another host and are not followed. Verified against a frame recorded on
2026-10-09 and the documentation on 2026-11-26.

Diary:
- 2026-11-26 `S` is the side of the forced order: SELL closed a long, BUY a short. Bybit means the position by the same letter.
- 2026-11-26 `p` is the order's limit; the price is `ap`, the amount filled `z` in coins.
- 2026-11-26 no order has an id: symbol, side, amounts, prices and time together tell it from any other.
- 2026-11-26 an order that is not done yet (NEW, PARTIALLY_FILLED) may be pushed again when it is: only the end of an order counts.
- 2026-11-26 since 2026-04-23 the host delivers this stream below /market only; the old address connects and stays silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from newsgen.errors import SourceRefused
from newsgen.gather._assets import ASSETS, asset_of
from newsgen.gather._source import Fields, ForcedOrder, Stream, said
from newsgen.gather._stream import ENDPOINT, Side, ordered_at, read_frame

__all__ = ["STREAM"]

_SOURCE, _TITLE = "binance_futures", "Binance"
_SIDES: Mapping[str, Side] = {"SELL": "long", "BUY": "short"}
_DONE = frozenset({"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"})
_UNDER_WAY = frozenset({"NEW", "PARTIALLY_FILLED"})


def _subscribe(assets: Sequence[str]) -> Sequence[str]:
    return ()


def _parse(frame: str, at: datetime) -> list[ForcedOrder]:
    body = read_frame(_SOURCE, _TITLE, frame, at)
    if body.has("error") or body.has("code"):
        problem = body.raw("error") if body.has("error") else body.raw("msg")
        raise SourceRefused(_SOURCE, ENDPOINT, f"the stream is refused: {said(problem)}", fetched_at=at)
    if body.has("id"):  # a receipt: {"result": null, "id": 1}
        return []
    event = body.object("data") if body.has("stream") else body
    if event.text("e") != "forceOrder":
        return []
    order = event.object("o")
    asset = asset_of(order.text("s"))
    return _order(order, asset, at) if asset is not None and asset in ASSETS else []


def _order(order: Fields, asset: str, at: datetime) -> list[ForcedOrder]:
    """The order, once it is done; one of which nothing was filled is none."""
    side, status = order.text("S"), order.text("X")
    if side not in _SIDES:
        raise order.bad("S", f"no side is called {said(side)}")
    if status not in _DONE | _UNDER_WAY:
        raise order.bad("X", f"no status is called {said(status)}")
    filled = order.amount("z")
    if status in _UNDER_WAY or not filled:
        return []
    price = order.price("ap")
    words = "|".join(str(order.raw(name)) for name in ("s", "S", "q", "p", "ap", "z", "T"))
    return [ForcedOrder(ordered_at(order, "T", at), asset, _SIDES[side], filled * price, price, words)]


STREAM = Stream(
    url="wss://fstream.binance.com/market/stream?streams=!forceOrder@arr",
    venue="binance",
    subscribe=_subscribe,
    parse=_parse,
    throttled=True,
)
