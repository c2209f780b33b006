"""What the history has not of futures, made of its prices: rates, open interest, accounts; the same at a moment in every run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from newsgen.testing._wire import Scene

__all__ = ["every", "funding", "held", "held_usd", "last_payments", "longs"]

_BOOK = {"binance": "9000000000", "bybit": "5000000000", "okx": "3000000000", "hyperliquid": "2500000000", "deribit": "1200000000",
         "kraken": "400000000"}  # fmt: skip
_WEIGHTS = {"BTC": Decimal(1), "ETH": Decimal("0.6"), "SOL": Decimal("0.25"), "XRP": Decimal("0.15")}
_USUAL, _DEAREST = Decimal("0.0001"), Decimal("0.003")


def funding(scene: Scene, venue: str, asset: str, at: datetime | None = None) -> Decimal:
    """The rate of eight hours, a fraction: longs pay more after a day that went up."""
    at = at or scene.at
    now, before = scene.tape.price(asset, at), scene.tape.price(asset, at - timedelta(days=1))
    change = now / before - 1 if now and before else Decimal(0)
    rate = (_USUAL + change / 200) * (1 + scene.made_up(f"{venue} funding {asset}", "0.1", "1", at))
    return max(-_DEAREST, min(_DEAREST, rate)).quantize(Decimal("0.00000001"))


def held(scene: Scene, venue: str, asset: str, at: datetime | None = None) -> Decimal:
    """Open interest in coins, one side."""
    at = at or scene.at
    price = scene.tape.price(asset, at, venue)
    usd = scene.made_up(f"{venue} book {asset}", _BOOK.get(venue, "300000000"), "0.05", at) * _WEIGHTS.get(asset, Decimal("0.05"))
    return (usd / price).quantize(Decimal("0.001")) if price else Decimal(0)


def held_usd(scene: Scene, venue: str, asset: str, at: datetime | None = None) -> Decimal:
    """The same in dollars, at the venue's price."""
    at = at or scene.at
    return (held(scene, venue, asset, at) * (scene.tape.price(asset, at, venue) or 0)).quantize(Decimal("0.01"))


def longs(scene: Scene, venue: str, asset: str, at: datetime) -> Decimal:
    """The share of accounts that are long, a fraction."""
    return scene.made_up(f"{venue} accounts {asset}", "0.52", "0.1", at).quantize(Decimal("0.0001"))


def every(scene: Scene, span: timedelta, count: int) -> list[datetime]:
    """The last whole moments of a span, oldest first."""
    step = int(span.total_seconds())
    last = scene.at - timedelta(seconds=int(scene.at.timestamp()) % step)
    return [last - k * span for k in range(count - 1, -1, -1)]


def last_payments(scene: Scene, venue: str, asset: str, count: int) -> Iterator[tuple[datetime, Decimal]]:
    """When funding was paid and how much, oldest first."""
    for at in every(scene, timedelta(hours=8), count):
        yield at, funding(scene, venue, asset, at)
