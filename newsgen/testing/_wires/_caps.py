"""Market values: what a vendor makes of price and supply, and what funds hold; in: a scene and the vendor, out: dollars."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from newsgen.testing._wire import Scene

__all__ = ["assets_of", "cap_of", "change_of", "total_cap"]

_SUPPLY = {"BTC": 19_890_000, "ETH": 120_700_000, "SOL": 534_000_000, "XRP": 59_000_000_000, "DOGE": 150_000_000_000, "BNB": 139_000_000}
_WHOLE = Decimal("1.25")  # of the market, to what is on the tape

_FUNDS = {"BTC": "148000000000", "ETH": "13000000000"}


def assets_of(scene: Scene, asset: str, at: datetime) -> Decimal:
    """Dollars that the US spot funds hold at a session's close."""
    return scene.made_up(f"fund assets {asset}", _FUNDS[asset], "0.05", at).quantize(Decimal(1))


def cap_of(asset: str, price: Decimal) -> int:
    """Price times coins."""
    return int(price * _SUPPLY.get(asset, 1_000_000_000))


def total_cap(scene: Scene, vendor: str, back: timedelta = timedelta(0)) -> Decimal:
    """Of the whole market, now or a while ago; 0 where nothing has a price."""
    prices = {asset: scene.price(asset, vendor, back) for asset in scene.tape.assets}
    return sum((Decimal(cap_of(a, p)) for a, p in prices.items() if p is not None), Decimal(0)) * _WHOLE


def change_of(scene: Scene, vendor: str, asset: str, back: timedelta) -> Decimal | None:
    """Percent since a while ago."""
    now, before = scene.price(asset, vendor), scene.price(asset, vendor, back)
    return None if now is None or before is None else ((now / before - 1) * 100).quantize(Decimal("0.00001"))
