"""Farside: brackets, dashes, millions, headers, partial evenings, walls and pages that were cut."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from newsgen.errors import GatherError, SourceRefused
from newsgen.gather import parse_payload
from newsgen.market import Completeness, Reading, iso
from tests.gather.wire import NOW, PAYLOADS, body, faulty, one

BTC, ETH = "bitcoin_etf_flow.html", "ethereum_etf_flow.html"


def _btc(page: bytes, at: datetime = NOW) -> list[Reading]:
    return parse_payload("farside", "btc", {}, page, at)


def _row(day: str, change: tuple[str, str], page: str = "") -> bytes:
    """The Bitcoin page with the first occurrence of something changed in the row of a day."""
    text = page or body("farside", BTC).decode()
    before, after = text.split(f">{day}<", 1)
    assert change[0] in after.split("</tr>", 1)[0]
    return (before + f">{day}<" + after.replace(*change, 1)).encode()


def test_every_cell_is_the_value_of_the_table_in_dollars() -> None:
    with (PAYLOADS / "farside" / "bitcoin_etf_flow_values.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    readings = {(iso(r.observed_at), r.key.venue): r.value for r in _btc(body("farside", BTC))}
    expected = {
        (f"{row['date']}T20:00:00Z", "us" if fund == "Total" else fund): Decimal(value) * 1_000_000
        for row in rows for fund, value in row.items() if fund != "date"
    }  # fmt: skip
    assert len(expected) == 14 * 12
    assert readings == expected


def test_the_ether_page_has_a_seed_row_a_renamed_fund_and_dashes() -> None:
    readings = parse_payload("farside", "eth", {}, body("farside", ETH), NOW)
    assert {iso(r.observed_at) for r in readings} == {"2024-07-23T20:00:00Z", "2024-07-24T20:00:00Z"}
    first = {r.key.venue: r.value / 1_000_000 for r in readings if iso(r.observed_at).startswith("2024-07-23")}
    assert first == {
        "us": Decimal("106.6"), "ETHA": Decimal("266.5"), "FETH": Decimal("71.3"), "ETHW": Decimal("204.0"), "TETH": Decimal("7.4"),
        "ETHV": Decimal("7.6"), "QETH": Decimal("5.5"), "EZET": Decimal("13.2"), "ETHE": Decimal("-484.1"), "ETH": Decimal("15.2"),
    }  # fmt: skip
    second = {r.key.venue: r.value / 1_000_000 for r in readings if iso(r.observed_at).startswith("2024-07-24")}
    assert (second["us"], second["ETHE"]) == (Decimal("-1139.7"), Decimal("-1326.9"))
    assert "TETH" not in second  # a dash is nothing
    assert second["QETH"] == 0  # a zero is a zero


@pytest.mark.parametrize("nothing", ["-", "&nbsp;", "", "\u2013"])
def test_an_empty_cell_is_missing_and_never_zero(nothing: str) -> None:
    readings = _btc(_row("18 Jul 2025", (">0.0<", f">{nothing}<")))
    friday = [r for r in readings if iso(r.observed_at).startswith("2025-07-18")]
    assert len(friday) == 11
    assert "BTCO" not in {r.key.venue for r in friday}


def test_an_evening_row_is_partial_until_the_next_morning_in_london() -> None:
    """GBTC (81.3) is not reported yet, and the total knows only the others: 363.5 + 81.3 = 444.8."""
    page = _row("18 Jul 2025", (">363.5<", ">444.8<"), _row("18 Jul 2025", ('<span class="redFont">(81.3)</span>', "-")).decode())
    for at, state in ((datetime(2025, 7, 19, 0, 30, tzinfo=UTC), Completeness.PARTIAL),
                      (datetime(2025, 7, 19, 5, 59, tzinfo=UTC), Completeness.PARTIAL),
                      (datetime(2025, 7, 19, 6, 0, tzinfo=UTC), Completeness.FINAL)):  # fmt: skip
        total = one(_btc(page, at), "etf.net_flow", "BTC", "session", "us", "2025-07-18T20:00:00Z")
        assert (total.value, total.origin.completeness) == (444_800_000, state)


def test_a_partial_row_whose_sum_does_not_fit_is_refused() -> None:
    faulty("farside", "btc", {}, _row("18 Jul 2025", ('<span class="redFont">(81.3)</span>', "-")), "row 18 Jul 2025")


def test_a_total_smaller_than_its_parts_is_refused() -> None:
    faulty("farside", "btc", {}, _row("18 Jul 2025", (">363.5<", ">36.5<")), "row 18 Jul 2025")


def test_rounding_to_a_tenth_is_no_fault() -> None:
    assert len(_btc(_row("18 Jul 2025", (">363.5<", ">363.9<")))) == 14 * 12


def test_the_session_in_progress_is_no_reading_and_tomorrow_is_refused() -> None:
    """Cells before the close at 20:00 UTC; the page of 18 July read on that day and on the one before."""
    noon = _btc(body("farside", BTC), datetime(2025, 7, 18, 16, tzinfo=UTC))
    assert max(iso(r.observed_at) for r in noon) == "2025-07-17T20:00:00Z"
    faulty("farside", "btc", {}, body("farside", BTC), "row 18 Jul 2025", at=datetime(2025, 7, 17, 23, tzinfo=UTC))


def test_one_day_twice_counts_once_and_two_values_are_refused() -> None:
    text = body("farside", BTC).decode()
    start = text.index('<td><span class="tabletext">18 Jul 2025')
    row = "<tr>" + text[start : text.index("</tr>", start)] + "</tr>"
    assert len(_btc(text.replace("<tbody>", "<tbody>" + row, 1).encode())) == 14 * 12
    other = row.replace(">496.8<", ">497.1<", 1)
    faulty("farside", "btc", {}, text.replace("<tbody>", "<tbody>" + other, 1).encode(), "etf.fund_flow")


def test_a_fund_that_launches_is_read_from_the_header() -> None:
    text = body("farside", BTC).decode().replace("</tr>\n</thead>", "</tr>\n</thead>", 1)
    text = text.replace('<span class="tabletext">GBTC</span></div></th>', '<span class="tabletext">GBTC</span></div></th><th>MSBT</th>', 1)
    readings = _btc_with_column(text)
    assert {r.key.venue for r in readings} >= {"MSBT", "GBTC", "us"}
    assert one(readings, "etf.fund_flow", "BTC", "session", "MSBT", "2025-07-18T20:00:00Z").value == 0


def _btc_with_column(text: str) -> list[Reading]:
    """Every day gets one more cell of 0.0 before its last fund."""
    head, *rows = text.split('<td><span class="tabletext">')
    out = []
    for row in rows:
        if " 2025<" in row:
            cells = row.split("</td>")
            out.append("</td>".join([*cells[:-3], "\n<td>0.0", *cells[-3:]]))
        else:
            out.append(row)
    return _btc('<td><span class="tabletext">'.join([head, *out]).encode())


def test_a_row_with_a_cell_too_few_is_refused() -> None:
    faulty("farside", "btc", {}, _row("18 Jul 2025", ('<td><div align="right"><span class="tabletext">496.8</span></div></td>', "")),
           "row 18 Jul 2025")  # fmt: skip


@pytest.mark.parametrize("cell", ["n.m.", "1e308", "NaN", "Infinity", "(-1.7)", "1,7", "(1.7", "162K"])
def test_a_cell_that_is_no_number_is_refused(cell: str) -> None:
    faulty("farside", "btc", {}, _row("18 Jul 2025", (">496.8<", f">{cell}<")), "row 18 Jul 2025")


@pytest.mark.parametrize("share", range(1, 60))
def test_a_page_that_was_cut_is_refused_wherever_it_was_cut(share: int) -> None:
    page = body("farside", BTC)
    cut = page[: page.index(b"</table") * share // 60]
    with pytest.raises(GatherError, match="farside btc: "):
        _btc(cut)


def test_a_page_that_was_cut_between_two_days_is_refused() -> None:
    page = body("farside", BTC)
    faulty("farside", "btc", {}, page[: page.index(b'<td><span class="tabletext">18 Jul')], "table.etf")


@pytest.mark.parametrize(
    "page",
    [body("farside", "error_cloudflare.html"), b"<title>Attention Required! | Cloudflare</title>",
     b"<html><body>Enable JavaScript and cookies to continue</body></html>"],
)  # fmt: skip
def test_a_bot_wall_is_a_refusal_and_not_an_empty_result(page: bytes) -> None:
    faulty("farside", "btc", {}, page, "bot wall", error=SourceRefused)


@pytest.mark.parametrize(
    ("page", "field"),
    [
        (b"", "table.etf"),
        (b"<html><body>maintenance</body></html>", "table.etf"),
        (b'{"error": "json"}', "table.etf"),
        (b'<table class="etf"></table>', "table.etf thead"),
        (b"\x00\xff\xfe" * 50, "table.etf"),
        (body("farside", BTC).replace(b" 2025<", b"<"), "table.etf tbody"),
    ],
    ids=["empty", "maintenance", "JSON", "no rows", "noise", "no dates"],
)
def test_another_page_is_named(page: bytes, field: str) -> None:
    faulty("farside", "btc", {}, page, field)
