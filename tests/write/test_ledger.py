"""The ledger: marks around each printed figure, exact spans, and numerals that stand in none."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgen.market import Figure, Unit
from newsgen.write.ledger import Ledger, cut_marks, naked_numbers

NOON = datetime(2025, 7, 14, 12, tzinfo=UTC)


def figure(value: int) -> Figure:
    return Figure("price.last", "BTC", Decimal(value), Unit.USD, NOON, NOON, "Binance")


def test_a_marked_figure_has_its_exact_span() -> None:
    ledger = Ledger()
    text = f"At {ledger.mark(figure(1), '$121,467')}, up {ledger.mark(figure(2), '2.9%')}."
    cut = cut_marks(text)
    assert cut.text == "At $121,467, up 2.9%."
    assert cut.spans == ((3, 11, 0), (16, 20, 1))
    assert [cut.text[a:b] for a, b, _ in cut.spans] == ["$121,467", "2.9%"]


def test_a_figure_printed_twice_is_one_entry() -> None:
    ledger, price, other = Ledger(), figure(1), figure(1)
    cut = cut_marks(ledger.mark(price, "1") + ledger.mark(other, "1") + ledger.mark(price, "one"))
    assert [i for _, _, i in cut.spans] == [0, 1, 0]  # equal figures that are two objects stay two
    assert [id(f) for f in ledger.figures] == [id(price), id(other)]


def test_text_without_marks_is_left_alone() -> None:
    assert cut_marks("No figure here.").text == "No figure here."
    assert cut_marks("").spans == ()


PLAIN = st.text(st.characters(exclude_characters="\ue000\ue001", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(PLAIN, st.one_of(st.none(), st.integers(0, 15)))))
def test_cutting_undoes_marking(pieces: list[tuple[str, int | None]]) -> None:
    ledger, figures = Ledger(), [figure(i) for i in range(16)]
    marked = "".join(text if k is None else ledger.mark(figures[k], text) for text, k in pieces)
    cut = cut_marks(marked)
    assert cut.text == "".join(text for text, _ in pieces)
    printed = [(text, figures[k]) for text, k in pieces if k is not None]
    assert [(cut.text[a:b], ledger.figures[i]) for a, b, i in cut.spans] == printed


CONSTANTS = ("S&P 500", "24 hours", "24-hour")


@pytest.mark.parametrize(
    ("text", "naked"),
    [
        ("Up in 24 hours.", []),
        ("A 24-hour low of the S&P 500.", []),
        ("The s&p 500 fell.", []),
        ("Up 3 in 24 hours.", ["3"]),
        ("In 124 hours.", ["124"]),
        ("The S&P 5000 fell.", ["5000"]),
        ("The S&P 500.5 fell.", ["500.5"]),
        ("It cost $1,234.56, not 7.", ["1,234.56", "7"]),
        ("At 12:02.", ["12", "02"]),
        ("Nine traders.", []),
    ],
)
def test_a_numeral_is_naked_unless_a_constant_holds_it(text: str, naked: list[str]) -> None:
    assert naked_numbers(text, [], CONSTANTS) == naked


def test_a_numeral_in_a_span_is_not_naked() -> None:
    assert naked_numbers("At $121,467 today", [(3, 11)], ()) == []
    assert naked_numbers("At $121,467 today", [(3, 10)], ()) == ["121,467"]
    assert naked_numbers("At $121,467 today", [(5, 11)], ()) == ["121,467"]
    assert naked_numbers("At $121,467 and 8", [(3, 11)], ()) == ["8"]
    assert naked_numbers("At 24 hours", [(3, 5)], ()) == []


def test_a_digit_glued_to_a_span_is_naked() -> None:
    assert naked_numbers("It rose 25%", [(8, 9)], ()) == ["25"]


@given(st.integers(0, 10**9), PLAIN)
def test_any_number_outside_spans_is_found(number: int, before: str) -> None:
    text = f"{before} x{number}"
    assert any(str(number) in n for n in naked_numbers(text, [(0, len(before))], CONSTANTS))
