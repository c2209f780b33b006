"""Deribit: the volatility index DVOL, open interest of options by expiry, perpetuals of bitcoin and ether.

Host: www.deribit.com, no key. Endpoints: /api/v2/public/{get_volatility_index_data, get_book_summary_by_currency, ticker}. Limit: counted
per address, in credits that refill; about 20 requests a second are reported, far more than are asked. Terms: personal use only, no
publishing without approval (article 4.6 of 2021). Verified against recorded answers of January 2025 (ticker) and October 2026 (DVOL) and
the documentation's examples on 2026-11-25.

Diary:
- 2026-11-25 DVOL is in percent on the wire (47.55), while the documentation's example shows fractions (0.21). It is never guessed which:
  a value below 1 is refused.
- 2026-11-25 DVOL rows are [milliseconds, open, high, low, close], stamped with the bar's start; the last one is still open. A page that is
  cut holds the newest rows and says in `continuation` from where to ask on; a bar needs no other bar, so nothing is missing from it.
- 2026-11-25 an option's open interest is in coins; expiry (08:00 UTC), strike and side stand in its name: BTC-27NOV26-100000-C.
- 2026-11-25 options that settle in USDC have other names (BTC_USDC-...) and are not in a coin's summary: calls and puts are Deribit's
  coin-settled ones.
- 2026-11-25 no field gives the strike of maximum pain: it is worked out here from open interest; where two strikes share it, none is given.
- 2026-11-25 a coin-margined perpetual's open interest is in dollars, unlike an option's.
- 2026-11-25 current_funding is a fraction for eight hours, 0 while the mark is within 0.025 % of the index; funding_8h is what the past
  eight hours have cost, which is no rate of now: it is not read.
- 2026-11-25 refusals are {"error": {"code", "message"}}, with HTTP 400 or 200; 10028 is too_many_requests. usIn and usOut are microseconds.
- 2026-11-25 `testnet` says whether it is play money: refused.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._source import FUTURE, MS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, refuse_wall, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_VENUE = "deribit"
_ASSETS = ("BTC", "ETH")
_COLUMNS = ("time", "open", "high", "low", "close")
_RESOLUTIONS: Mapping[str, tuple[str, timedelta]] = {
    "60": ("", timedelta(minutes=1)),
    "3600": ("1h", timedelta(hours=1)),
    "1D": ("1d", timedelta(days=1)),
}
_NAME = re.compile(r"([A-Z]+)-(\d{1,2}[A-Z]{3}\d{2})-(\d+)-([CP])", re.ASCII)
_SETTLED = timedelta(hours=8)  # of the day of expiry, UTC
_PASSING = (10028, 10040, 10041, 10047, 10066, 11051, 11094, 13503, 13888)  # too many, retry, settlement, full queue, maintenance, time-out
_KEY = (13004, 13009, 13668)


def _result(answer: Answer) -> Fields:
    if answer.body.lstrip().startswith(b"<"):
        refuse_wall(answer)
    body = Fields(answer, load_json(answer), "")
    if body.has("error"):
        _refuse(answer, body.object("error"))
    if body.has("testnet") and body.raw("testnet") is not False:
        raise body.bad("testnet", "an answer of the test network")
    return body


def _refuse(answer: Answer, error: Fields) -> None:
    code, message = error.number("code"), said(error.raw("message")) if error.has("message") else ""
    kind: type[GatherError] = SourceUnavailable if code in _PASSING else KeyRefused if code in _KEY else SourceRefused
    raise kind(answer.source, answer.request.endpoint, f"code {code}: {message}", fetched_at=answer.fetched_at)


def _asked(answer: Answer) -> str:
    currency = answer.request.params.get("currency", "")
    if currency not in _ASSETS:
        raise answer.bad("request", f"currency {currency!r} is not followed; there are: {', '.join(_ASSETS)}")
    return currency


def _dvol(answer: Answer) -> Iterable[Reading]:
    asset, resolution = _asked(answer), answer.request.params.get("resolution", "")
    if resolution not in _RESOLUTIONS:
        raise answer.bad("request", f"resolution {resolution!r} is not followed; there are: {', '.join(_RESOLUTIONS)}")
    window, span = _RESOLUTIONS[resolution]
    bars = [b for row in _result(answer).object("result").arrays("data", _COLUMNS) for b in _bar(answer, row, span)]
    if window:
        for end, values in bars:
            for name, value in values.items():
                yield answer.reading((f"options.dvol_{name}", asset, window, _VENUE), value, Unit.PCT, end, known_at=end)
    elif bars:
        end, values = max(bars, key=lambda bar: bar[0])
        yield answer.reading(("options.dvol", asset, "", _VENUE), values["close"], Unit.PCT, end, known_at=end)


def _bar(answer: Answer, row: Fields, span: timedelta) -> Iterable[tuple[datetime, Mapping[str, Decimal]]]:
    """End and values of a bar that has ended."""
    start = row.moment("time", MS)
    if start.timestamp() % min(span.total_seconds(), 3600):
        raise row.bad("time", f"{start.isoformat()} begins no bar")
    if start > answer.fetched_at + FUTURE:
        raise row.bad("time", f"{start.isoformat()} lies after the fetch at {answer.fetched_at.isoformat()}")
    values = {name: row.price(name) for name in ("open", "high", "low", "close")}
    for name, value in values.items():
        if value < 1:
            raise row.bad(name, f"{value} looks like a fraction where percent belong")
    if values["low"] > min(values.values()) or values["high"] < max(values.values()):
        raise row.bad("high", f"high {values['high']} and low {values['low']} do not span open and close")
    if start + span <= answer.fetched_at:
        yield start + span, values


class _Expiry:
    """Open interest of one expiry, or of all, by strike and side."""

    def __init__(self) -> None:
        self.coins: dict[str, dict[int, Decimal]] = {"C": {}, "P": {}}

    def add(self, side: str, strike: int, coins: Decimal) -> None:
        self.coins[side][strike] = self.coins[side].get(strike, Decimal(0)) + coins

    def pain(self) -> int | None:
        """The strike at which all holders together would be paid least."""
        calls, puts = self.coins["C"], self.coins["P"]
        if not any(calls.values()) or not any(puts.values()):
            return None
        paid = {
            at: sum(c * (at - k) for k, c in calls.items() if k < at) + sum(p * (k - at) for k, p in puts.items() if k > at)
            for at in {*calls, *puts}
        }
        smallest = min(paid.values())
        least = [at for at, coins in paid.items() if coins == smallest]
        return least[0] if len(least) == 1 else None


def _options(answer: Answer) -> Iterable[Reading]:
    asset = _asked(answer)
    rows = _result(answer).rows("result")
    if not rows:
        raise answer.bad("result", "holds no option")
    whole, expiries, at = _Expiry(), defaultdict[datetime, _Expiry](_Expiry), max(row.moment("creation_timestamp", MS) for row in rows)
    if at > answer.fetched_at + FUTURE:
        raise answer.bad("result.creation_timestamp", f"{at.isoformat()} lies after the fetch at {answer.fetched_at.isoformat()}")
    for row in rows:
        due, strike, side = _option(row, asset)
        if due > answer.fetched_at:  # what is settled is nobody's any more
            coins = row.amount("open_interest")
            whole.add(side, strike, coins)
            expiries[due].add(side, strike, coins)
    yield from _sums(answer, whole, asset, "options.", _VENUE, at)
    for due, expiry in expiries.items():
        venue = f"{_VENUE}:{due:%Y-%m-%d}"
        yield from _sums(answer, expiry, asset, "options.expiry_", venue, at)
        pain = expiry.pain()
        if pain is not None:
            yield answer.reading(("options.max_pain", asset, "", venue), Decimal(pain), Unit.USD, at)


def _option(row: Fields, asset: str) -> tuple[datetime, int, str]:
    """Expiry, strike and side from an option's name."""
    name = row.text("instrument_name")
    found = _NAME.fullmatch(name)
    if found is None or found[1] != asset:
        raise row.bad("instrument_name", f"{said(name)[:40]} is no option on {asset}")
    try:
        day = datetime.strptime(found[2], "%d%b%y").replace(tzinfo=UTC)
    except ValueError:
        raise row.bad("instrument_name", f"{said(name)[:40]} names no day") from None
    return day + _SETTLED, int(found[3]), found[4]


