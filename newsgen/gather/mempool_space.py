"""mempool.space: height, difficulty, hash rate and fees of the Bitcoin network.

Host: mempool.space, no key. Endpoints: /api/v1/difficulty-adjustment, /api/v1/fees/recommended, /api/v1/mining/hashrate/3d,
/api/blocks/tip/height. Limit: enforced and not disclosed, 429 and a ban for who repeats it; 10 a minute is what others hold safe, and far
more than is asked. Terms: were not at hand. Verified against a recorded answer of August 2026 (difficulty-adjustment) and the
documentation's examples on 2026-11-25.

Diary:
- 2026-11-25 one answer mixes units: estimatedRetargetDate and remainingTime are milliseconds, previousTime is seconds.
- 2026-11-25 difficultyChange is percent and an estimate for the coming retarget; previousRetarget is the last one, and is not read.
- 2026-11-25 remainingBlocks is at most 2016; the height in the answer is that of the next retarget, not of now.
- 2026-11-25 a hash rate is an integer above 2^63, and above what a float holds exactly: read as a decimal. It is an estimate from the
  blocks of the past days.
- 2026-11-25 the height comes as a bare number. Fees are satoshi per virtual byte, whole or with a fraction.
- 2026-11-25 none of the answers has a time of its own: observed when fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from newsgen.errors import GatherError, SourceRefused, SourceUnavailable
from newsgen.gather._source import FUTURE, MS, SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, refuse_wall, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_PERIOD = 2016  # blocks between two retargets
_LONGEST = timedelta(days=120)  # a period of two weeks has never been near it
_PASSING = ("too many", "rate limit", "unavailable", "internal server error", "timeout")


def _body(answer: Answer) -> Any:
    if answer.body.lstrip().startswith(b"<"):
        refuse_wall(answer)
    low = answer.body[:200].decode("utf-8", "replace").strip().lower()
    if low[:1] not in "{[" and any(words in low for words in _PASSING):  # said as plain text
        raise SourceUnavailable(answer.source, answer.request.endpoint, said(low), fetched_at=answer.fetched_at)
    body = load_json(answer)
    if isinstance(body, dict) and ("error" in body or "message" in body):
        problem = said(body.get("error") or body.get("message") or "refused without a word")
        passing = any(words in problem.lower() for words in _PASSING)
        kind: type[GatherError] = SourceUnavailable if passing else SourceRefused
        raise kind(answer.source, answer.request.endpoint, problem, fetched_at=answer.fetched_at)
    return body


def _adjustment(answer: Answer) -> Iterable[Reading]:
    row, at = Fields(answer, _body(answer), ""), answer.fetched_at
    change, blocks = row.number("difficultyChange"), row.amount("remainingBlocks")
    if blocks > _PERIOD or blocks % 1:
        raise row.bad("remainingBlocks", f"{blocks} is no number of blocks to a retarget")
    previous, due = row.moment("previousTime", SECONDS), row.moment("estimatedRetargetDate", MS)
    if previous > at + FUTURE:
        raise row.bad("previousTime", f"{previous.isoformat()} lies after the fetch at {at.isoformat()}")
    if not previous < due < previous + _LONGEST:
        raise row.bad("estimatedRetargetDate", f"{due.isoformat()} is no retarget after that of {previous.isoformat()}")
    yield answer.reading(("network.difficulty_change", "BTC", "", ""), change, Unit.PCT, at)
    yield answer.reading(("network.blocks_to_retarget", "BTC", "", ""), blocks, Unit.COUNT, at)
    yield answer.reading(("network.retarget_at", "BTC", "", ""), row.number("estimatedRetargetDate") * MS, Unit.COUNT, at)


def _fees(answer: Answer) -> Iterable[Reading]:
    row = Fields(answer, _body(answer), "")
    fast, hour = row.price("fastestFee"), row.price("hourFee")
    if fast < hour:
        raise row.bad("fastestFee", f"{fast} is below the fee of an hour, {hour}")
    yield answer.reading(("network.fee_fast", "BTC", "", ""), fast, Unit.COUNT, answer.fetched_at)
    yield answer.reading(("network.fee_hour", "BTC", "", ""), hour, Unit.COUNT, answer.fetched_at)


def _hashrate(answer: Answer) -> Iterable[Reading]:
    row = Fields(answer, _body(answer), "")
    yield answer.reading(("network.hashrate", "BTC", "", ""), row.price("currentHashrate"), Unit.COUNT, answer.fetched_at)
    yield answer.reading(("network.difficulty", "BTC", "", ""), row.price("currentDifficulty"), Unit.COUNT, answer.fetched_at)


def _height(answer: Answer) -> Iterable[Reading]:
    height = Fields(answer, {"body": _body(answer)}, "").price("body")
    if height % 1:
        raise answer.bad("body", f"{height} is no height")
    yield answer.reading(("network.height", "BTC", "", ""), height, Unit.COUNT, answer.fetched_at)


_PARSERS = {"difficulty_adjustment": _adjustment, "fees": _fees, "hashrate": _hashrate, "height": _height}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request(endpoint) for endpoint in ("difficulty_adjustment", "fees", "hashrate", "height")] if "BTC" in assets else []


SOURCE = Source(
    name="mempool_space",
    title="mempool.space",
    base_url="https://mempool.space",
    endpoints={
        "difficulty_adjustment": Endpoint(
            "/api/v1/difficulty-adjustment", ("network.difficulty_change", "network.blocks_to_retarget", "network.retarget_at"),
            every_s=1800,
        ),
        "fees": Endpoint("/api/v1/fees/recommended", ("network.fee_fast", "network.fee_hour"), every_s=300),
        "hashrate": Endpoint("/api/v1/mining/hashrate/3d", ("network.hashrate", "network.difficulty"), every_s=3600),
        "height": Endpoint("/api/blocks/tip/height", ("network.height",), every_s=600),
    },
    requests=_requests,
    parse=_parse,
    calls=8,
    per_s=60.0,
    terms=Terms(
        "https://mempool.space/terms-of-service", "",
        "a free service whose limits are enforced, with a ban for who repeats; the project asks heavy users to sponsor it or to run "
        "their own instance; the terms were not at hand",
        credit="Data: mempool.space", credit_url="https://mempool.space",
    ),
    page="https://mempool.space",
)  # fmt: skip
