"""SoSoValue: net flows and assets of the US spot funds, all together and fund by fund.

Host: openapi.sosovalue.com, header x-soso-api-key (free); the older API is on api.sosovalue.xyz. Endpoints: GET
/openapi/v1/etfs/summary-history, GET /openapi/v1/etfs/{ticker}/history, POST /openapi/v2/etf/historicalInflowChart. Limit: 20 calls a
minute, 100,000 a month (the older API: 1,000). Terms: of the owner's terms of service only the beginning was at hand. Verified against the
documentation's examples, not yet against a live answer, on 2026-11-25.

Diary:
- 2026-11-25 the new API is documented to answer with a bare list, and seen with {"code": 0, "data": [...]}; the older writes `data` as a
  list or as {"list": [...]}. Names are snake_case in the new one, camelCase in the older.
- 2026-11-25 amounts are dollars with 16 decimals; an outflow is negative. Premiums and shares are fractions, and are not read.
- 2026-11-25 `date` is a text of the New York session; for a fund it is documented as a timestamp and printed as a text: both are read.
- 2026-11-25 in the evening the total lacks the funds that have not reported: it is partial until seven the next morning in London.
- 2026-11-25 errors write `msg` or `message`; 40001 is printed for a wrong key and for a wrong parameter, so its words decide.
- 2026-11-25 the older API's 300 days are not asked for in a round: the flows of the last sessions are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._source import MS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Completeness, Reading, Unit

__all__ = ["SOURCE"]

_NEW_YORK, _LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
_TYPES: Mapping[str, str] = {"us-btc-spot": "BTC", "us-eth-spot": "ETH"}
_FUNDS: Mapping[str, str] = {
    **dict.fromkeys(("IBIT", "FBTC", "GBTC", "ARKB", "BITB", "HODL", "BRRR", "EZBC", "BTCO", "BTCW", "DEFI", "BTC"), "BTC"),
    **dict.fromkeys(("ETHA", "FETH", "ETHE", "ETHW", "ETHV", "EZET", "QETH", "TETH", "ETH"), "ETH"),
}
_ASKED: Mapping[str, tuple[str, ...]] = {"BTC": ("IBIT", "FBTC", "GBTC", "ARKB"), "ETH": ("ETHA", "FETH", "ETHE")}
_KEY = ("400101", "400102", "401", "AUTH_REQUIRED")
_PASSING = ("402901", "42901", "429", "500001", "500301", "500", "503", "RATE_LIMITED", "INTERNAL_ERROR")


def _rows(answer: Answer) -> list[Fields]:
    """The rows, bare or in an envelope."""
    body = load_json(answer)
    if isinstance(body, list):
        return [Fields(answer, row, f"[{i}]") for i, row in enumerate(body)]
    top = Fields(answer, body, "")
    code = str(top.raw("code"))
    if code != "0":
        _raise(answer, code, _words(top))
    inner = top.raw("data")
    return top.object("data").rows("list") if isinstance(inner, dict) else top.rows("data")


def _words(top: Fields) -> str:
    return next((said(top.raw(name)) for name in ("msg", "message") if top.has(name)), "")


def _raise(answer: Answer, code: str, message: str) -> None:
    error: type[GatherError] = SourceRefused
    if code in _KEY or "api key" in message.lower():
        error = KeyRefused
    elif code in _PASSING:
        error = SourceUnavailable
    raise error(answer.source, answer.request.endpoint, f"code {said(code)}: {message}", fetched_at=answer.fetched_at)


def _summary(answer: Answer) -> Iterable[Reading]:
    asset, country = answer.request.params.get("symbol", ""), answer.request.params.get("country_code", "")
    if asset not in _ASKED or country != "US":
        raise answer.bad("request", f"symbol {asset!r} in {country!r} names no funds that are followed")
    yield from _totals(answer, asset, "total_net_inflow", "total_net_assets")


def _chart(answer: Answer) -> Iterable[Reading]:
    asset = _TYPES.get(answer.request.params.get("type", ""))
    if asset is None:
        raise answer.bad("request", f"type is followed as {' or '.join(_TYPES)}")
    yield from _totals(answer, asset, "totalNetInflow", "totalNetAssets")


def _totals(answer: Answer, asset: str, flow_name: str, assets_name: str) -> Iterable[Reading]:
    for row in _rows(answer):
        day = _day(row)
        if _runs(answer, day):
            continue
        origin: dict[str, Any] = {"field_name": "date", "completeness": _state(answer, day, Completeness.PARTIAL)}
        flow, held = row.optional(flow_name), row.optional_amount(assets_name)
        if flow is not None:
            yield answer.reading(("etf.net_flow", asset, "session", "us"), flow, Unit.USD, _close_of(day), **origin)
        if held:
            yield answer.reading(("etf.net_assets", asset, "session", "us"), held, Unit.USD, _close_of(day), **origin)


def _fund(answer: Answer) -> Iterable[Reading]:
    ticker = answer.request.params.get("ticker", "")
    if ticker not in _FUNDS:
        raise answer.bad("request", f"ticker {ticker!r} is not followed")
    for row in _rows(answer):
        if row.text("ticker").upper() != ticker:
            raise row.bad("ticker", f"{ticker} was asked for")
        day, flow = _day(row), row.optional("net_inflow")
        if flow is not None and not _runs(answer, day):
            yield answer.reading(("etf.fund_flow", _FUNDS[ticker], "session", ticker), flow, Unit.USD, _close_of(day),
                                 field_name="date", completeness=_state(answer, day, Completeness.PRELIMINARY))  # fmt: skip


def _day(row: Fields) -> date:
    """The session's day, as text or as milliseconds of its midnight."""
    if not isinstance(row.raw("date"), str):
        return row.moment("date", MS).date()
    try:
        return date.fromisoformat(row.text("date"))
    except ValueError:
        raise row.bad("date", "is no date") from None


