"""Asks an exchange through the library ccxt; in: a request that names exchange and symbol, out: JSON bytes in ccxt's unified form.

The bytes are kept as a payload and parsed by `ccxt.py`. ccxt's exceptions become ours. The library is loaded when first asked (a second,
and a hundred megabytes), in a thread. Does not read prices and knows no keys: public data only.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from newsgen.errors import BadPayload, GatherError, KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather._source import Request, said

__all__ = ["ask"]

_SOURCE = "ccxt"
_CALL_MS = 10_000
_MARKETS_S = 86_400.0  # an exchange's list of markets changes slowly and is large
_QUOTES = ("USD", "USDT")  # asked for in this order where the request names none
_markets: dict[tuple[str, str], tuple[Any, float]] = {}  # by exchange and address: who loaded them, and when
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()


async def ask(request: Request, base_url: str = "") -> bytes:
    """What an exchange says.

    Args:
        base_url: Another address for all that ccxt would ask (a rehearsal server).

    Raises:
        GatherError: ccxt is not installed, does not know the exchange or the market, or the exchange refuses.
    """
    library = await _library(request)
    name = request.params.get("exchange", "")
    if name not in library.exchanges:
        raise _refused(request, f"ccxt knows no exchange {said(name)!r}")
    exchange = getattr(library, name)({"timeout": _CALL_MS, "enableRateLimit": not base_url})
    if base_url:
        exchange.urls["api"] = _moved(exchange.urls["api"], base_url, exchange.hostname or "")
    turns = _turns.setdefault(asyncio.get_running_loop(), {})
    try:
        async with turns.setdefault(name, asyncio.Lock()):  # one at a time: the first loads the markets for all
            return await _asked(exchange, request, base_url)
    except library.BaseError as error:
        raise _translated(library, request, error) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise BadPayload(_SOURCE, request.endpoint, "body", f"ccxt cannot read {name}'s answer ({type(error).__name__})") from error
    finally:
        await exchange.close()


async def _library(request: Request) -> ModuleType:
    try:
        return await asyncio.to_thread(import_module, "ccxt.async_support")
    except ImportError as error:
        raise _refused(request, "the library is not installed: pip install newsgen[ccxt]") from error


async def _asked(exchange: Any, request: Request, base_url: str) -> bytes:
    await _load_markets(exchange, base_url)
    market = _market(exchange, request)
    found: dict[str, Any] = {
        "exchange": exchange.id, "name": exchange.name, "page": _page(exchange), "symbol": market["symbol"], "base": market["base"],
        "quote": market["quote"], "type": market["type"],
    }  # fmt: skip
    if request.endpoint == "ticker":
        found["ticker"] = await exchange.fetch_ticker(market["symbol"])
    else:
        interval = request.params.get("interval", "")
        if exchange.has.get("fetchOHLCV") is not True or interval not in (exchange.timeframes or {}):  # not "emulated" from trades
            raise _refused(request, f"{exchange.id} has no candles of {said(interval)!r}")
        limit = int(request.params.get("limit", "100"))
        found["candles"] = await exchange.fetch_ohlcv(market["symbol"], interval, None, limit)
    return json.dumps(found, separators=(",", ":")).encode()


async def _load_markets(exchange: Any, base_url: str) -> None:
    known = _markets.get((exchange.id, base_url))
    if known is not None and time.monotonic() - known[1] < _MARKETS_S:
        exchange.set_markets_from_exchange(known[0])
        return
    await exchange.load_markets()
    _markets[exchange.id, base_url] = (exchange, time.monotonic())


def _market(exchange: Any, request: Request) -> Mapping[str, Any]:
    """The spot market of the symbol; the first of our quotes where only an asset is named."""
    symbol = request.params.get("symbol", "")
    wanted = [symbol] if "/" in symbol else [f"{symbol}/{quote}" for quote in _QUOTES]
    for name in wanted:
        market: Mapping[str, Any] | None = exchange.markets.get(name)
        if market is not None and market.get("spot") and market.get("active") is not False:
            return market
    raise _refused(request, f"{exchange.id} lists no spot market {said(' or '.join(wanted))}")


def _page(exchange: Any) -> str | None:
    page = exchange.urls.get("www")
    return page if isinstance(page, str) and page.startswith("https://") else None


def _moved(urls: Any, base_url: str, hostname: str) -> Any:
    """ccxt's addresses, text or nested, at another host."""
    if isinstance(urls, Mapping):
        return {name: _moved(value, base_url, hostname) for name, value in urls.items()}
    return base_url.rstrip("/") + urlsplit(urls.replace("{hostname}", hostname)).path if isinstance(urls, str) else urls


def _refused(request: Request, problem: str) -> SourceRefused:
    return SourceRefused(_SOURCE, request.endpoint, problem)


def _translated(library: ModuleType, request: Request, error: Exception) -> GatherError:
    """An exception of ccxt as one of ours; the narrower classes come first."""
    words = said(error)
    problem = f"{type(error).__name__}: {words}"
    if isinstance(error, getattr(library, "RestrictedLocation", ())) or " 451 " in f" {words} " or "restricted location" in words.lower():
        return RegionRefused(_SOURCE, request.endpoint, problem)
    kinds: tuple[tuple[type[Exception], type[GatherError]], ...] = (
        (library.PermissionDenied, SourceRefused),
        (library.AuthenticationError, KeyRefused),
        (library.NetworkError, SourceUnavailable),
    )
    for theirs, ours in kinds:
        if isinstance(error, theirs):
            return ours(_SOURCE, request.endpoint, problem)
    if isinstance(error, library.BadResponse):
        return BadPayload(_SOURCE, request.endpoint, "body", problem)
    return SourceRefused(_SOURCE, request.endpoint, problem)
