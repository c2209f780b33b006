"""Expressions: three-valued logic, units at load, names with hints, and nothing that could be executed."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from detect.made_book import FIRST_EVER, NOT_SET, RECORD_OF_THE_ARCHIVE, book_of
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgen import derive
from newsgen.detect.expression import ExpressionFault, Limit, Scope, compile_expression
from newsgen.market import Unit

CATALOGUE = derive.catalogue()
LIMITS = {"rise_pct": Limit(Decimal(2), Unit.PCT), "floor_usd": Limit(Decimal(500), Unit.USD)}

T, F, U = "price.change_24h > 0", "price.change_24h < 0", "price.change_7d > 0"  # true, false, unknown in FIGURES
FIGURES: dict[str, Any] = {
    "BTC.price.change_24h": 3,
    "BTC.price.last": 1000,
    "BTC.price.ath": 1200,
    "BTC.price.is_ath": False,
    "BTC.price.ath_at": date(2025, 7, 14),
    "BTC.level.crossed_up_at": datetime(2025, 7, 14, 9, tzinfo=UTC),
    "BTC.price.high_since": FIRST_EVER,
    "BTC.price.low_since": RECORD_OF_THE_ARCHIVE,
    "ETH.price.change_24h": -4,
    "market.market.cap": 3000,
    "market.sentiment.zone": "greed",
    "market.liquidations.total_24h": 0,
}


def scope(subject: str = "BTC", figures: Mapping[str, Any] | None = None) -> Scope:
    return Scope(book_of(FIGURES if figures is None else figures), subject, LIMITS)


def holds(text: str, subject: str = "BTC") -> bool | None:
    return compile_expression(text, CATALOGUE, LIMITS).holds(scope(subject))


def fault(text: str) -> ExpressionFault:
    with pytest.raises(ExpressionFault) as caught:
        compile_expression(text, CATALOGUE, LIMITS)
    return caught.value


# Truth


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (T, T, True, True),
        (T, F, False, True),
        (F, T, False, True),
        (F, F, False, False),
        (T, U, None, True),
        (U, T, None, True),
        (F, U, False, None),
        (U, F, False, None),
        (U, U, None, None),
    ],
)
def test_and_or_are_three_valued(left: str, right: str, both: bool | None, either: bool | None) -> None:
    assert holds(f"{left} and {right}") is both
    assert holds(f"{left} or {right}") is either


def test_not_leaves_the_unknown_unknown() -> None:
    assert (holds(f"not {T}"), holds(f"not {F}"), holds(f"not {U}")) == (False, True, None)


@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_every_comparison_with_an_absent_figure_is_unknown(op: str) -> None:
    assert holds(f"price.change_7d {op} 1") is None
    assert holds(f"1 {op} price.change_7d") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price.change_24h == 3", True),
        ("price.change_24h != 3", False),
        ("price.change_24h > 3", False),
        ("price.change_24h >= 3", True),
        ("price.change_24h < 3", False),
        ("price.change_24h <= 3", True),
        ("price.change_24h > 2.99", True),
        ("1 < price.change_24h < 5", True),
        ("1 < price.change_24h < 3", False),
    ],
)
def test_comparisons_at_their_edge(text: str, expected: bool) -> None:
    assert holds(text) is expected


def test_a_chain_is_false_when_one_link_is_false_even_if_another_is_unknown() -> None:
    assert holds("price.change_7d < price.change_24h < 1") is False
    assert holds("price.change_7d < price.change_24h < 5") is None


@pytest.mark.parametrize(
    "text",
    [
        "price.change_7d + 1 > 0",
        "1 - price.change_7d > 0",
        "price.change_7d * 2 > 0",
        "2 / price.change_7d > 0",
        "-price.change_7d > 0",
        "abs(price.change_7d) > 0",
        "max(price.change_24h, price.change_7d) > 0",
    ],
)
def test_arithmetic_with_an_absent_figure_is_unknown(text: str) -> None:
    assert holds(text) is None


def test_arithmetic_is_exact_and_keeps_precedence() -> None:
    assert holds("0.1 + 0.2 == 0.3") is True
    assert holds("price.change_24h + 2 * 3 == 9") is True
    assert holds("(price.ath - price.last) / price.last * 100 == 20") is True
    assert holds("min(price.change_24h, 2) == 2 and max(price.change_24h, 2) == 3 and abs(-price.change_24h) == 3") is True


def test_division_by_zero_is_unknown() -> None:
    assert holds("market.market.cap / market.liquidations.total_24h > 1") is None


def test_tests_on_figures() -> None:
    assert holds("price.change_24h is there") is True
    assert holds("price.change_7d is there") is False
    assert holds("price.change_7d is not there") is True
    assert holds("price.high_since is first_ever and price.high_since is record") is True
    assert holds("price.low_since is record and not (price.low_since is first_ever)") is True
    assert holds("price.change_24h is record") is False
    assert holds("price.change_7d is record") is None
    assert holds("price.change_7d is first_ever") is None


def test_a_record_without_a_date_compares_as_unknown() -> None:
    assert holds("price.high_since <= price.ath_at") is None


def test_flags_and_words_compare_with_their_kind() -> None:
    assert holds("price.is_ath == true") is False
    assert holds("price.is_ath == false") is True
    assert holds("not price.is_ath") is True
    assert holds("market.sentiment.zone == 'greed'") is True
    assert holds("market.sentiment.zone == 'fear'") is False


def test_a_moment_beside_a_date_counts_as_its_day() -> None:
    assert holds("level.crossed_up_at == price.ath_at") is True
    assert holds("price.ath_at < level.crossed_up_at") is False
    assert holds("level.crossed_up_at <= price.ath_at") is True


def test_a_figure_is_of_the_rules_subject_unless_one_is_named() -> None:
    assert holds("price.change_24h > 0", "BTC") is True
    assert holds("price.change_24h > 0", "ETH") is False
    assert holds("BTC.price.change_24h > 0", "ETH") is True
    assert holds("ETH.price.change_24h < 0", "market") is True


def test_market_cap_is_a_figure_not_the_subject_market() -> None:
    assert holds("market.cap >= limits.floor_usd", "market") is True
    assert holds("market.cap >= limits.floor_usd", "BTC") is None
    assert holds("market.market.cap >= limits.floor_usd", "BTC") is True


def test_limits_are_named_thresholds() -> None:
    assert holds("price.change_24h >= limits.rise_pct") is True
    assert holds("price.change_24h <= limits.rise_pct / 2") is False
    assert holds("price.last > limits.floor_usd") is True


def test_what_was_read_is_kept() -> None:
    here = scope()
    compile_expression("BTC.price.change_24h > 0 and price.change_7d > 0 and price.high_since is there", CATALOGUE, LIMITS).holds(here)
    assert here.saw == {
        "BTC.price.change_24h": "3",
        "price.change_7d": f"absent: {NOT_SET}",
        "price.high_since": "none before",
    }


def test_what_decides_nothing_is_not_read() -> None:
    here = scope()
    compile_expression(f"{F} and price.ath > price.last", CATALOGUE, LIMITS).holds(here)
    assert set(here.saw) == {"price.change_24h"}


def test_the_figures_of_an_expression_are_listed_once() -> None:
    made = compile_expression("price.last > price.ath or BTC.price.last > price.last or price.is_ath == true", CATALOGUE, LIMITS)
    assert made.figures == ("price.last", "price.ath", "price.is_ath")


# Units


@pytest.mark.parametrize(
    "text",
    [
        "price.last > price.change_24h",
        "price.last + price.change_24h > limits.floor_usd",
        "price.change_24h >= limits.floor_usd",
        "price.last >= limits.rise_pct",
        "price.ath_at > price.change_24h",
        "price.is_ath == price.change_24h",
        "price.zscore_24h > price.change_24h",
        "max(price.change_24h, price.zscore_24h) > 1",
        "max(1, price.change_24h, price.zscore_24h) > 1",
        "1 < price.change_24h < price.last",
    ],
)
def test_units_that_do_not_fit_are_refused(text: str) -> None:
    assert "cannot be compared with" in fault(text).problem


@pytest.mark.parametrize(
    "text",
    [
        "price.last > 500",
        "500 < price.last",
        "price.last + 1 > price.ath",
        "2 * price.last > 500",
        "price.last * 2 > 500",
        "abs(price.last) > 500",
        "-price.last > 500",
        "max(price.last, 500) > price.ath",
    ],
)
def test_dollars_want_a_limit_in_dollars(text: str) -> None:
    found = fault(text)
    assert found.problem == "a bare number cannot be compared with dollars"
    assert "[limits]" in found.hint


def test_scaled_dollars_stay_dollars_and_a_quotient_of_dollars_is_bare() -> None:
    assert holds("2 * price.last > price.ath") is True
    assert holds("price.last / 2 > limits.floor_usd") is False
    assert holds("price.ath / price.last == 1.2") is True


@pytest.mark.parametrize(
    "text", ["price.is_ath == 1", "price.ath_at > 20250101", "market.sentiment.zone == 5", "price.ath_at == '2025-07-14'"]
)
def test_flags_dates_and_words_are_no_numbers(text: str) -> None:
    assert "cannot be compared with" in fault(text).problem


@pytest.mark.parametrize(
    "text",
    [
        "price.ath_at + 1 > price.ath_at",
        "-price.ath_at == price.ath_at",
        "abs(price.is_ath) == 1",
        "'a' * 3 == 'aaa'",
        "market.sentiment.zone + 'y' == 'greedy'",
        "max(price.ath_at, price.ath_at) == price.ath_at",
    ],
)
def test_only_numbers_are_calculated_with(text: str) -> None:
    assert "cannot calculate with a" in fault(text).problem


@pytest.mark.parametrize(
    "text",
    [
        "price.change_24h",
        "1",
        "limits.rise_pct",
        "price.change_24h and price.is_ath",
        "price.is_ath or 1",
        "not price.change_24h",
        "price.high_since",
        "'yes'",
    ],
)
def test_a_condition_has_to_be_true_or_false(text: str) -> None:
    assert fault(text).problem == "is neither true nor false"


# Names


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("price.chang_24h > 1", "'price.chang_24h' is no figure", "did you mean price.change_24h?"),
        ("ETH.price.chang_24h > 1", "'price.chang_24h' is no figure", "did you mean price.change_24h?"),
        ("price.hi_since is there", "'price.hi_since' is no figure", "did you mean price.high_since?"),
        ("price.change_24h > limits.rise", "limits.rise is not defined", "did you mean rise_pct?"),
        ("price.change_24h is recorded", "the test 'recorded' is not known", "there, record, first_ever"),
    ],
)
def test_an_unknown_name_gets_the_nearest_known_one(text: str, problem: str, hint: str) -> None:
    found = fault(text)
    assert (found.problem, found.hint) == (problem, hint)


def test_a_name_like_nothing_gets_no_hint() -> None:
    assert fault("zzzzzz > 1").hint == ""


# Nothing executable


@pytest.mark.parametrize(
    "text",
    [
        "price.__class__ == 1",
        "().__class__.__bases__ == 1",
        "price.last.__class__.__mro__ is there",
        "limits.__class__ == 1",
        "''.__class__ == 1",
        "self.__init__.__globals__ is there",
        "cycler.__init__.__globals__.os.popen('id') == 1",
        "open('x') == 1",
        "__import__('os') == 1",
        "range(9) == 1",
        "abs.__call__(1) == 1",
        "price.last() == 1",
        "abs() == 1",
        "abs(1, 2) == 1",
        "max(1) == 1",
        "abs(x=1) == 1",
        "max(*price.last) == 1",
        "max(1, **price.last) == 1",
        "price['last'] == 1",
        "price.last[0] == 1",
        "price|attr('last') == 1",
        "'a'|upper == 'A'",
        "1 if true else 2",
        "[1][0] == 1",
        "{'a': 1} == 1",
        "(1, 2) == 1",
        "'a' ~ 'b' == 'ab'",
        "9 ** 9 == 1",
        "9 ** 9 ** 9 ** 9 > 1",
        "7 // 2 == 3",
        "7 % 2 == 1",
        "+1 == 1",
        "none == none",
        "price.last is none",
        "price.last is there(1)",
        "price.last is sameas(price.last)",
        "price.change_24h in price.change_7d",
        "price.change_24h not in price.change_7d",
        "price.change_24h in [1, 2]",
        "price.change_24h in 'abc'",
        "lambda: 1",
        "x = 1",
        "1 == 1; 2 == 2",
        "1 == 1 }}{{ 2 == 2",
        "1 == 1 }}{% set x = 1 %}{{ x",
        "1 == 1 }} and more {{ 2",
        "{% include 'x' %}",
        "",
        " ",
        "1 == ",
        "1 2",
        "(1 == 1",
        "\x00",
    ],
)
def test_whatever_is_not_on_the_list_is_refused(text: str) -> None:
    fault(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 400 + "1 == 1" + ")" * 400,
        "not " * 200 + "1 == 1",
        "-" * 60 + "1 == 1",
        " + ".join(["1"] * 200) + " == 1",
        " or ".join(["1 == 1"] * 90),
        "1 == 1 or (" * 60 + "1 == 1" + ")" * 60,
        "abs(" * 60 + "1" + ")" * 60 + " == 1",
        "a" + ".a" * 450 + " == 1",
        "1" * 5000 + " == 1",
        "1 == 1" + " " * 5000,
    ],
    ids=["brackets", "not", "minus", "sum", "or", "right", "calls", "dots", "digits", "long"],
)
def test_deep_and_long_expressions_are_refused_without_a_crash(text: str) -> None:
    fault(text)


def test_an_expression_of_reasonable_depth_is_allowed() -> None:
    assert holds(" or ".join(["price.change_24h < 0"] * 30 + ["1 == 1"])) is True


def _runs_or_is_refused(text: str) -> bool:
    try:
        made = compile_expression(text, CATALOGUE, LIMITS)
    except ExpressionFault:
        return True
    return made.holds(scope()) in (True, False, None)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_runs_or_is_refused(text: str) -> None:
    assert _runs_or_is_refused(text)


WORDS = [
    "price",
    "last",
    "change_24h",
    ".",
    "(",
    ")",
    "abs",
    "max",
    "limits",
    "rise_pct",
    "and",
    "or",
    "not",
    "is",
    "there",
    "record",
    "in",
    "+",
    "-",
    "*",
    "/",
    "**",
    "==",
    "<",
    "1",
    "2.5",
    "'x'",
    "true",
    "none",
    "__class__",
    "|",
    "[",
    "]",
    ",",
    "~",
    "if",
    "else",
    "{{",
    "}}",
    "BTC",
    "price.last",
    "price.change_24h",
    "limits.rise_pct",
    "price.ath_at",
    "price.is_ath",
]


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
@settings(max_examples=600, deadline=None)
def test_any_jumble_of_its_words_runs_or_is_refused(text: str) -> None:
    assert _runs_or_is_refused(text)


# The reference: the same expression as text and as plain Python with None for unknown

Env = Mapping[str, Decimal | None]
Said = tuple[str, Callable[[Env], Any]]
NUMBERS = ("price.change_24h", "price.change_7d", "price.change_30d", "ETH.price.change_24h")


def _both(op: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    try:
        return op(a, b)
    except ArithmeticError:
        return None


def _said_and(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if None in (a, b) else True


def _said_or(a: bool | None, b: bool | None) -> bool | None:
    return True if a is True or b is True else None if None in (a, b) else False


def _figure(name: str) -> Said:
    return name, lambda env: env[name]


def _literal(number: int) -> Said:
    return str(number), lambda env: Decimal(number)


def _binary(word: str, op: Callable[[Any, Any], Any], left: Said, right: Said) -> Said:
    return f"({left[0]} {word} {right[0]})", lambda env: _both(op, left[1](env), right[1](env))


def _function(name: str, op: Callable[[Any, Any], Any], left: Said, right: Said) -> Said:
    return f"{name}({left[0]}, {right[0]})", lambda env: _both(op, left[1](env), right[1](env))


def _logic(word: str, op: Callable[[Any, Any], Any], left: Said, right: Said) -> Said:
    return f"({left[0]} {word} {right[0]})", lambda env: op(left[1](env), right[1](env))


def _absolute(inner: Said) -> Said:
    return f"abs({inner[0]})", lambda env: None if (v := inner[1](env)) is None else abs(v)


def _negative(inner: Said) -> Said:
    return f"(-{inner[0]})", lambda env: None if (v := inner[1](env)) is None else -v


def _there(name: str) -> Said:
    return f"({name} is there)", lambda env: env[name] is not None


def _denied(inner: Said) -> Said:
    return f"(not {inner[0]})", lambda env: None if (v := inner[1](env)) is None else not v


ARITHMETIC = st.sampled_from([("+", operator.add), ("-", operator.sub), ("*", operator.mul), ("/", operator.truediv)])
COMPARISON = st.sampled_from(
    [("<", operator.lt), ("<=", operator.le), (">", operator.gt), (">=", operator.ge), ("==", operator.eq), ("!=", operator.ne)]
)
LOGIC = st.sampled_from([("and", _said_and), ("or", _said_or)])
PICK = st.sampled_from([("max", max), ("min", min)])

number = st.recursive(
    st.sampled_from(NUMBERS).map(_figure) | st.integers(0, 9).map(_literal),
    lambda inner: st.one_of(
        st.builds(lambda op, a, b: _binary(*op, a, b), ARITHMETIC, inner, inner),
        st.builds(lambda op, a, b: _function(*op, a, b), PICK, inner, inner),
        inner.map(_absolute),
        inner.map(_negative),
    ),
    max_leaves=5,
)
truth = st.recursive(
    st.builds(lambda op, a, b: _binary(*op, a, b), COMPARISON, number, number) | st.sampled_from(NUMBERS).map(_there),
    lambda inner: st.one_of(st.builds(lambda op, a, b: _logic(*op, a, b), LOGIC, inner, inner), inner.map(_denied)),
    max_leaves=5,
)
environment = st.fixed_dictionaries({name: st.none() | st.integers(-5, 5).map(Decimal) for name in NUMBERS})


@given(truth, environment)
@settings(max_examples=300, deadline=None)
def test_any_allowed_expression_agrees_with_plain_python(said: Said, env: Env) -> None:
    text, expected = said
    figures = {n if n.startswith("ETH") else f"BTC.{n}": v for n, v in env.items() if v is not None}
    assert compile_expression(text, CATALOGUE, LIMITS).holds(scope(figures=figures)) is expected(env)
