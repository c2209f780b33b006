"""alternative.me: the crypto fear and greed index.

Host: api.alternative.me, no key. Endpoint: /fng/?limit=N (0 gives all history). Limit: about 60 requests a minute.
Terms: free, credit required. Verified against a recorded answer of April 2026 and the documentation's example on 2026-11-24.

Diary:
- 2026-11-24 value and timestamp are text, seconds at 00:00 UTC; newest first; time_until_update stands only beside the newest.
- 2026-11-24 a fault comes as text in metadata.error, with HTTP 200.
- 2026-11-24 the class is printed as sent, never derived from the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from newsgen.errors import SourceUnavailable
from newsgen.gather._source import SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]


def _index(answer: Answer) -> Iterable[Reading]:
    top = Fields(answer, load_json(answer), "")
    metadata = top.object("metadata")
    if metadata.has("error"):
        raise SourceUnavailable(answer.source, answer.request.endpoint, said(metadata.raw("error")), fetched_at=answer.fetched_at)
    for row in top.rows("data"):
        value = row.amount("value")
        if value > 100:
            raise row.bad("value", f"the index ends at 100, not {value}")
        at = row.moment("timestamp", SECONDS)
        yield answer.reading(("sentiment.fear_greed", "market", "1d", ""), value, Unit.INDEX, at, field_name="timestamp",
                             label=row.text("value_classification"))  # fmt: skip


def _parse(answer: Answer) -> list[Reading]:
    return list(_index(answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request("fng", {"limit": "2"})]


SOURCE = Source(
    name="alternative_me",
    title="alternative.me",
    base_url="https://api.alternative.me",
    endpoints={"fng": Endpoint("/fng/", ("sentiment.fear_greed",), every_s=1800)},
    requests=_requests,
    parse=_parse,
    calls=30,
    per_s=60.0,
    terms=Terms(
        "https://alternative.me/crypto/fear-and-greed-index/", "2026-11-25",
        "the source must be named in sight; commercial use as long as the credit stands right next to the figure; no service that could be"
        " taken for theirs (their rules, as stored beside a client of their interface)",
        credit="Fear and Greed Index: alternative.me",
        credit_url="https://alternative.me/crypto/fear-and-greed-index/", commercial="yes", redistribution="yes",
    ),
    page="https://alternative.me/crypto/fear-and-greed-index/",
)  # fmt: skip
