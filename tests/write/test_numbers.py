"""From value to print: rounding, scale, words, dates and clocks, in American and British style."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgen.write import numbers
from tests.write.made_words import style

AP, GB = style("ap"), style("en-gb")
D = Decimal


@pytest.mark.parametrize(
    ("value", "digits", "american", "british"),
    [
        ("748300000", None, "$748 million", "$748m"),
        ("748300000", 4, "$748.3 million", "$748.3m"),
        ("748000000", 4, "$748 million", "$748m"),
        ("999600000", 4, "$999.6 million", "$999.6m"),
        ("999499999", None, "$999 million", "$999m"),
        ("999500000", None, "$1 billion", "$1bn"),
        ("999950000", 4, "$1 billion", "$1bn"),
        ("1029600000", None, "$1.03 billion", "$1.03bn"),
        ("1290000000", None, "$1.29 billion", "$1.29bn"),
        ("1300000000", None, "$1.3 billion", "$1.3bn"),
        ("3810000000000", None, "$3.81 trillion", "$3.81tn"),
        ("999900000000", None, "$1 trillion", "$1tn"),
        ("2000000000000000", None, "$2,000 trillion", "$2,000tn"),
        ("1000000", None, "$1 million", "$1m"),
        ("999500", None, "$1 million", "$1m"),
        ("999499", None, "$999,000", "$999,000"),
        ("52345", None, "$52,300", "$52,300"),
        ("1234", None, "$1,230", "$1,230"),
        ("532", None, "$532", "$532"),
        ("5.25", None, "$5.25", "$5.25"),
        ("0", None, "$0", "$0"),
    ],
)
def test_money_has_its_significant_figures_and_scale(value: str, digits: int | None, american: str, british: str) -> None:
    assert numbers.money(D(value), AP, digits) == american
    assert numbers.money(D(value), GB, digits) == british
    assert numbers.money(-D(value), AP, digits) == american


@given(st.decimals("1", "1e15", places=2), st.integers(3, 4))
def test_money_is_printed_within_half_of_its_last_figure(value: Decimal, digits: int) -> None:
    text = numbers.money(value, AP, digits).removeprefix("$")
    number, _, scale = text.partition(" ")
    back = D(number.replace(",", "")) * {"": 1, "million": 10**6, "billion": 10**9, "trillion": 10**12}[scale]
    assert abs(back - value) <= value * D("0.5") / 10 ** (digits - 1)
    assert not number.endswith(".0")
    assert scale or value < 1_000_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("121467.24", "$121,467"),
        ("123218", "$123,218"),
        ("1000", "$1,000"),
        ("1000.4", "$1,000"),
        ("999.994", "$999.99"),
        ("999.995", "$1,000"),
        ("3051.72", "$3,052"),
        ("165.3", "$165.30"),
        ("165", "$165.00"),
        ("1", "$1.00"),
        ("2.857", "$2.86"),
        ("0.99994", "$0.9999"),
        ("0.99996", "$1.00"),
        ("0.21437", "$0.2144"),
        ("0.5", "$0.5"),
        ("0.0000123456", "$0.00001235"),
    ],
)
def test_a_price_is_rounded_by_its_size(value: str, expected: str) -> None:
    assert numbers.price(D(value), AP) == expected
    assert numbers.price(-D(value), AP) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2.8755587", "2.9%"),
        ("2", "2%"),
        ("2.04", "2%"),
        ("9.94", "9.9%"),
        ("9.949", "9.9%"),
        ("9.95", "10%"),
        ("9.99", "10%"),
        ("10.4", "10%"),
        ("11.8050374", "12%"),
        ("76.20728381", "76%"),
        ("1234.5", "1,234%"),
        ("99.49", "99%"),
        ("99.583333", "99.6%"),
        ("99.97", "99.9%"),
        ("100", "100%"),
        ("100.4", "100%"),
        ("0.04", "0%"),
        ("0.06", "0.1%"),
        ("-0.3297529", "0.3%"),
    ],
)
def test_a_percentage_has_one_decimal_below_ten(value: str, expected: str) -> None:
    assert numbers.percent(D(value), AP) == expected
    assert numbers.percent(D(value), GB) == expected.replace("%", " per cent")


@pytest.mark.parametrize(
    ("value", "in_text", "in_headlines"),
    [("0", "zero", "0"), ("1", "one", "1"), ("9", "nine", "9"), ("10", "10", "10"), ("-7", "seven", "7"), ("130000", "130,000", "130,000")],
)
def test_a_count_is_a_word_up_to_nine_and_figures_in_headlines(value: str, in_text: str, in_headlines: str) -> None:
    assert numbers.count(D(value), AP) == in_text
    assert numbers.count(D(value), AP, figures=True) == in_headlines


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, "first"), (2, "second"), (9, "ninth"), (10, "10th"), (11, "11th"), (12, "12th"), (13, "13th"), (20, "20th"), (21, "21st"),
     (22, "22nd"), (23, "23rd"), (24, "24th"), (101, "101st"), (111, "111th"), (112, "112th"), (113, "113th"), (121, "121st")],
)  # fmt: skip
def test_an_ordinal_is_a_word_up_to_ninth(value: int, expected: str) -> None:
    assert numbers.ordinal(D(value), AP) == expected


@pytest.mark.parametrize(("value", "expected"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th")])
def test_an_ordinal_has_figures_in_headlines(value: int, expected: str) -> None:
    assert numbers.ordinal(D(value), AP, figures=True) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("4225", "4,225"), ("0.5", "0.5"), ("1.2345", "1.23"), ("1.005", "1"), ("12345.60", "12,345.6")]
)
def test_coins_have_at_most_two_decimals(value: str, expected: str) -> None:
    assert numbers.coins(D(value), AP) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("2.04", "2"), ("2.37", "2.4"), ("9.94", "9.9"), ("9.96", "10"), ("10.4", "10"), ("12.5", "12")]
)
def test_a_multiple_has_one_decimal_below_ten(value: str, expected: str) -> None:
    assert numbers.times(D(value), AP) == expected


def test_an_index_is_printed_as_published() -> None:
    assert numbers.index_points(D("6259.75"), AP) == "6,259.75"
    assert numbers.index_points(D("6280.40"), AP) == "6,280.40"
    assert numbers.index_points(D("6300.00"), AP) == "6,300"


def test_a_style_has_its_own_marks_of_decimals_and_thousands() -> None:
    german = AP.model_copy(update={"number": AP.number.model_copy(update={"decimal": ",", "thousands": "."})})
    assert numbers.price(D("121467.24"), german) == "$121.467"
    assert numbers.price(D("165.3"), german) == "$165,30"
    assert numbers.percent(D("2.9"), german) == "2,9%"
    assert numbers.index_points(D("6259.75"), german) == "6.259,75"


# Approximators.


@pytest.mark.parametrize(
    ("value", "digits", "bound", "expected"),
    [
        ("100", 3, "exact", ("", "100")),
        ("623300000", 3, "exact", ("nearly", "624000000")),
        ("623900000", 3, "exact", ("nearly", "624000000")),
        ("1040", 1, "exact", ("more_than", "1000")),
        ("1994", 1, "exact", ("about", "2000")),
        ("1995", 1, "exact", ("nearly", "2000")),
        ("1060.5", 1, "exact", ("about", "1060")),  # 1,100 is four percent away
        ("1060", 1, "exact", ("", "1060")),
        ("1490", 1, "exact", ("about", "1500")),
        ("1200", 1, "exact", ("", "1200")),  # no round number is near, and 1,200 is exact
        ("133790949", 2, "exact", ("more_than", "130000000")),
        ("138", 2, "exact", ("", "138")),
        ("130900", 2, "at_least", ("at_least", "130000")),
        ("130000", 3, "at_least", ("at_least", "130000")),
        ("-98.6", 2, "exact", ("more_than", "98")),
    ],
)
def test_the_approximator_is_chosen_by_value_and_rounding(value: str, digits: int, bound: str, expected: tuple[str, str]) -> None:
    key, shown = numbers.hedge(D(value), digits, bound)
    assert (key, shown) == (expected[0], D(expected[1]))


@given(st.decimals("1e-9", "1e18", allow_nan=False, allow_infinity=False), st.integers(1, 4), st.sampled_from(["exact", "at_least"]))
def test_the_approximator_is_true_of_value_and_printed_number(value: Decimal, digits: int, bound: str) -> None:
    key, shown = numbers.hedge(value, digits, bound)
    true = {
        "": shown == value,
        "more_than": shown < value < shown * D("1.05"),
        "nearly": shown * D("0.95") <= value < shown,
        "about": abs(value - shown) <= value * D("0.02"),
        "at_least": shown <= value,
    }
    assert true[key], (key, shown)
    assert (key == "at_least") == (bound == "at_least")
    assert key == "at_least" or (key == "") == (shown == value)


@given(st.decimals("1e-9", "1e18", allow_nan=False, allow_infinity=False), st.integers(1, 6))
def test_rounding_keeps_so_many_significant_figures(value: Decimal, digits: int) -> None:
    down = numbers.round_significant(value, digits, ROUND_FLOOR)
    near = numbers.round_significant(value, digits)
    step = D(1).scaleb(value.adjusted() - digits + 1)
    assert down <= value < down + step
    assert abs(near - value) <= step / 2
    assert len(down.as_tuple().digits) <= digits


# Dates.

MONDAY = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "american", "british"),
    [
        (date(2025, 7, 14), "Monday", "Monday"),
        (date(2025, 7, 13), "Sunday", "Sunday"),
        (date(2025, 7, 8), "Tuesday", "Tuesday"),  # six days before
        (date(2025, 7, 7), "July 7", "7 July"),  # seven: another Monday
        (date(2025, 7, 15), "July 15", "15 July"),  # to come
        (date(2025, 2, 1), "Feb. 1", "1 February"),
        (date(2024, 8, 5), "Aug. 5, 2024", "5 August 2024"),
        (date(2024, 12, 31), "Dec. 31, 2024", "31 December 2024"),
    ],
)
def test_a_day_is_its_weekday_within_six_days_and_else_a_date(day: date, american: str, british: str) -> None:
    assert numbers.day(day, MONDAY, AP) == american
    assert numbers.day(day, MONDAY, GB) == british


def test_a_date_may_be_asked_for_even_within_the_week() -> None:
    assert numbers.day_month(date(2025, 7, 11), MONDAY, AP) == "July 11"
    assert numbers.day_month(date(2025, 7, 11), MONDAY, GB) == "11 July"


def test_american_months_are_short_with_a_day_and_long_without() -> None:
    with_day = [numbers.day_month(date(2023, m, 3), MONDAY, AP).split(" ")[0] for m in range(1, 13)]
    assert with_day == ["Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."]
    assert numbers.month(date(2023, 9, 3), AP) == "September 2023"
    assert numbers.month(date(2023, 9, 3), GB) == "September 2023"


def test_today_is_the_readers_day() -> None:
    late = datetime(2025, 7, 15, 2, 0, tzinfo=UTC)  # still Monday evening in New York, 03:00 on Tuesday in London
    assert numbers.day(date(2025, 7, 15), late, AP) == "July 15"
    assert numbers.day(date(2025, 7, 15), late, GB) == "Tuesday"
    assert numbers.day(date(2025, 7, 8), late, AP) == "Tuesday"
    assert numbers.day(date(2025, 7, 9), late, GB) == "Wednesday"


def test_the_year_is_the_readers_on_new_years_eve() -> None:
    night = datetime(2025, 1, 1, 2, 0, tzinfo=UTC)  # 9 p.m. of Dec. 31, 2024 in New York, the new year in London
    assert numbers.day(date(2024, 12, 20), night, AP) == "Dec. 20"
    assert numbers.day(date(2024, 12, 20), night, GB) == "20 December 2024"
    assert numbers.day(date(2025, 1, 1), night, AP) == "Jan. 1, 2025"
    assert numbers.day(date(2025, 1, 1), night, GB) == "Wednesday"
    assert numbers.day(date(2024, 12, 31), night, GB) == "Tuesday"


# Clocks.


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("utc", "american", "british"),
    [
        ("2025-07-14T12:02", "8:02 a.m. ET (12:02 UTC)", "13:02 BST (12:02 UTC)"),
        ("2025-01-14T13:02", "8:02 a.m. ET (13:02 UTC)", "13:02 GMT (13:02 UTC)"),
        ("2025-07-14T16:00", "noon ET (16:00 UTC)", "17:00 BST (16:00 UTC)"),
        ("2025-07-14T04:00", "midnight ET (04:00 UTC)", "05:00 BST (04:00 UTC)"),
        ("2025-07-14T04:30", "12:30 a.m. ET (04:30 UTC)", "05:30 BST (04:30 UTC)"),
        ("2025-07-14T16:05", "12:05 p.m. ET (16:05 UTC)", "17:05 BST (16:05 UTC)"),
        ("2025-07-14T20:00", "4 p.m. ET (20:00 UTC)", "21:00 BST (20:00 UTC)"),
        ("2025-07-14T23:00", "7 p.m. ET (23:00 UTC)", "00:00 BST (23:00 UTC)"),
        ("2025-07-14T11:00", "7 a.m. ET (11:00 UTC)", "12:00 BST (11:00 UTC)"),
        ("2025-01-14T00:00", "7 p.m. ET (00:00 UTC)", "00:00 GMT (00:00 UTC)"),
        # The clocks of New York go forward at 07:00 UTC of March 9, 2025, and back at 06:00 UTC of Nov. 2.
        ("2025-03-09T06:59", "1:59 a.m. ET (06:59 UTC)", "06:59 GMT (06:59 UTC)"),
        ("2025-03-09T07:00", "3 a.m. ET (07:00 UTC)", "07:00 GMT (07:00 UTC)"),
        ("2025-11-02T05:30", "1:30 a.m. ET (05:30 UTC)", "05:30 GMT (05:30 UTC)"),
        ("2025-11-02T06:30", "1:30 a.m. ET (06:30 UTC)", "06:30 GMT (06:30 UTC)"),
    ],
)
def test_a_clock_time_is_the_readers_with_utc_in_brackets(utc: str, american: str, british: str) -> None:
    assert numbers.clock(at(utc), AP) == american
    assert numbers.clock(at(utc), GB) == british


def test_a_desk_in_utc_prints_one_time() -> None:
    dates = AP.dates.model_copy(update={"zone": "UTC", "zone_labels": {}})
    assert numbers.clock(at("2025-07-14T12:02"), AP.model_copy(update={"dates": dates})) == "12:02 UTC"