def _sums(answer: Answer, expiry: _Expiry, asset: str, series: str, venue: str, at: datetime) -> Iterable[Reading]:
    for side, name in (("C", "calls_oi"), ("P", "puts_oi")):
        if expiry.coins[side]:
            yield answer.reading((series + name, asset, "", venue), sum(expiry.coins[side].values(), Decimal(0)), Unit.COINS, at)


def _ticker(answer: Answer) -> Iterable[Reading]:
    row = _result(answer).object("result")
    name = row.text("instrument_name")
    asset = name.removesuffix("-PERPETUAL")
    if asset == name or asset not in _ASSETS:
        raise row.bad("instrument_name", f"{said(name)[:40]} is no coin-margined perpetual that is followed")
    state = row.text("state")
    if state != "open":
        raise SourceUnavailable(answer.source, answer.request.endpoint, f"the book is {said(state)[:30]}", fetched_at=answer.fetched_at)
    at, last = row.moment("timestamp", MS), row.optional_price("last_price")
    mark, interest, funding = row.price("mark_price"), row.amount("open_interest"), row.number("current_funding")
    yield answer.reading(("perp.mark", asset, "", _VENUE), mark, Unit.USD, at, field_name="timestamp")
    if last is not None:
        yield answer.reading(("perp.last", asset, "", _VENUE), last, Unit.USD, at)
    yield answer.reading(("open_interest.usd", asset, "", _VENUE), interest, Unit.USD, at)
    yield answer.reading(("funding.rate_8h", asset, "8h", _VENUE), funding * 100, Unit.PCT, at)


