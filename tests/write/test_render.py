"""Realisation: a sandbox that names what is wrong, and filters that print figures and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from newsgen.errors import TemplateMissing, UnknownFigure
from newsgen.market import Record
from newsgen.story import Message
from newsgen.write import Rendered, Unsayable
from newsgen.write.credit import plain
from newsgen.write.ledger import cut_marks
from newsgen.write.refer import short_form
from tests.write.made_words import lexicon, printed, said, wording

D = Decimal
NUMERIC = ("money", "price", "level", "pct", "points", "count", "ordinal", "coins", "index", "near", "past", "times", "round_price")
DATES = ("day", "day_month", "month")
WORDS = (
    "verb", "direction('up_down')", "window", "according", "show", "source", "label", "bar", "venue", "venue_assets", "archive", "began",
    "text", "when",
)  # fmt: skip


@pytest.mark.parametrize(
    "text", ["{{ ''.__class__ }}", "{{ price.__class__ }}", "{{ ''.join.__self__.__class__ }}", "{{ price.last.__init__() }}"]
)
def test_the_sandbox_refuses_what_reaches_into_python(text: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        said(text, {"BTC.price.last": 1})


def test_a_template_cannot_change_what_it_sees() -> None:
    with pytest.raises(SecurityError):
        said("{% set words = ['a'] %}{{ words.append('b') }}")


def test_a_name_that_does_not_exist_is_named() -> None:
    with pytest.raises(UndefinedError, match="'pirce' is undefined"):
        said("{{ pirce }}")
    with pytest.raises(UndefinedError, match="'pirce' is undefined"):
        said("{{ pirce.last|price }}")


def test_output_that_is_too_long_is_refused() -> None:
    found = said("{% for i in range(3000) %}much too long {% endfor %}")
    assert isinstance(found, Unsayable)
    assert found.reason == "messages/made wrote more than 20000 characters"
    assert isinstance(said("{% for i in range(100) %}long {% endfor %}"), Rendered)


def test_a_block_that_says_nothing_cannot_be_said() -> None:
    assert said(" \n ") == Unsayable("nothing to say")


def test_a_missing_block_is_a_reason_and_a_missing_template_a_fault() -> None:
    made = wording({"messages/made": "{% block say %}x{% endblock %}"})
    assert made.say(Message("detail", "messages/made", "point", "BTC", "made")) == Unsayable("messages/made has no block point")
    with pytest.raises(TemplateMissing, match=r"no template messages/other/en\.j2"):
        made.say(Message("detail", "messages/other", "say", "BTC", "made"))


def test_white_space_is_one_space() -> None:
    assert printed("  a\n  b\t c ") == "a b c"


def test_the_same_message_is_said_once_and_kept() -> None:
    made = wording({"messages/made": "{% block say %}{{ price.last|price }}{% endblock %}"}, {"BTC.price.last": 5})
    message = Message("detail", "messages/made", "say", "BTC", "made")
    assert made.say(message) is made.say(message)


def test_words_are_counted_without_marks() -> None:
    found = said("At {{ price.last|price }} on Monday", {"BTC.price.last": 5})
    assert isinstance(found, Rendered)
    assert found.words == 4
    assert cut_marks(found.text).spans == ((3, 8, 0),)
    named = said("{{ SP500|name }} and {{ BTC|name }}", {})
    assert isinstance(named, Rendered)
    assert named.words == 5  # the S&P 500 and bitcoin


# Filters.


@pytest.mark.parametrize("name", [*NUMERIC, *DATES, *WORDS])
@pytest.mark.parametrize("value", ["5", "'five'", "BTC", "price"])
def test_a_filter_refuses_what_is_no_figure(name: str, value: str) -> None:
    with pytest.raises(TypeError, match="prints a figure"):
        said(f"{{{{ {value}|{name} }}}}")


@pytest.mark.parametrize("name", [*NUMERIC, *DATES, *WORDS])
def test_a_filter_cannot_say_what_is_absent(name: str) -> None:
    assert said(f"{{{{ price.last|{name} }}}}") == Unsayable("price.last is absent: nobody has set it")


@pytest.mark.parametrize("name", NUMERIC)
def test_a_numeric_filter_refuses_a_date(name: str) -> None:
    with pytest.raises(TypeError, match=r"price\.ath_at of BTC is not a number"):
        said(f"{{{{ price.ath_at|{name} }}}}", {"BTC.price.ath_at": date(2025, 7, 14)})


@pytest.mark.parametrize("name", DATES)
def test_a_date_filter_cannot_say_a_number(name: str) -> None:
    assert said(f"{{{{ price.last|{name} }}}}", {"BTC.price.last": 5}) == Unsayable("price.last has no date")


def test_a_clock_filter_refuses_a_date() -> None:
    with pytest.raises(TypeError, match=r"price\.ath_at is no moment"):
        said("{{ price.ath_at|when }}", {"BTC.price.ath_at": date(2025, 7, 14)})


def test_name_refuses_what_is_no_subject() -> None:
    with pytest.raises(TypeError, match="prints a subject"):
        said("{{ 7|name }}")
    with pytest.raises(UnknownFigure, match="'NOBODY', which is no asset"):
        said("{{ 'NOBODY'|name }}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ liquidations.short_24h|money }}", "$623 million"),
        ("{{ liquidations.short_24h|money(4) }}", "$623.3 million"),
        ("{{ liquidations.short_24h|near(2) }}", "more than $620 million"),
        ("{{ liquidations.short_24h|past }}", "$600 million"),
        ("{{ price.last|price }}", "$121,467"),
        ("{{ price.last|round_price }}", "$121,000"),
        ("{{ price.last|past(3) }}", "$121,000"),
        ("{{ price.change_24h|pct }}", "2.9%"),
        ("{{ price.change_24h|direction('up_down') }}", "down"),
        ("{{ etf.streak_days|count }} and {{ etf.streak_days|ordinal }}", "seven and seventh"),
        ("{{ treasury.last_purchase|coins }}", "4,225"),
        ("{{ price.ath_at|day }}", "Sunday"),
        ("{{ price.ath_at|day_month }}", "July 13"),
        ("{{ price.ath_at|month }}", "July 2025"),
        ("{{ clock.as_of|when }}", "8:02 a.m. ET (12:02 UTC)"),
    ],
)
def test_each_filter_prints_in_its_way(text: str, expected: str) -> None:
    figures = {
        "BTC.liquidations.short_24h": D(623300000), "BTC.price.last": D("121467.24"), "BTC.price.change_24h": D("-2.8755587"),
        "BTC.etf.streak_days": 7, "BTC.treasury.last_purchase": 4225, "BTC.price.ath_at": date(2025, 7, 13),
        "market.clock.as_of": datetime(2025, 7, 14, 12, 2, tzinfo=UTC),
    }  # fmt: skip
    assert printed(text, figures) == expected


def test_headlines_have_figures_and_text_has_words() -> None:
    text = "{{ etf.streak_days|count }}, {{ etf.streak_days|ordinal }}"
    assert printed(text, {"BTC.etf.streak_days": 7}, block="headline") == "7, 7th"
    assert printed(text, {"BTC.etf.streak_days": 7}, block="dek") == "seven, seventh"


def test_a_figure_is_printed_as_each_place_wants_it_although_it_has_been_printed_before() -> None:
    text = (
        "{{ etf.streak_days|count }}, {{ etf.net_flow_day|money }}, {{ etf.net_flow_day|money(4) }}, {{ etf.net_flow_day|money(digits=4) }}"
    )
    blocks = "".join(f"{{% block {name} %}}{text}{{% endblock %}}" for name in ("dek", "headline"))
    made = wording({"messages/made": blocks}, {"BTC.etf.streak_days": 7, "BTC.etf.net_flow_day": 1_234_500_000})
    both = [made.say(Message("detail", "messages/made", name, "BTC", "made")) for name in ("dek", "headline")]
    amounts = "$1.23 billion, $1.234 billion, $1.234 billion"
    assert [cut_marks(b.text).text for b in both if isinstance(b, Rendered)] == [f"seven, {amounts}", f"7, {amounts}"]


LOWER: dict[str, dict[str, Any]] = {
    "BTC.liquidations.traders_24h": {"bound": "at_least"},
    "BTC.liquidations.short_24h": {"bound": "at_least"},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ liquidations.traders_24h|count }} traders", "at least 130,900 traders"),
        ("{{ liquidations.traders_24h|near(2) }} traders", "at least 130,000 traders"),
        ("{{ liquidations.short_24h|money }}", "at least $623 million"),
    ],
)
def test_a_lower_bound_is_printed_with_at_least(text: str, expected: str) -> None:
    figures = {"BTC.liquidations.traders_24h": 130900, "BTC.liquidations.short_24h": D(623300000)}
    assert printed(text, figures, LOWER) == expected
    assert "at least" not in printed(text, figures)


@pytest.mark.parametrize(("ratio", "expected"), [("0.95", "0.95"), ("0.951", "even"), ("1.049", "even"), ("1.05", "1.05"), ("1.1", "1.1")])
def test_a_ratio_that_would_print_as_one_is_even(ratio: str, expected: str) -> None:
    """0.951 and 1.049 print as 1 with one decimal; what is 0.05 or more away does not always."""
    text = "{% if volume.ratio_30d is even %}even{% else %}{{ volume.ratio_30d|ratio }}{% endif %}"
    assert printed(text, {"BTC.volume.ratio_30d": D(ratio)}) == expected


def test_at_least_stands_outside_the_span() -> None:
    name = "BTC.liquidations.traders_24h"
    found = said("{{ liquidations.traders_24h|count }}", {name: 130900}, {name: LOWER[name]})
    assert isinstance(found, Rendered)
    cut = cut_marks(found.text)
    assert [cut.text[a:b] for a, b, _ in cut.spans] == ["130,900"]


@pytest.mark.parametrize(
    ("level", "expected"), [("120000", "$120,000"), ("150", "$150"), ("0.5", "$0.50"), ("2.50", "$2.50"), ("0.078", "$0.078")]
)
def test_a_round_level_has_no_zeros_at_its_end_but_those_of_its_cents(level: str, expected: str) -> None:
    assert printed("{{ level.crossed_up|level }}", {"BTC.level.crossed_up": D(level)}) == expected


@pytest.mark.parametrize("change", ["0", "0.05", "-0.0499"])
def test_a_change_that_would_print_as_nothing_is_not_told(change: str) -> None:
    assert said("{{ price.change_24h|pct }}", {"BTC.price.change_24h": D(change)}) == Unsayable("price.change_24h is as good as none")
    assert printed("{{ price.change_24h|pct }}", {"BTC.price.change_24h": D("0.051")}) == "0.1%"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{{ BTC|name }} falls", "{{ BTC|name }} has made up half of its drop", "bitcoin falls; it has made up half of its drop"),
        ("{{ BTC|name }} falls", "{{ BTC|name }} up in 24 hours", "bitcoin falls; up in 24 hours"),
        ("{{ BTC|name }} falls", "{{ BTC|name }} ETFs lose money", "bitcoin falls; bitcoin ETFs lose money"),
        ("{{ BTC|name }} falls", "{{ ETH|name }} has made up half of its drop", "bitcoin falls; ether has made up half of its drop"),
        ("{{ BTC|name }} falls", "{{ BTC|name }} parts from {{ ETH|name }}", "bitcoin falls; bitcoin parts from ether"),
        ("{{ BTC|name }} and {{ ETH|name }} fall", "{{ BTC|name }} at its low", "bitcoin and ether fall; bitcoin at its low"),
        ("A fall of {{ BTC|name }}", "{{ BTC|name }} at its low", "A fall of bitcoin; bitcoin at its low"),
        ("{{ BTC|name }} falls", "The low is near", "bitcoin falls; the low is near"),
    ],
)
def test_a_second_clause_on_one_subject_does_not_name_it_again(before: str, after: str, expected: str) -> None:
    text = f"{{% set first %}}{before}{{% endset %}}{{% set then %}}{after}{{% endset %}}{{{{ first }}}}; {{{{ then|taken_up(first) }}}}"
    assert short_form(printed(text, {}), lexicon().assets) == expected


def test_a_second_clause_does_not_say_the_figure_of_the_first_again() -> None:
    first, then = "{% set first %}{{ price.change_7d|pct }}{% endset %}", "{% set then %}{{ price.period_change|pct }}{% endset %}"
    text = f"{first}{then}{{{{ first }}}}; {{{{ then|taken_up(first) }}}}"
    assert printed(text, {"BTC.price.change_7d": D("-13.2"), "BTC.price.period_change": D("-13.1")}) == "13%; 13%"
    again = said(text, {"BTC.price.change_7d": D("-13.2"), "BTC.price.period_change": D("-13.2")})
    assert again == Unsayable("the clause says what the one before it has said")


@pytest.mark.parametrize(("close", "expected"), [("57694.10", "once"), ("57694.11", "twice"), (None, "twice")])
def test_a_template_can_tell_a_price_once_where_it_is_still_the_close(close: str | None, expected: str) -> None:
    figures = {"BTC.price.last": D("57694.1")} | ({"BTC.price.close_day": D(close)} if close else {})
    assert printed("{% if price.last is unmoved_from(price.close_day) %}once{% else %}twice{% endif %}", figures) == expected


def test_an_order_of_one_venue_is_told_with_it() -> None:
    text = "order{% if liquidations.largest_order_24h is of_one_venue %} on {{ liquidations.largest_order_24h|venue }}{% endif %}"
    order = {"BTC.liquidations.largest_order_24h": 98_100_000}
    assert printed(text, order, {"BTC.liquidations.largest_order_24h": {"scope": "binance"}}) == "order on Binance"
    assert printed(text, order, {"BTC.liquidations.largest_order_24h": {"scope": "reported"}}) == "order"
    unknown = said(text, order, {"BTC.liquidations.largest_order_24h": {"scope": "nowhere"}})
    assert unknown == Unsayable("liquidations.largest_order_24h is of nowhere, which the lexicon does not name")


def test_flows_that_go_the_other_way_make_the_wording_unsayable() -> None:
    inflow, outflow = "{{ etf.net_flow_day|inflow_only|money }}", "{{ etf.net_flow_day|outflow_only|money }}"
    assert printed(inflow, {"BTC.etf.net_flow_day": 5_000_000}) == "$5 million"
    assert printed(outflow, {"BTC.etf.net_flow_day": -5_000_000}) == "$5 million"
    assert said(inflow, {"BTC.etf.net_flow_day": -5}) == Unsayable("etf.net_flow_day is no inflow")
    assert said(outflow, {"BTC.etf.net_flow_day": 5}) == Unsayable("etf.net_flow_day is no outflow")


@pytest.mark.parametrize(("is_record", "covers_life", "first"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_first_time_needs_a_record_over_the_whole_life(is_record: bool, covers_life: bool, first: bool) -> None:
    made = Record("m", ">=", D(120000), None, None, date(2011, 1, 1), is_record, True, covers_life)
    found = said("{{ level.crossed_up|first_level|level }}", {"BTC.level.crossed_up": 120000}, {"BTC.level.crossed_up": {"record": made}})
    if first:
        assert isinstance(found, Rendered)
        assert cut_marks(found.text).text == "$120,000"
    else:
        assert found == Unsayable("level.crossed_up is no first time")


@pytest.mark.parametrize(("agreeing", "text"), [(6, "all 6"), (5, "5 of 6")])
def test_a_count_that_leaves_none_out_is_told_as_all(agreeing: int, text: str) -> None:
    source = "{% if etf.funds_agreeing is all_of(etf.funds_reporting) %}all 6{% else %}5 of 6{% endif %}"
    assert printed(source, {"BTC.etf.funds_agreeing": agreeing, "BTC.etf.funds_reporting": 6}) == text


def test_an_archive_without_beginning_cannot_be_cited() -> None:
    figures, start = {"BTC.price.high_since": date(2024, 1, 1)}, {"BTC.price.high_since": {"archive_start": date(2011, 8, 18)}}
    assert printed("{{ price.high_since|archive }} {{ price.high_since|began }}", figures, start) == "2011 Aug. 18, 2011"
    assert said("{{ price.high_since|archive }}", figures) == Unsayable("price.high_since states no start of its archive")


def test_an_unknown_term_is_named() -> None:
    with pytest.raises(UnknownFigure, match="the term 'etf'"):
        said("{{ 'etf'|term }}")


@pytest.mark.parametrize(
    ("source", "one", "other"),
    [("CoinGlass", "CoinGlass data show", "data from CoinGlass show"),
     ("figures published by AInvest", "figures published by AInvest show", "according to figures published by AInvest")],
)  # fmt: skip
def test_a_source_is_named_in_forms_that_fit_it(source: str, one: str, other: str) -> None:
    changes = {"BTC.price.last": {"source": source}}
    for text in ("{{ price.last|according }}", "{{ price.last|show }}"):
        found = {plain(printed(text, {"BTC.price.last": 5}, changes, seed=s)) for s in range(30)}
        assert {one, other} <= found and all(source in form for form in found)
    opening = {plain(printed("{{ price.last|per }}", {"BTC.price.last": 5}, changes, seed=s)) for s in range(30)}
    assert all(form.startswith(f"According to {source}") for form in opening)


def test_a_fund_whose_ticker_is_that_of_its_asset_is_told_by_its_name() -> None:
    figures = {"ETH.etf.top_fund": 5, "BTC.etf.top_fund": 5, "BTC.price.last": 5}
    labels = {"ETH.etf.top_fund": "ETH", "BTC.etf.top_fund": "IBIT", "BTC.price.last": "ETH"}
    text = "{{ ETH.etf.top_fund|label }}; {{ BTC.etf.top_fund|label }}; {{ BTC.price.last|label }}"
    found = printed(text, figures, {name: {"label": label} for name, label in labels.items()}, subject="market")
    assert found == "Grayscale's Ethereum Mini Trust; BlackRock's IBIT; \ue002ETH:name\ue003"


def test_the_assets_of_a_venue_are_a_list_in_words() -> None:
    text = "{{ liquidations_venue.short_24h|venue_assets }}"
    for label, count in (("BTC,ETH,SOL", 3), ("BTC,ETH", 2), ("BTC", 1)):
        shown = printed(text, {"BTC.liquidations_venue.short_24h": 5}, {"BTC.liquidations_venue.short_24h": {"label": label}})
        assert shown.count(", ") == max(0, count - 2)
        assert shown.count(" and ") == (count > 1)
