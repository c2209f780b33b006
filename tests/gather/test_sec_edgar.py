"""SEC EDGAR: 8-K filings out of lists side by side, at the moment they were accepted, on whichever clock the filer's stamps are."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from newsgen.errors import SourceRefused, SourceUnavailable
from newsgen.gather import gather, parse_payload, sources
from newsgen.gather._http import Caps
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty

FILINGS, CUT = "submissions_strategy.json", "submissions_SPY_trimmed.json"
STRATEGY = {"cik": "0001050446"}
CASES = [("submissions", STRATEGY, FILINGS)]
COLUMNS = ("accessionNumber", "form", "items", "primaryDocument", "acceptanceDateTime")
FOLDER = "https://www.sec.gov/Archives/edgar/data/1050446"


def _with(column: str, values: list[Any]) -> bytes:
    return changed("sec_edgar", FILINGS, lambda d: d["filings"]["recent"].update({column: values}))


def test_each_8k_is_one_filing_with_its_items_and_its_address() -> None:
    """Four filings: two 8-K, a correction and an insider's form; the older 8-K names no document."""
    readings = parse_payload("sec_edgar", "submissions", STRATEGY, body("sec_edgar", FILINGS), NOW)
    assert {r.key for r in readings} == {("treasury.filing", "Strategy", "", "sec_edgar", "8-K")}
    assert [(iso(r.observed_at), r.value, r.unit, r.origin.label, r.origin.url) for r in readings] == [
        ("2026-10-26T12:00:29Z", 1, Unit.COUNT, "7.01,8.01", f"{FOLDER}/000119312526000004/mstr-20261026.htm"),
        ("2026-03-09T12:02:44Z", 1, Unit.COUNT, "7.01,8.01,9.01", f"{FOLDER}/000119312526000001/"),
    ]
    assert {r.known_at for r in readings} == {NOW}


def test_a_recorded_answer_without_its_filings_is_missed_by_name() -> None:
    faulty("sec_edgar", "submissions", {"cik": "0000884394"}, body("sec_edgar", CUT), "filings")


def test_stamps_that_would_lie_outside_the_hours_are_new_yorks() -> None:
    """08:00 in UTC is 04:00 in New York, when EDGAR is closed; 08:00 in New York is 12:00 UTC in summer and 13:00 in winter."""
    stamps = ["2026-10-26T08:00:29.000Z", "2026-10-19T20:31:07.000Z", "2026-10-19T08:05:11.000Z", "2026-03-06T08:02:44.000Z"]
    readings = parse_payload("sec_edgar", "submissions", STRATEGY, _with("acceptanceDateTime", stamps), NOW)
    assert [iso(r.observed_at) for r in readings] == ["2026-10-26T12:00:29Z", "2026-03-06T13:02:44Z"]


def test_a_stamp_that_would_lie_ahead_is_utc_and_without_evidence_it_is_the_later() -> None:
    noon = ["2026-10-26T15:00:00.000Z"] * 4
    at = datetime(2026, 10, 26, 15, 5, tzinfo=UTC)  # 15:00 in New York is four hours away
    early = parse_payload("sec_edgar", "submissions", STRATEGY, _with("acceptanceDateTime", noon), at)
    assert {iso(r.observed_at) for r in early} == {"2026-10-26T15:00:00Z"}
    late = parse_payload("sec_edgar", "submissions", STRATEGY, _with("acceptanceDateTime", noon), NOW)
    assert {iso(r.observed_at) for r in late} == {"2026-10-26T19:00:00Z"}  # true by then in either case


def test_a_filing_from_the_future_is_refused() -> None:
    stamps = ["2026-11-02T15:00:00.000Z", "2026-10-20T00:31:07.000Z", "2026-10-19T12:05:11.000Z", "2026-03-09T12:02:44.000Z"]
    faulty("sec_edgar", "submissions", STRATEGY, _with("acceptanceDateTime", stamps), "filings.recent.acceptanceDateTime")


