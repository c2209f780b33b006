"""CoinMarketCap: prices averaged over venues, market value, dominance, and its own fear and greed index.

Host: pro-api.coinmarketcap.com, header X-CMC_PRO_API_KEY (a free plan is enough). Endpoints: /v2/cryptocurrency/quotes/latest,
/v1/global-metrics/quotes/latest, /v3/fear-and-greed/historical. Limit: 30 calls a minute and 10,000 credits a month on the free plan.
Terms: internal use; to show its figures needs consent in writing. Verified against a recorded coin of August 2021, test data of August 2026
and the documentation's examples on 2026-11-25.

Diary:
- 2026-11-25 symbols are not unique: v2 answers a symbol with a list of coins, an id with one. A coin is known by its id.
- 2026-11-25 status.error_code is 0 on success; keys 1001, 1002, 1005, 1007, plans 1003, 1004, 1006, limits 1008 to 1011.
- 2026-11-25 members can be null (max_supply, a young coin's changes); a market value of 0 means unknown.
- 2026-11-25 of the market's value the change "yesterday" is not said to be over 24 hours: it is not read.
- 2026-11-25 fear and greed writes its numbers as numbers, and has been seen to write timestamps as text; it is not alternative.me's index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._source import SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_IDS: Mapping[str, str] = {
    "BTC": "1", "ETH": "1027", "SOL": "5426", "XRP": "52", "DOGE": "74", "BNB": "1839", "ADA": "2010", "USDT": "825",
}  # fmt: skip
_ASSETS = {number: asset for asset, number in _IDS.items()}
_WINDOWS = ("1h", "24h", "7d", "30d")
_KEY, _LIMIT = ("1001", "1002", "1005", "1007", "401"), ("1008", "1009", "1010", "1011", "429")


def _body(answer: Answer) -> Fields:
    top = Fields(answer, load_json(answer), "")
    status = top.object("status")
    code = str(status.raw("error_code"))
    if code != "0":
        _raise(answer, code, said(status.raw("error_message")) if status.has("error_message") else "")
    return top


def _raise(answer: Answer, code: str, message: str) -> None:
    error: type[GatherError] = SourceRefused
    if code in _KEY:
        error = KeyRefused
    elif code in _LIMIT or (len(code) == 3 and code.startswith("5")):
        error = SourceUnavailable
    raise error(answer.source, answer.request.endpoint, f"code {said(code)}: {message}", fetched_at=answer.fetched_at)


def _quotes(answer: Answer) -> Iterable[Reading]:
    data = _body(answer).raw("data")
    if not isinstance(data, dict):
        raise answer.bad("data", f"an object belongs here, not {type(data).__name__}")
    for name, found in data.items():
        where = f"data.{said(name)[:20]}"
        for i, coin in enumerate(found if isinstance(found, list) else [found]):
            yield from _coin(answer, Fields(answer, coin, f"{where}[{i}]" if isinstance(found, list) else where))


def _coin(answer: Answer, row: Fields) -> Iterable[Reading]:
    """The readings of one coin; none of another coin under the symbol of one that is followed."""
    subject = _ASSETS.get(f"{row.number('id'):f}")
    if subject is None:
        return
    if row.text("symbol").upper() != subject:
        raise row.bad("symbol", f"id {_IDS[subject]} is {subject}")
    quote = row.object("quote").object("USD")
    at = quote.iso_moment("last_updated")
    yield answer.reading(("aggregate.price", subject, "", ""), quote.price("price"), Unit.USD, at, field_name="last_updated")
    cap, volume = quote.optional_amount("market_cap"), quote.optional_amount("volume_24h")
    if cap:
        yield answer.reading(("aggregate.cap", subject, "", ""), cap, Unit.USD, at)
    if volume is not None:
        yield answer.reading(("aggregate.volume_24h", subject, "24h", ""), volume, Unit.USD, at)
    for window in _WINDOWS:
        change = quote.optional(f"percent_change_{window}")
        if change is not None:
            yield answer.reading((f"aggregate.change_{window}", subject, window, ""), change, Unit.PCT, at)


def _global(answer: Answer) -> Iterable[Reading]:
    data = _body(answer).object("data")
    at, usd = data.iso_moment("last_updated"), data.object("quote").object("USD")
    dominance = data.price("btc_dominance")
    if dominance >= 100:
        raise data.bad("btc_dominance", f"a share cannot be {dominance}")
    yield answer.reading(("market.cap", "market", "", ""), usd.price("total_market_cap"), Unit.USD, at, field_name="data.last_updated")
    yield answer.reading(("market.volume_24h", "market", "24h", ""), usd.amount("total_volume_24h"), Unit.USD, at)
    yield answer.reading(("dominance.btc", "market", "", ""), dominance, Unit.PCT, at)


def _fear_and_greed(answer: Answer) -> Iterable[Reading]:
    for row in _body(answer).rows("data"):
        value = row.amount("value")
        if value > 100:
            raise row.bad("value", f"the index ends at 100, not {value}")
        at = row.moment("timestamp", SECONDS)
        yield answer.reading(("sentiment.fear_greed", "market", "1d", ""), value, Unit.INDEX, at, field_name="timestamp",
                             label=row.text("value_classification"))  # fmt: skip


_PARSERS = {"quotes": _quotes, "global_metrics": _global, "fear_and_greed": _fear_and_greed}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    ids = ",".join(_IDS[a] for a in assets if a in _IDS)
    quotes = [Request("quotes", {"id": ids})] if ids else []
    return [*quotes, Request("global_metrics"), Request("fear_and_greed", {"limit": "3"})]


_QUOTES = ("aggregate.price", "aggregate.cap", "aggregate.volume_24h", *(f"aggregate.change_{w}" for w in _WINDOWS))

SOURCE = Source(
    name="coinmarketcap",
    title="CoinMarketCap",
    base_url="https://pro-api.coinmarketcap.com",
    endpoints={
        "quotes": Endpoint("/v2/cryptocurrency/quotes/latest", _QUOTES, fixed={"convert": "USD"}, every_s=900),
        "global_metrics": Endpoint(
            "/v1/global-metrics/quotes/latest", ("market.cap", "market.volume_24h", "dominance.btc"), fixed={"convert": "USD"}, every_s=900
        ),
        "fear_and_greed": Endpoint("/v3/fear-and-greed/historical", ("sentiment.fear_greed",), every_s=3 * 3600),
    },
    requests=_requests,
    parse=_parse,
    calls=25,
    per_s=60.0,
    calls_a_day=320,
    terms=Terms(
        "https://coinmarketcap.com/api/terms/",
        "",
        "only the beginning of the terms was at hand: use, copies and works from the data for internal purposes; to show or pass on "
        "the data, or what rests on it, needs consent in writing",
        "CoinMarketCap",
        "https://coinmarketcap.com",
        redistribution="no",
    ),
    key_env="COINMARKETCAP_API_KEY",
    key_header="X-CMC_PRO_API_KEY",
    page="https://coinmarketcap.com",
    statuses={402: (SourceRefused, "the plan is not paid for")},
)
