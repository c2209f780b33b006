"""SEC EDGAR: the 8-K filings of companies that hold coins.

Host: data.sec.gov, no key; a User-Agent that names a contact is needed, else 403 as HTML. Endpoint: /submissions/CIK{cik}.json. Limit: ten
requests a second for all of sec.gov. Terms: filings are public. Verified against the documented form (the only recorded answer at hand has
its filings cut off) on 2026-11-25.

Diary:
- 2026-11-25 filings.recent is a table on its side: one list per column, the newest first, about a thousand filings.
- 2026-11-25 acceptanceDateTime ends in Z but is not always UTC: for a fifth of the filers it is the clock of New York (measured by others
  against the filings' own headers, one way or the other per filer). EDGAR takes filings from 6:00 to 22:00 in New York: the reading that
  puts fewer filings outside these hours, or ahead of the fetch, is the right one; where both fit, the later.
- 2026-11-25 filingDate of what comes after 17:30 is the next day: it says nothing about the clock.
- 2026-11-25 a filing says that something was filed, not what: its items are the label ("7.01,8.01"), its document the address.
- 2026-11-25 an 8-K/A corrects an 8-K: it is another form and not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.errors import SourceRefused, SourceUnavailable
from newsgen.gather._source import FUTURE, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_COMPANIES = {1050446: "Strategy"}  # our name for a filer, the same as in treasury.purchase; others under the name they file
_NEW_YORK = ZoneInfo("America/New_York")
_OPENS_H, _CLOSES_H = 6, 22
_COLUMNS = ("accessionNumber", "form", "items", "primaryDocument", "acceptanceDateTime")


def _page(answer: Answer) -> None:
    """What the SEC says of itself as HTML, with 403 or with 200."""
    page = answer.body[:20_000].lower()
    if b"request rate threshold" in page:
        raise SourceUnavailable(answer.source, answer.request.endpoint, "rate limit, as a page", fetched_at=answer.fetched_at)
    if b"undeclared automated tool" in page or b"access denied" in page:
        raise SourceRefused(answer.source, answer.request.endpoint, "wants a contact in User-Agent: set `contact`",
                            fetched_at=answer.fetched_at)  # fmt: skip


def _filings(answer: Answer) -> Iterable[Reading]:
    if answer.body.lstrip().startswith(b"<"):
        _page(answer)
    top = Fields(answer, load_json(answer), "")
    cik, asked = int(top.number("cik")), answer.request.params.get("cik", "")
    if not asked.isdecimal() or int(asked) != cik:
        raise top.bad("cik", f"{cik} is not the company that was asked for, {said(asked)!r}")
    company = _COMPANIES.get(cik) or said(top.text("name"))
    rows = _rows(answer, top.object("filings").object("recent"))
    stamps = [_stamp(row) for row in rows]
    clock = _clock(stamps, answer.fetched_at)
    for row, stamp in zip(rows, stamps, strict=True):
        if row.text("form") == "8-K":
            yield answer.reading(("treasury.filing", company, "", "8-K"), Decimal(1), Unit.COUNT, _moment(stamp, clock),
                                 field_name="filings.recent.acceptanceDateTime", label=_items(row), url=_url(row, cik))  # fmt: skip


def _rows(answer: Answer, recent: Fields) -> list[Fields]:
    """The table upright."""
    columns = {name: recent.list(name) for name in _COLUMNS}
    for name, column in columns.items():
        if len(column) != len(columns["form"]):
            raise recent.bad(name, f"{len(column)} values for {len(columns['form'])} filings")
    return [
        Fields(answer, dict(zip(columns, values, strict=True)), f"filings.recent[{i}]")
        for i, values in enumerate(zip(*columns.values(), strict=True))
    ]


def _stamp(row: Fields) -> datetime:
    """What the clock of the filing shows, whichever clock that is."""
    return row.iso_moment("acceptanceDateTime").astimezone(UTC).replace(tzinfo=None)


def _moment(stamp: datetime, clock: tzinfo) -> datetime:
    return stamp.replace(tzinfo=clock).astimezone(UTC)


def _clock(stamps: Sequence[datetime], fetched_at: datetime) -> tzinfo:
    """UTC or New York, whichever the filer's stamps are in."""

    def misfits(clock: tzinfo) -> int:
        moments = [_moment(stamp, clock) for stamp in stamps]
        return sum(not _OPENS_H <= m.astimezone(_NEW_YORK).hour <= _CLOSES_H or m > fetched_at + FUTURE for m in moments)

    return UTC if misfits(UTC) < misfits(_NEW_YORK) else _NEW_YORK


def _items(row: Fields) -> str:
    items = row.raw("items")
    if not isinstance(items, str):
        raise row.bad("items", "text belongs here")
    return said(items)


def _url(row: Fields, cik: int) -> str:
    """The address of the filing's document; the filing's folder where it names none."""
    number, document = row.text("accessionNumber"), row.raw("primaryDocument")
    if not number.replace("-", "").isdecimal():
        raise row.bad("accessionNumber", f"{said(number)!r} is no number of a filing")
    name = document if isinstance(document, str) and document.isascii() and not set(document) & set("?#\\<>\"' ") else ""
    return f"https://www.sec.gov/Archives/edgar/data/{cik}/{number.replace('-', '')}/{name}"


def _parse(answer: Answer) -> list[Reading]:
    return list(_filings(answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request("submissions", {"cik": f"{cik:010}"}) for cik in _COMPANIES]


SOURCE = Source(
    name="sec_edgar",
    title="SEC EDGAR",
    base_url="https://data.sec.gov",
    endpoints={"submissions": Endpoint("/submissions/CIK{cik}.json", ("treasury.filing",), path_params=("cik",), every_s=600)},
    requests=_requests,
    parse=_parse,
    calls=5,
    per_s=1.0,
    terms=Terms(
        "https://www.sec.gov/privacy", "2026-11-25",
        "what stands on sec.gov is public and may be copied and passed on without leave, a citation is welcome, its seal is not to be used"
        " (the statement as others quote it in full); at most ten requests a second, under a name and an address",
        credit="Source: U.S. Securities and Exchange Commission",
        credit_url="https://www.sec.gov/edgar", commercial="yes", redistribution="yes",
    ),
    contact_needed=True,
    page="https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK=1050446&type=8-K",
    statuses={403: (SourceRefused, "wants a contact in User-Agent, or was asked too often")},
)  # fmt: skip