_PARSERS = {"dvol": _dvol, "dvol_hours": _dvol, "dvol_days": _dvol, "book_summary": _options, "ticker": _ticker}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    followed = [a for a in assets if a in _ASSETS]
    asked = (("dvol", "60"), ("dvol_hours", "3600"), ("dvol_days", "1D"))
    return [
        *(Request(endpoint, {"currency": a, "resolution": r}) for a in followed for endpoint, r in asked),
        *(Request("book_summary", {"currency": a}) for a in followed),
        *(Request("ticker", {"instrument_name": f"{a}-PERPETUAL"}) for a in followed),
    ]


_DVOL = "/api/v2/public/get_volatility_index_data"
_DVOL_BARS = ("options.dvol_open", "options.dvol_high", "options.dvol_low", "options.dvol_close")


def _since(seconds: float) -> Mapping[str, tuple[float, str]]:
    return {"start_timestamp": (seconds, "ms"), "end_timestamp": (0, "ms")}


SOURCE = Source(
    name="deribit",
    title="Deribit",
    base_url="https://www.deribit.com",
    endpoints={
        "dvol": Endpoint(_DVOL, ("options.dvol",), moments=_since(1800)),
        "dvol_hours": Endpoint(_DVOL, _DVOL_BARS, every_s=1800, moments=_since(10 * 86_400)),
        "dvol_days": Endpoint(_DVOL, _DVOL_BARS, every_s=6 * 3600, moments=_since(400 * 86_400)),
        "book_summary": Endpoint(
            "/api/v2/public/get_book_summary_by_currency",
            ("options.calls_oi", "options.puts_oi", "options.expiry_calls_oi", "options.expiry_puts_oi", "options.max_pain"),
            fixed={"kind": "option"}, every_s=900,
        ),
        "ticker": Endpoint("/api/v2/public/ticker", ("perp.last", "perp.mark", "open_interest.usd", "funding.rate_8h")),
    },
    requests=_requests,
    parse=_parse,
    calls=5,
    per_s=1.0,
    terms=Terms(
        "https://insights.deribit.com/exchange-updates/deribit-updates-terms-of-service-as-of-29-january-2021",
        "2026-11-25",
        "article 4.6 as announced for 29 January 2021 (the text of today was not at hand): market data and what is derived from them are "
        "for personal use; aggregating, selling, publishing or passing them on needs Deribit's explicit approval",
        credit="Data: Deribit", credit_url="https://www.deribit.com", commercial="no", redistribution="no",
    ),
    page="https://www.deribit.com",
)  # fmt: skip
