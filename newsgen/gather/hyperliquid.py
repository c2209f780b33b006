"""Hyperliquid: prices, funding and open interest of all its perpetuals in one answer, without a key.

Host: api.hyperliquid.xyz. Endpoint: POST /info with {"type": "metaAndAssetCtxs"}. Limit: 1,200 weight a minute by address, of which this
question weighs 20. Terms: said to be silent on data. Verified against the documentation's example and recorded frames of 2026, on
2026-11-25.

Diary:
- 2026-11-25 the answer is a pair: [meta, contexts]; context i belongs to universe i, and the lists must be of one length.
- 2026-11-25 openInterest is coins of one side: dollars are coins at the mark.
- 2026-11-25 funding is a fraction per hour: eight times that in eight hours.
- 2026-11-25 midPx, premium and impactPxs are null for coins that were delisted.
- 2026-11-25 the answer has no moment: it is observed when it was fetched.
- 2026-11-25 fundingHistory wants startTime as a number and candleSnapshot an object within the question: neither can be asked for here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from newsgen.gather._assets import ASSETS
from newsgen.gather._source import Answer, Endpoint, Fields, Request, Source, Terms, load_json
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_VENUE = "hyperliquid"
_CENT = Decimal("0.01")


def _contexts(answer: Answer) -> Iterable[tuple[str, Fields]]:
    """Name and context of each perpetual."""
    body = load_json(answer)
    if not isinstance(body, list) or len(body) != 2 or not isinstance(body[1], list):
        raise answer.bad("body", "a pair of the universe and its contexts belongs here")
    universe, contexts = Fields(answer, body[0], "[0]").rows("universe"), body[1]
    if len(universe) != len(contexts):
        raise answer.bad("[1]", f"{len(contexts)} contexts for {len(universe)} perpetuals")
    for i, (coin, context) in enumerate(zip(universe, contexts, strict=True)):
        yield coin.text("name"), Fields(answer, context, f"[1][{i}]")


def _parse(answer: Answer) -> list[Reading]:
    return [reading for name, row in _contexts(answer) if name in ASSETS for reading in _perpetual(answer, name, row)]


def _perpetual(answer: Answer, asset: str, row: Fields) -> Iterable[Reading]:
    at, mark, coins = answer.fetched_at, row.price("markPx"), row.amount("openInterest")
    if row.optional("midPx") is None:
        return  # delisted
    yield answer.reading(("perp.mark", asset, "", _VENUE), mark, Unit.USD, at)
    yield answer.reading(("open_interest.coins", asset, "", _VENUE), coins, Unit.COINS, at)
    yield answer.reading(("open_interest.usd", asset, "", _VENUE), (coins * mark).quantize(_CENT), Unit.USD, at)
    yield answer.reading(("funding.rate_8h", asset, "8h", _VENUE), row.number("funding") * 8 * 100, Unit.PCT, at)


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request("contexts", cost=20)]


SOURCE = Source(
    name="hyperliquid",
    title="Hyperliquid",
    base_url="https://api.hyperliquid.xyz",
    endpoints={
        "contexts": Endpoint(
            "/info", ("perp.mark", "open_interest.coins", "open_interest.usd", "funding.rate_8h"), method="POST",
            fixed={"type": "metaAndAssetCtxs"},
        )
    },
    requests=_requests,
    parse=_parse,
    calls=600,
    per_s=60.0,
    terms=Terms(
        "https://app.hyperliquid.xyz/terms", "",
        "not at hand; others report that they govern its website, and found nothing in them on the use of data",
    ),
    page="https://app.hyperliquid.xyz",
)  # fmt: skip