def test_another_company_is_refused_and_one_that_is_not_ours_keeps_its_name() -> None:
    faulty("sec_edgar", "submissions", {"cik": "0001679788"}, body("sec_edgar", FILINGS), "cik")
    faulty("sec_edgar", "submissions", {}, body("sec_edgar", FILINGS), "cik")
    coinbase = changed("sec_edgar", FILINGS, lambda d: d.update(cik="0001679788", name="Coinbase Global, Inc."))
    readings = parse_payload("sec_edgar", "submissions", {"cik": "0001679788"}, coinbase, NOW)
    assert {r.key.subject for r in readings} == {"Coinbase Global, Inc."}
    assert readings[0].origin.url.startswith("https://www.sec.gov/Archives/edgar/data/1679788/")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_that_is_missing_or_of_another_length_is_named(column: str) -> None:
    gone = changed("sec_edgar", FILINGS, lambda d: d["filings"]["recent"].pop(column))
    faulty("sec_edgar", "submissions", STRATEGY, gone, f"filings.recent.{column}")
    if column != "form":
        faulty("sec_edgar", "submissions", STRATEGY, _with(column, ["x"]), f"filings.recent.{column}")


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        ("form", None, "form"),
        ("form", 8, "form"),
        ("acceptanceDateTime", "2026-10-26", "acceptanceDateTime"),
        ("acceptanceDateTime", "", "acceptanceDateTime"),
        ("accessionNumber", "../x", "accessionNumber"),
        ("items", None, "items"),
    ],
)
def test_a_bad_value_is_named_with_its_row(column: str, value: object, field: str) -> None:
    sent = changed("sec_edgar", FILINGS, lambda d: d["filings"]["recent"][column].__setitem__(0, value))
    faulty("sec_edgar", "submissions", STRATEGY, sent, f"filings.recent[0].{field}")


def test_a_document_with_an_odd_name_is_left_out_of_the_address() -> None:
    sent = changed("sec_edgar", FILINGS, lambda d: d["filings"]["recent"]["primaryDocument"].__setitem__(0, 'x" onclick="y'))
    (first, _) = parse_payload("sec_edgar", "submissions", STRATEGY, sent, NOW)
    assert first.origin.url == f"{FOLDER}/000119312526000004/"


def test_the_pages_of_the_sec() -> None:
    limit = b"<html><title>SEC.gov | Request Rate Threshold Exceeded</title></html>"
    faulty("sec_edgar", "submissions", STRATEGY, limit, "rate limit", error=SourceUnavailable)
    robot = b"<!DOCTYPE html><h1>Your Request Originates from an Undeclared Automated Tool</h1>"
    faulty("sec_edgar", "submissions", STRATEGY, robot, "contact", error=SourceRefused)
    faulty("sec_edgar", "submissions", STRATEGY, b"<html>maintenance</html>", "body")


def test_it_asks_for_strategy_by_its_number() -> None:
    source = sources()["sec_edgar"]
    (asked,) = source.requests(("BTC", "ETH"))
    assert source.endpoints[asked.endpoint].path.format(**asked.params) == "/submissions/CIK0001050446.json"


@pytest.mark.parametrize(("contact", "says"), [("", "set `contact`"), ("desk@example.org", "asked too often")])
def test_without_a_contact_nothing_is_asked_and_a_403_says_why(httpserver: HTTPServer, contact: str, says: str) -> None:
    httpserver.expect_request("/submissions/CIK0001050446.json").respond_with_data("<html>", status=403)
    base = {"sec_edgar": httpserver.url_for("").rstrip("/")}
    caps = Caps(attempts=2, first_wait_s=0.01)
    found = asyncio.run(gather(("sec_edgar",), (), lambda: NOW, base_urls=base, caps=caps, contact=contact))
    assert [type(f) for f in found.failures] == [SourceRefused]
    assert says in found.failures[0].problem
    assert [r.headers["User-Agent"] for r, _ in httpserver.log] == (["newsgen/0.1 (desk@example.org)"] if contact else [])
