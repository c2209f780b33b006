"""CoinGecko: prices averaged over venues, market value, dominance, coins in companies' treasuries.

Host: api.coingecko.com, without a key or with a demo key in x-cg-demo-api-key (a pro key belongs to another host). Endpoints:
/api/v3/coins/markets, /api/v3/global, /api/v3/companies/public_treasury/{coin}. Limit: keyless calls share 5 to 30 a minute per address,
demo keys 100; refused calls count too. Terms: credit with a link, close to the figures. Verified against recorded answers of February 2024
and April 2025 and the documentation's examples on 2026-11-25.

Diary:
- 2026-11-24 only the change windows that were asked for are there; members can be null. A market value of 0 means unknown.
- 2026-11-24 global uses scientific notation (2.7e+15), its clock is in seconds; markets writes ISO times with Z.
- 2026-11-24 symbols are not unique (bridged and fake coins share them): a coin is known by its id.
- 2026-11-24 a refusal may come as {"status": {"error_code": ...}} without the expected members: it is not "coin unknown".
- 2026-11-25 the same refusal may stand one level deeper, under "error". 10002 is a missing key, 10010 and 10011 a key of the other host,
  10005 a plan.
- 2026-11-25 companies are listed by holdings, as of no stated day: observed when fetched. total_entry_value_usd 0 means unknown and is not
  read. Strategy goes by its share, MSTR: the list has called it by its old name.
- 2026-11-25 derivatives are listed per contract without the interval of their funding rate: nothing true of a venue can be read from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._assets import ASSETS
from newsgen.gather._source import SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_WINDOWS = ("1h", "24h", "7d", "30d")
_KINDS: dict[int, type[GatherError]] = {429: SourceUnavailable, 500: SourceUnavailable, 503: SourceUnavailable, 401: KeyRefused,
          10002: KeyRefused, 10010: KeyRefused, 10011: KeyRefused}  # fmt: skip
_TREASURIES = {ASSETS[asset].coingecko: asset for asset in ("BTC", "ETH")}
_VALUES = (
    ("current_price", "aggregate.price", "", True),
    ("high_24h", "aggregate.high_24h", "24h", True),
    ("low_24h", "aggregate.low_24h", "24h", True),
    ("ath", "aggregate.ath", "", True),
    ("market_cap", "aggregate.cap", "", False),
    ("total_volume", "aggregate.volume_24h", "24h", False),
)


def _refusal(answer: Answer, body: object) -> None:
    if not isinstance(body, dict):
        return
    error = body.get("error")
    if isinstance(error, str):
        raise SourceRefused(answer.source, answer.request.endpoint, said(error), fetched_at=answer.fetched_at)
    where, holder = ("error.status", error) if isinstance(error, dict) else ("status", body)
    if "status" not in holder:
        return
    status = Fields(answer, holder["status"], where)
    code = status.number("error_code")
    message = said(status.raw("error_message")) if status.has("error_message") else ""
    raise _KINDS.get(int(code), SourceRefused)(
        answer.source, answer.request.endpoint, f"code {code}: {message}", fetched_at=answer.fetched_at
    )


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


def _treasuries(answer: Answer) -> Iterable[Reading]:
    asset = _TREASURIES.get(answer.request.params.get("coin", ""))
    if asset is None:
        raise answer.bad("request", f"names no coin that treasuries are followed of; there are: {', '.join(_TREASURIES)}")
    body = load_json(answer)
    _refusal(answer, body)
    for row in Fields(answer, body, "").rows("companies"):
        codes = {code.strip() for code in row.text("symbol").split(":")}  # NASDAQ:MSTR, and CORZ:NASDAQ too
        company = "Strategy" if "MSTR" in codes else said(row.text("name"))
        yield answer.reading(("treasury.holdings", company, "", asset), row.amount("total_holdings"), Unit.COINS, answer.fetched_at)


_PARSERS = {"coins_markets": _markets, "global": _global, "companies_public_treasury": _treasuries}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    ids = ",".join(ASSETS[a].coingecko for a in assets if a in ASSETS)
    treasuries = [Request("companies_public_treasury", {"coin": coin}) for coin, asset in _TREASURIES.items() if asset in assets]
    return [Request("coins_markets", {"ids": ids}), Request("global"), *treasuries]


SOURCE = Source(
    name="coingecko",
    title="CoinGecko",
    base_url="https://api.coingecko.com",
    endpoints={
        "coins_markets": Endpoint(
            "/api/v3/coins/markets", (*(v[1] for v in _VALUES), *(f"aggregate.change_{window}" for window in _WINDOWS)),
            fixed={"vs_currency": "usd", "price_change_percentage": "1h,24h,7d,30d"},
        ),
        "global": Endpoint("/api/v3/global", ("market.cap", "market.cap_change_24h", "market.volume_24h", "dominance.btc")),
        "companies_public_treasury": Endpoint(
            "/api/v3/companies/public_treasury/{coin}", ("treasury.holdings",), path_params=("coin",), every_s=3600
        ),
    },
    requests=_requests,
    parse=_parse,
    calls=5,
    per_s=60.0,
    terms=Terms(
        "https://www.coingecko.com/en/api_terms", "",
        "the guide to crediting was read: a text of its choice with a link, in sight and close to the figures; of the terms others report"
        " that commercial use goes by the plan, that access must not be resold, and that what is stored is to be refreshed every day",
        credit="Data provided by CoinGecko", credit_url="https://www.coingecko.com", commercial="paid", redistribution="yes",
    ),
    key_env="COINGECKO_API_KEY",
    key_header="x-cg-demo-api-key",
    key_optional=True,
    page="https://www.coingecko.com",
)  # fmt: skip
