"""19 Staleness: an article that waited to be sent still tells of this market; in: the desk with a view later than it, out: findings.

At its own moment nothing can be stale, so the check is silent there; before sending, the service gives it the newest view. It compares the
prices that the article prints, and on which side of its headline's levels the price stands. Writes nothing again (`resend.py` does).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from newsgen.check._check import Check, Desk, newest_price
from newsgen.market import Unit
from newsgen.story import Finding

__all__ = ["CHECK"]

# How far a price may move before the article is written again, in percent (editorial section 7).
_LIMITS: Mapping[str, Decimal] = {"BTC": Decimal(1), "ETH": Decimal("1.5")}
_OTHERS = Decimal("2.5")
_NO_LEVELS = ("last", "close", "open")  # "falls to $57,300" names the price itself: every tick crosses it


def staleness(desk: Desk) -> Iterator[Finding]:
    """Compare each price of the article with the newest one."""
    if desk.view is None or desk.view.as_of <= desk.article.as_of:
        return
    for asset, told in told_prices(desk).items():
        newest = newest_price(desk.view, asset)
        if newest is None or not told:
            continue
        for level in _levels(desk, asset):
            if (told >= level) != (newest.value >= level):
                message = f"{asset} was at {told:,f} and is at {newest.value:,f}: it has crossed the headline's {level:,f}"
                yield desk.finding("staleness", "headline", message)
        moved, limit = abs(newest.value / told - 1) * 100, _limit(desk, asset)
        if moved >= limit:
            message = f"{asset} was at {told:,f} and is at {newest.value:,f}, {moved:.1f}% away: the limit is {limit}%"
            yield desk.finding("staleness", "figures", message)


def told_prices(desk: Desk) -> Mapping[str, Decimal]:
    """Asset to its price at the article's moment: of every asset whose price it prints, and of those that the story is about."""
    found = {f.figure.subject: f.figure.value for f in desk.facts_named("price.last") if f.figure.told_at is None}
    told = {asset: value for asset, value in found.items() if isinstance(value, Decimal)}
    led = [p.subject for p in desk.article.pitches if p.role == "lead"]
    for asset in (*led, *desk.article.tickers[:1]):
        if asset not in told and desk.view is not None:
            then = newest_price(desk.view.at(desk.article.as_of), asset)
            told |= {asset: then.value} if then is not None else {}
    return told


def _levels(desk: Desk, asset: str) -> Iterator[Decimal]:
    """The prices in the headline that are no last price of the asset: levels, records, extremes."""
    for i, sentence in enumerate(desk.sentences):
        for claim in desk.claims[i] if sentence.where == "headline" else ():
            own = [f for f in claim.fits if f.group == "price" and f.figure.unit is Unit.USD and f.figure.subject == asset]
            if any(not f.tail.startswith(_NO_LEVELS) for f in own):
                yield claim.numeral.value


def _limit(desk: Desk, asset: str) -> Decimal:
    return desk.moves_pct.get(asset) or _LIMITS.get(asset) or desk.moves_pct.get("") or _OTHERS


CHECK = Check("staleness", 19, "Before sending, no price has moved beyond its limit or crossed the headline's level since.", staleness)
