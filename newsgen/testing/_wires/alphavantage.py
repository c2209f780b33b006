"""Alpha Vantage: the quote of one symbol, names with numbers, values as text; it refuses with HTTP 200."""

from __future__ import annotations

from collections.abc import Mapping

from newsgen.testing._wire import Scene, Wire, dumps
from newsgen.testing._wires._sessions import NEW_YORK, closes, running

__all__ = ["WIRE"]

_SYMBOLS = ("SPY", "QQQ", "GLD", "UUP", "MSTR", "COIN", "IBIT")


def _quote(scene: Scene, params: Mapping[str, str]) -> bytes:
    """An unknown symbol is an empty quote."""
    symbol = params.get("symbol", "")
    ended = closes(scene, symbol, 2) if symbol in _SYMBOLS else []
    if len(ended) < 2:
        return dumps({"Global Quote": {}})
    (day, value), before, last = ended[1], ended[0][1], running(scene, symbol)
    if last is not None:
        day, value, before = scene.at.astimezone(NEW_YORK).date(), last, value
    prices = dict.fromkeys(("02. open", "03. high", "04. low", "05. price"), f"{value:.4f}")
    return dumps({"Global Quote": {
        "01. symbol": symbol, **prices, "06. volume": "17861855", "07. latest trading day": f"{day}", "08. previous close": f"{before:.4f}",
        "09. change": f"{value - before:.4f}", "10. change percent": f"{(value / before - 1) * 100:.4f}%",
    }})  # fmt: skip


WIRE = Wire({"global_quote": _quote}, refusals={
    "too_many": (200, {"Information": "Thank you for using Alpha Vantage! Our standard API rate limit is 25 requests per day."}),
    "key_rejected": (200, {"Error Message": "the parameter apikey is invalid or missing."}),
})  # fmt: skip
