"""Claims against figures made by hand: supported, contradicted with the right value, or unknown where no words decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from check_factories import AS_OF, change, figure, liquidation
from known_drafts import words

from newsgen.article_file import StoredArticle
from newsgen.factcheck import CheckedLine, article_source, fact_check
from newsgen.market import Figure, Unit


def _price(tail: str, value: str, **more: Any) -> Figure:
    return figure(f"price.{tail}", "BTC", value, Unit.USD, source="Binance spot", **more)


FIGURES = [
    change("BTC", "24h", "2.9"),
    change("BTC", "7d", "11.8"),
    change("ETH", "24h", "-3.1"),
    _price("last", "121467"),
    _price("high_24h", "123218", window="24h"),
    _price("low_24h", "117990", window="24h"),
    _price("ath", "123218"),
    figure("price.ath_at", "BTC", date(2025, 7, 14), Unit.DATE),
    _price("ath_previous", "118870"),
    figure("price.ath_previous_at", "BTC", date(2025, 7, 11), Unit.DATE),
    figure("price.is_ath", "BTC", True, Unit.FLAG),
    liquidation("total_24h", "market", "748300000"),
    liquidation("short_24h", "market", "623300000"),
    liquidation("long_24h", "market", "125000000"),
    liquidation("short_share_24h", "market", "83.3", Unit.PCT),
    liquidation("long_share_24h", "market", "16.7", Unit.PCT),
]


def _lines(text: str, figures: Iterable[Figure] = FIGURES, as_of: datetime = AS_OF) -> list[CheckedLine]:
    stored = StoredArticle(as_of, "en", {f"f{i}": f for i, f in enumerate(figures, 1)})
    return [n for n in fact_check(text, "draft", article_source(stored), words()).lines if n.truth != "constant"]


def _verdicts(text: str) -> list[str]:
    return [n.truth for n in _lines(text)]


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("Bitcoin rose 2.9%.", ["supported"]),
        ("Bitcoin fell 2.9%.", ["contradicted"]),
        ("Bitcoin rose 5%.", ["contradicted"]),
        ("Bitcoin rose 2.9% in seven days.", ["contradicted"]),
        ("Bitcoin rose 12% in seven days.", ["supported"]),
        ("Bitcoin rose 12% in thirty years.", ["unknown"]),
        ("Ether dropped 3.1%.", ["supported"]),
        ("Solana dropped 3.1%.", ["unknown"]),
        ("Bitcoin could rise 5%.", ["unknown"]),
        ("A year ago bitcoin rose 5%.", ["unknown"]),
        ("Bitcoin's hash rate rose 5%.", ["unknown"]),
        ("Since the election bitcoin rose 5%.", ["unknown"]),
        ("Bitcoin was above $120,000.", ["supported"]),
        ("Bitcoin was above $122,000.", ["contradicted"]),
        ("Bitcoin rose above $122,000.", ["supported"]),
        ("Bitcoin rose above $124,000.", ["contradicted"]),
        ("Bitcoin fell below $118,000.", ["supported"]),
        ("Bitcoin fell below $117,000.", ["contradicted"]),
        ("Bitcoin traded as low as $117,990.", ["supported"]),
        ("Bitcoin traded as high as $117,990.", ["contradicted"]),
        ("Bitcoin was at $60,000.", ["unknown"]),  # half the price: of another time, or of something else
        ("Bitcoin hit an all-time high.", ["supported"]),
        ("Bitcoin traded above $120,000 for the first time.", ["supported", "supported"]),
        ("Bitcoin traded above $118,000 for the first time.", ["supported", "contradicted"]),
        ("Bitcoin rose.", ["supported"]),
        ("Bitcoin slumped.", ["contradicted"]),
        ("Bitcoin slumped from its record.", []),
        ("Liquidations were mostly longs.", ["contradicted"]),
        ("Liquidations were mostly shorts.", ["supported"]),
    ],
)
def test_a_claim_is_judged_by_the_words_around_it(text: str, verdicts: list[str]) -> None:
    assert _verdicts(text) == verdicts


def test_a_total_called_one_side_is_told_to_be_the_total() -> None:
    (line,) = _lines("Shorts worth $748.3 million were liquidated.")
    assert (line.truth, line.expected) == ("contradicted", "$623.3 million")
    assert "total of both sides" in line.claim.message


def test_the_change_of_another_window_is_named() -> None:
    (line,) = _lines("Bitcoin rose 11.8% in 24 hours.")
    assert (line.truth, line.expected) == ("contradicted", "2.9%")
    assert "price.change_7d" in line.claim.message


def test_both_sides_of_a_sentence_leave_an_amount_that_names_none_undecided_among_them() -> None:
    text = "Of the liquidations $623.3 million, or 83%, came from bearish bets, and bullish bets added $125 million."
    assert _verdicts(text) == ["supported"] * 3


def test_parts_that_do_not_make_the_whole_contradict_it_where_no_figure_is_known() -> None:
    lines = _lines("Solana longs were $20 million and solana shorts $30 million; solana liquidations totalled $90 million.")
    assert [n.truth for n in lines] == ["unknown", "unknown", "contradicted"]
    assert "$50.0 million" in lines[2].claim.message
    right = _lines("Solana longs were $20 million and solana shorts $30 million; solana liquidations totalled $50 million.")
    assert [n.truth for n in right] == ["unknown"] * 3


@pytest.mark.parametrize("bound", ["at_least", "exact"])
def test_one_venues_sum_contradicts_no_total_of_all_venues_or_of_another(bound: str) -> None:
    venue = [liquidation("total_24h", "market", "97100000", scope="binance", bound=bound)]
    assert [n.truth for n in _lines("Liquidations across crypto came to $500 million.", venue)] == ["unknown"]
    assert [n.truth for n in _lines("Liquidations on Bybit came to $500 million.", venue)] == ["unknown"]


def test_a_day_that_is_over_contradicts_no_change_up_to_now() -> None:
    closed = [figure("price.change_day", "BTC", "1.4", Unit.PCT, window="day", observed_at=datetime.fromisoformat("2025-07-14T00:00:00Z"))]
    assert [n.truth for n in _lines("Bitcoin rose 5%.", closed)] == ["unknown"]
    assert [n.truth for n in _lines("Bitcoin rose 1.4%.", closed)] == ["supported"]


def test_the_largest_since_is_held_against_the_day_that_had_more() -> None:
    flow = [
        figure("etf.net_flow_day", "BTC", "1175600000", Unit.USD, window="session"),
        figure("etf.largest_inflow_since", "BTC", date(2024, 11, 7), Unit.DATE, window="session"),
    ]
    assert [(n.truth, n.expected) for n in _lines("Bitcoin ETFs had their largest inflow since Nov. 7, 2024.", flow)] == [
        ("supported", "Nov. 7, 2024")
    ]
    assert [(n.truth, n.expected) for n in _lines("Bitcoin ETFs had their largest inflow since Jan. 7, 2025.", flow)] == [
        ("contradicted", "Nov. 7, 2024")
    ]


def test_the_right_value_is_exact_to_the_figure() -> None:
    (line,) = _lines("Bitcoin rose 5%.")
    assert line.claim.fact is not None
    assert line.claim.fact.value == Decimal("2.9")
    assert (line.figure, line.window) == ("f1", "24h")
