"""CoinGecko: prices averaged over venues, market value, dominance.

Host: api.coingecko.com, no key is sent (a demo key would travel in x-cg-demo-api-key). Endpoints: /api/v3/coins/markets, /api/v3/global.
Limit: keyless calls share 5 to 30 a minute per address, demo keys 100; refused calls count too. Terms: credit with a link.
Verified against recorded answers of February 2024 and April 2025 and the documentation's example on 2026-11-24.

Diary:
- 2026-11-24 only the change windows that were asked for are there; members can be null. A market value of 0 means unknown.
- 2026-11-24 global uses scientific notation (2.7e+15), its clock is in seconds; markets writes ISO times with Z.
- 2026-11-24 symbols are not unique (bridged and fake coins share them): a coin is known by its id.
- 2026-11-24 a refusal may come as {"status": {"error_code": ...}} without the expected members: it is not "coin unknown".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from newsgen.errors import SourceRefused, SourceUnavailable
from newsgen.gather._assets import ASSETS
from newsgen.gather._source import SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_WINDOWS = ("1h", "24h", "7d", "30d")
_VALUES = (
    ("current_price", "aggregate.price", "", True),
    ("high_24h", "aggregate.high_24h", "24h", True),
    ("low_24h", "aggregate.low_24h", "24h", True),
    ("ath", "aggregate.ath", "", True),
    ("market_cap", "aggregate.cap", "", False),
    ("total_volume", "aggregate.volume_24h", "24h", False),
)


def _refusal(answer: Answer, body: object) -> None:
    if isinstance(body, dict) and isinstance(body.get("error"), str):
        raise SourceRefused(answer.source, answer.request.endpoint, said(body["error"]), fetched_at=answer.fetched_at)
    if not isinstance(body, dict) or "status" not in body:
        return
    status = Fields(answer, body["status"], "status")
    code = status.number("error_code")
    message = said(status.raw("error_message")) if status.has("error_message") else ""
    error = SourceUnavailable if code == 429 else SourceRefused
    raise error(answer.source, answer.request.endpoint, f"code {code}: {message}", fetched_at=answer.fetched_at)


def _markets(answer: Answer) -> Iterable[Reading]:
    body = load_json(answer)
    _refusal(answer, body)
    if not isinstance(body, list):
        raise answer.bad("body", "a list of coins belongs here")
    for i, item in enumerate(body):
        row = Fields(answer, item, f"[{i}]")
        subject, at = _subject(row), row.iso_moment("last_updated")
        if subject is None:
            continue
        values = {name: row.optional_price(name) if positive else row.optional_amount(name) for name, _, _, positive in _VALUES}
        high, low = values["high_24h"], values["low_24h"]
        if high is not None and low is not None and high < low:
            raise row.bad("high_24h", f"{high} is below the low {low}")
        for name, series, window, _positive in _VALUES:
            value = values[name]
            if value is not None and not (name == "market_cap" and value == 0):
                yield answer.reading((series, subject, window, ""), value, Unit.USD, at, field_name=f"[{i}].last_updated")
        for window in _WINDOWS:
            name = f"price_change_percentage_{window}_in_currency"
            change = row.optional(name) if row.has(name) else None
            if change is not None:
                yield answer.reading((f"aggregate.change_{window}", subject, window, ""), change, Unit.PCT, at)


def _subject(row: Fields) -> str | None:
    """The asset of a row; None for another coin under the symbol of one that is followed."""
    symbol = row.text("symbol").upper()
    return None if symbol in ASSETS and ASSETS[symbol].coingecko != row.text("id") else symbol


def _global(answer: Answer) -> Iterable[Reading]:
    body = load_json(answer)
    _refusal(answer, body)
    data = Fields(answer, body, "").object("data")
    at = data.moment("updated_at", SECONDS)
    cap = data.object("total_market_cap").price("usd")
    dominance = data.object("market_cap_percentage").price("btc")
    if dominance >= 100:
        raise data.bad("market_cap_percentage.btc", f"a share cannot be {dominance}")
    yield answer.reading(("market.cap", "market", "", ""), cap, Unit.USD, at, field_name="data.updated_at")
    yield answer.reading(("dominance.btc", "market", "", ""), dominance, Unit.PCT, at)
    yield answer.reading(("market.cap_change_24h", "market", "24h", ""), data.number("market_cap_change_percentage_24h_usd"), Unit.PCT, at)
    yield answer.reading(("market.volume_24h", "market", "24h", ""), data.object("total_volume").amount("usd"), Unit.USD, at)


_PARSERS = {"coins_markets": _markets, "global": _global}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    ids = ",".join(ASSETS[a].coingecko for a in assets if a in ASSETS)
    return [Request("coins_markets", {"ids": ids}), Request("global")]


SOURCE = Source(
    name="coingecko",
    title="CoinGecko",
    base_url="https://api.coingecko.com",
    endpoints={
        "coins_markets": Endpoint(
            "/api/v3/coins/markets", tuple(v[1] for v in _VALUES),
            fixed={"vs_currency": "usd", "price_change_percentage": "1h,24h,7d,30d"},
        ),
        "global": Endpoint("/api/v3/global", ("market.cap", "market.cap_change_24h", "market.volume_24h", "dominance.btc")),
    },
    requests=_requests,
    parse=_parse,
    calls=5,
    per_s=60.0,
    terms=Terms("https://www.coingecko.com/en/api_terms", "", "credit with a link", "Data provided by CoinGecko"),
    page="https://www.coingecko.com",
)  # fmt: skip