def _close_of(day: date) -> datetime:
    return datetime.combine(day, time(16), _NEW_YORK).astimezone(UTC)


def _runs(answer: Answer, day: date) -> bool:
    """Whether this is the session in progress; one of a later day is a fault that the reading refuses."""
    return day == answer.fetched_at.astimezone(_NEW_YORK).date() and _close_of(day) > answer.fetched_at


def _state(answer: Answer, day: date, until: Completeness) -> Completeness:
    morning = datetime.combine(day + timedelta(days=1), time(7), _LONDON)
    return Completeness.FINAL if answer.fetched_at >= morning else until


def _left(headers: Mapping[str, str]) -> int | None:
    left = headers.get("x-ratelimit-remaining", "").strip()
    return int(left) if left.isascii() and left.isdigit() else None


_PARSERS = {"summary_history": _summary, "ticker_history": _fund, "historical_inflow_chart": _chart}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    wanted = [a for a in assets if a in _ASKED]
    totals = [Request("summary_history", {"symbol": a, "country_code": "US", "limit": "10"}) for a in wanted]
    return totals + [Request("ticker_history", {"ticker": t, "limit": "5"}) for a in wanted for t in _ASKED[a]]


_TOTALS = ("etf.net_flow", "etf.net_assets")

SOURCE = Source(
    name="sosovalue",
    title="SoSoValue",
    base_url="https://openapi.sosovalue.com",
    endpoints={
        "summary_history": Endpoint("/openapi/v1/etfs/summary-history", _TOTALS, every_s=3600),
        "ticker_history": Endpoint("/openapi/v1/etfs/{ticker}/history", ("etf.fund_flow",), path_params=("ticker",), every_s=3 * 3600),
        "historical_inflow_chart": Endpoint(
            "/openapi/v2/etf/historicalInflowChart", _TOTALS, host="https://api.sosovalue.xyz", method="POST", every_s=86_400
        ),
    },
    requests=_requests,
    parse=_parse,
    calls=15,
    per_s=60.0,
    calls_a_day=3000,
    terms=Terms(
        "https://alpha.sosovalue.xyz/blog/terms-of-service",
        "",
        "only the beginning of the terms was at hand: they cover the API and its data; what they say of showing figures was not read",
        "SoSoValue",
        "https://sosovalue.com",
    ),
    key_env="SOSOVALUE_API_KEY",
    key_header="x-soso-api-key",
    page="https://sosovalue.com/assets/etf/us-btc-spot",
    calls_left=_left,
)
