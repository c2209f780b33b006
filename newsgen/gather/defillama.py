"""DefiLlama: supply of stablecoins, value locked in decentralised finance.

Host: api.llama.fi, and stablecoins.llama.fi for stablecoins; no key. Endpoints: /stablecoins, /stablecoincharts/all, /v2/chains,
/v2/historicalChainTvl. Limit: none is documented, abuse is answered with 429; data change hourly, histories daily, and are asked so.
Terms: free, were not at hand. Verified against recorded answers of August 2026 (stablecoincharts, chains) and against the documented form
of the other two, not yet against a live answer of theirs, on 2026-11-25.

Diary:
- 2026-11-25 `date` of stablecoincharts is text, that of historicalChainTvl a number; both seconds, of 00:00 UTC of a day.
- 2026-11-25 totalCirculatingUSD is in dollars under every key (peggedEUR too): the total is the sum of all keys, whose set grows.
- 2026-11-25 `circulating` of a single coin counts tokens of its peg, not what they trade for: of USDT and USDC that is dollars at par.
- 2026-11-25 the row of the running day is still filled, and a row that is not of midnight is the value of now: the first is partial, the
  second is left out.
- 2026-11-25 a chain's tvl of 0 is a chain that is followed and empty; one without tvl makes the sum a part.
- 2026-11-25 one token may stand for two chains (BSC and Binance): names are counted, not tokens. The sum is taken to exclude double
  counting as the history does; the documentation says so of the history alone.
- 2026-11-25 histories begin in 2017: rows older than 400 days are not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from newsgen.errors import GatherError, SourceRefused, SourceUnavailable
from newsgen.gather._source import FUTURE, SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, refuse_wall, said
from newsgen.market import Completeness, Reading, Unit

__all__ = ["SOURCE"]

_COINS = {"1": "USDT", "2": "USDC"}  # by DefiLlama's id: other coins bear the same symbols
_DOLLAR = "peggedUSD"
_OLDEST = timedelta(days=400)
_PASSING = ("rate limit", "too many", "internal server error", "unavailable", "timeout", "timed out")


def _body(answer: Answer) -> Any:
    if answer.body.lstrip().startswith(b"<"):
        refuse_wall(answer)
    body = load_json(answer)
    if isinstance(body, dict) and ("message" in body or "error" in body):
        problem = ": ".join(said(body[name]) for name in ("error", "message") if body.get(name)) or "refused without a word"
        passing = any(words in problem.lower() for words in _PASSING)
        kind: type[GatherError] = SourceUnavailable if passing else SourceRefused
        raise kind(answer.source, answer.request.endpoint, problem, fetched_at=answer.fetched_at)
    return body


def _rows(answer: Answer, what: str) -> list[Fields]:
    body = _body(answer)
    if not isinstance(body, list):
        raise answer.bad("body", f"a list of {what} belongs here")
    if not body:
        raise answer.bad("body", f"holds no {what}")
    return [Fields(answer, row, f"[{i}]") for i, row in enumerate(body)]


def _stablecoins(answer: Answer) -> Iterable[Reading]:
    missing = dict(_COINS)
    for row in Fields(answer, _body(answer), "").rows("peggedAssets"):
        symbol = missing.pop(row.text("id"), None)
        if symbol is None:
            continue
        if (row.text("symbol"), row.text("pegType")) != (symbol, _DOLLAR):
            raise row.bad("symbol", f"{said(row.text('symbol'))[:20]} where {symbol} against the dollar belongs")
        supply = row.object("circulating").amount(_DOLLAR)
        yield answer.reading(("stablecoins.supply", symbol, "", ""), supply, Unit.USD, answer.fetched_at)
    if missing:
        raise answer.bad("peggedAssets", f"{' and '.join(missing.values())} is missing")


def _days(answer: Answer, rows: Sequence[Fields]) -> Iterable[tuple[Fields, datetime, Completeness]]:
    """The rows of midnight, each with its moment, those of the running day as a part."""
    today = datetime.combine(answer.fetched_at.astimezone(UTC).date(), time(), UTC)
    for row in rows:
        at = row.moment("date", SECONDS)
        if at > answer.fetched_at + FUTURE:
            raise row.bad("date", f"{at.isoformat()} lies after the fetch at {answer.fetched_at.isoformat()}")
        if at >= answer.fetched_at - _OLDEST and at.time() == time():
            yield row, at, Completeness.PARTIAL if at >= today else Completeness.FINAL


def _charts(answer: Answer) -> Iterable[Reading]:
    for row, at, state in _days(answer, _rows(answer, "days")):
        total, whole = _total(row.object("totalCirculatingUSD"))
        shown = state if whole else Completeness.PARTIAL
        yield answer.reading(("stablecoins.supply", "market", "1d", ""), total, Unit.USD, at, completeness=shown)


def _total(pegs: Fields) -> tuple[Decimal, bool]:
    """The sum over all pegs, and whether each of them has a value; the dollar's must."""
    total, whole = pegs.amount(_DOLLAR), True
    for name in pegs.names():
        if not name.startswith("pegged"):
            raise pegs.bad(name[:30], "is no peg")
        value = pegs.optional_amount(name)
        whole = whole and value is not None
        if name != _DOLLAR and value is not None:
            total += value
    return total, whole


def _chains(answer: Answer) -> Iterable[Reading]:
    total, state = Decimal(0), Completeness.FINAL
    seen: set[str] = set()
    for row in _rows(answer, "chains"):
        name = row.text("name")
        if name in seen:
            raise row.bad("name", f"{said(name)[:30]} is there twice")
        seen.add(name)
        value = row.optional_amount("tvl")
        if value is None:
            state = Completeness.PARTIAL
        total += value or Decimal(0)
    yield answer.reading(("defi.tvl", "market", "", ""), total, Unit.USD, answer.fetched_at, completeness=state)


def _history(answer: Answer) -> Iterable[Reading]:
    for row, at, state in _days(answer, _rows(answer, "days")):
        yield answer.reading(("defi.tvl", "market", "1d", ""), row.amount("tvl"), Unit.USD, at, completeness=state)


_PARSERS = {"stablecoins": _stablecoins, "stablecoincharts": _charts, "chains": _chains, "historical_chain_tvl": _history}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request("stablecoins"), Request("stablecoincharts"), Request("chains"), Request("historical_chain_tvl")]


_STABLECOINS = "https://stablecoins.llama.fi"
_SUPPLY, _TVL = ("stablecoins.supply",), ("defi.tvl",)

SOURCE = Source(
    name="defillama",
    title="DefiLlama",
    base_url="https://api.llama.fi",
    endpoints={
        "stablecoins": Endpoint("/stablecoins", _SUPPLY, fixed={"includePrices": "false"}, host=_STABLECOINS, every_s=3600),
        "stablecoincharts": Endpoint("/stablecoincharts/all", _SUPPLY, host=_STABLECOINS, every_s=6 * 3600),
        "chains": Endpoint("/v2/chains", _TVL, every_s=3600),
        "historical_chain_tvl": Endpoint("/v2/historicalChainTvl", _TVL, every_s=6 * 3600),
    },
    requests=_requests,
    parse=_parse,
    calls=30,
    per_s=60.0,
    terms=Terms(
        "https://defillama.com/terms", "", "free without a key; the terms were not at hand",
        credit="Data: DefiLlama", credit_url="https://defillama.com",
    ),
    page="https://defillama.com",
)  # fmt: skip
