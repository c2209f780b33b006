"""From plan to article: ids, slug, spans, sources and foot; a number without figure is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgen.errors import WriteError
from newsgen.market import Completeness, Figure, Origin, Reading, Record, SeriesKey, Unit
from newsgen.said import Said
from newsgen.story import Article, DocumentPlan, Message, Pitch, Step
from newsgen.write import Stamp, write
from newsgen.write.article import _method, _slug
from tests.write.made_words import wording

AS_OF = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
LEAD = Pitch("made", "BTC", "price", Decimal(80), {}, True, (), "lead")
TEMPLATE = """
{% block headline %}{{ asset|name }} climbs to {{ price.last|price }}{% endblock %}
{% block dek %}The price is up {{ price.change_24h|pct }}{% endblock %}
{% block lede %}{{ asset|name }} rose {{ price.change_24h|pct }} to {{ price.last|price }}.{% endblock %}
{% block more %}{{ asset|name }} had been at {{ price.low_24h|price }}.{% endblock %}
{% block point %}{{ asset|name }} at {{ price.last|price }}{% endblock %}
"""
UPDATE = "{% block price %}{% endblock %}"


def reading(value: int, source: str = "Binance", minutes: int = 2, url: str = "") -> Reading:
    key = SeriesKey("spot.close", "BTC", "1h", "binance", str(value))
    return Reading(key, Decimal(value), Unit.USD, AS_OF - timedelta(minutes=minutes), AS_OF, Origin("klines", source, url))


NOW, BEFORE, LOW = reading(120000), reading(100000, minutes=60), reading(99000, "CoinGlass")
LAST = Figure("price.last", "BTC", Decimal(120000), Unit.USD, AS_OF, AS_OF, "Binance", (NOW,))
FIGURES: Mapping[str, Any] = {"BTC.price.last": 1, "BTC.price.change_24h": 1, "BTC.price.low_24h": 1}
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "BTC.price.last": {"value": Decimal(120000), "inputs": (NOW,)},
    "BTC.price.change_24h": {"value": Decimal(20), "inputs": (LAST, NOW, BEFORE)},
    "BTC.price.low_24h": {"value": Decimal(99000), "inputs": (LOW,)},
}


def plan_of(*blocks: str, seed: int = 1, form: str = "standard", version: int = 1, **more: Any) -> DocumentPlan:
    messages = tuple(Message("lede" if not i else "detail", "angles/made", b, "BTC", "made", paragraph=i) for i, b in enumerate(blocks))
    settings: dict[str, Any] = {"site": "main", "locale": "en", "edition": "test", "assets": ("BTC", "ETH"), **more}
    step = Step("new" if version == 1 else "update", "made-btc-20250714", version, "the test says so")
    lead = replace(LEAD, step=step)
    return DocumentPlan(form=form, as_of=AS_OF, seed=seed, lead=lead, supports=(), pitches=(lead,), messages=messages, **settings)


def article(
    *blocks: str, template: str = TEMPLATE, changes: Mapping[str, Mapping[str, Any]] | None = None, stamp: Stamp | None = None,
    said: Sequence[Said] = (), **more: Any,
) -> Article:  # fmt: skip
    in_style = more.pop("in_style", "ap")
    made = wording({"angles/made": template, "messages/update": UPDATE}, FIGURES, {**CHANGES, **(changes or {})}, in_style=in_style)
    return write(plan_of(*(blocks or ("lede", "more")), **more), made, stamp, said)


def test_the_article_says_what_the_plan_wants_said() -> None:
    made = article()
    assert made.headline.text == "Bitcoin climbs to $120,000"
    assert made.dek.text == "The price is up 20%"
    assert [t.text for t in made.key_points] == ["Bitcoin at $120,000"]
    assert [p.body.text for p in made.paragraphs] == ["Bitcoin (BTC) rose 20% to $120,000.", "Bitcoin had been at $99,000."]
    assert [p.role for p in made.paragraphs] == ["lede", "detail"]
    assert (made.angle, made.form, made.tickers, made.tags) == ("made", "standard", ("BTC",), ("made",))


def test_messages_of_one_paragraph_are_joined() -> None:
    plan = plan_of("lede", "more")
    one = tuple(Message(m.role, m.template, m.block, m.subject, m.angle) for m in plan.messages)
    made = write(DocumentPlan(**{**{f: getattr(plan, f) for f in plan.__slots__}, "messages": one}), wording_of())
    assert [p.body.text for p in made.paragraphs] == ["Bitcoin (BTC) rose 20% to $120,000. It had been at $99,000."]


def wording_of(template: str = TEMPLATE) -> Any:
    return wording({"angles/made": template, "messages/update": UPDATE}, FIGURES, CHANGES)


def test_spans_hold_the_printed_figures() -> None:
    made = article()
    for _, text in made.texts():
        for span in text.spans:
            shown = {"price.last": "$120,000", "price.change_24h": "20%", "price.low_24h": "$99,000"}[made.figures[span.figure].name]
            assert text.text[span.start : span.end] == shown


def test_figures_and_readings_are_counted_by_first_use() -> None:
    made = article()
    assert [(i, f.name) for i, f in made.figures.items()] == [
        ("f1", "price.last"), ("f2", "price.change_24h"), ("f3", "price.low_24h"), ("f4", "price.last"),  # f4 went into f2
    ]  # fmt: skip
    assert made.figures["f4"] is LAST
    assert list(made.readings.items()) == [("r1", NOW), ("r2", BEFORE), ("r3", LOW)]


def test_a_figure_that_no_text_prints_is_not_counted() -> None:
    assert [f.name for f in article("lede").figures.values()] == ["price.last", "price.change_24h", "price.last"]


def test_the_form_says_what_stands_above_the_lede_and_an_unsayable_dek_is_left_out() -> None:
    alert, brief, whole = article(head=()), article(head=("dek",)), article()
    assert [(bool(a.dek.text), bool(a.key_points)) for a in (alert, brief, whole)] == [(False, False), (True, False), (True, True)]
    assert (
        article(template=TEMPLATE.replace("{{ price.change_24h|pct }}{% endblock %}", "{{ price.ath|price }}{% endblock %}", 1)).dek.text
        == ""
    )


def test_a_headline_or_message_that_cannot_be_said_is_a_fault() -> None:
    with pytest.raises(WriteError, match=r"angles/made headline of BTC cannot be said: price\.ath is absent"):
        article(template=TEMPLATE.replace("climbs to {{ price.last|price }}", "climbs to {{ price.ath|price }}"))
    with pytest.raises(WriteError, match="angles/made nut_graf of BTC cannot be said: angles/made has no block nut_graf"):
        article("lede", "nut_graf")


@pytest.mark.parametrize(
    "where",
    ["headline:climbs to", "more:had been at", "dek:The price is", "point:{% block point %}{{ asset|name }}"],
)
def test_a_naked_number_is_refused_with_its_template_and_sentence(where: str) -> None:
    block, _, where = where.partition(":")
    with pytest.raises(WriteError, match=rf"angles/made/en\.j2 {block}: naked number 7 in: .* 7 "):
        article(template=TEMPLATE.replace(where, f"{where} 7"))


def test_a_registered_constant_is_no_naked_number() -> None:
    made = article(template=TEMPLATE.replace("had been at", "in 24 hours had been at"))
    assert made.paragraphs[1].body.text == "Bitcoin in 24 hours had been at $99,000."


def test_a_figure_printed_without_filter_is_refused() -> None:
    with pytest.raises(WriteError, match="naked number"):
        article(template=TEMPLATE.replace("{{ price.low_24h|price }}", "{{ price.low_24h }}"))


def test_the_house_style_spells_words_and_spans_stay_exact() -> None:
    made = article(template=TEMPLATE.replace("had been at", "in U.S. trading totaled"), in_style="en-gb")
    text = made.paragraphs[1].body
    assert text.text == "Bitcoin in US trading totalled $99,000."
    assert [text.text[s.start : s.end] for s in text.spans] == ["$99,000"]


# Ids.


def test_the_id_belongs_to_site_story_version_moment_seed_and_form() -> None:
    same = article().id
    assert article().id == same
    others = [
        article(seed=2), article(version=2), article(site="other"), article(locale="de"), article(form="brief"),
    ]  # fmt: skip
    assert len({same, *(a.id for a in others)}) == 6
    assert article(edition="another").id == same


def test_id_and_slug_are_the_same_in_another_process() -> None:
    code = "from tests.write.test_article import article; made = article(); print(made.id, made.slug)"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env={"PYTHONPATH": str(root), "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [article().id, article().slug]


def test_the_slug_is_the_headline_and_a_mark_of_the_story() -> None:
    made = article()
    assert re.fullmatch(r"bitcoin-climbs-to-120-000-[0-9a-f]{8}", made.slug)
    assert made.story == "made-btc-20250714"
    assert article(seed=9, version=3).slug == made.slug


@given(st.text(max_size=200), st.text(min_size=1, max_size=20))
def test_any_headline_gives_a_safe_and_short_slug(headline: str, story: str) -> None:
    slug = _slug(headline, story)
    assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?-[0-9a-f]{8}", slug)
    assert len(slug) <= 99


def test_a_long_headline_is_cut_in_the_slug() -> None:
    assert _slug("word " * 50, "s")[:-8] == "word-" * 18
    assert len(_slug("x" * 300, "s")) == 99


def test_written_at_is_the_cut_off_unless_stamped() -> None:
    assert article().written_at == AS_OF
    assert article(stamp=Stamp(written_at=AS_OF + timedelta(minutes=3))).written_at == AS_OF + timedelta(minutes=3)
    assert article(stamp=Stamp(made_from={"style": "ap"})).made_from == {"seed": "1", "style": "ap"}


# Foot.


@pytest.mark.parametrize(("words", "minutes"), [(1, 1), (225, 1), (226, 2), (450, 2), (451, 3)])
def test_reading_minutes_are_words_over_225_rounded_up(words: int, minutes: int) -> None:
    template = TEMPLATE.replace("{% block more %}", "{% block long %}" + "word " * words + "{% endblock %}{% block more %}")
    assert article("long", template=template).reading_minutes == minutes


def test_sources_are_named_once_with_their_newest_moment() -> None:
    old = reading(98000, "CoinGlass", minutes=90, url="https://coinglass.com")
    made = article(changes={"BTC.price.low_24h": {"value": Decimal(98000), "inputs": (old, LOW)}})
    assert [(s.name, s.as_of) for s in made.sources] == [("Binance", NOW.observed_at), ("CoinGlass", LOW.observed_at)]
    assert made.sources[1].url == "https://coinglass.com"
    assert made.disclosure == (
        "This article was generated automatically from market data and checked by software rules. Data: Binance, CoinGlass. "
        "Comparisons with the past rest on data from 2017 on. Information only; not investment advice."
    )


@pytest.mark.parametrize(
    ("completeness", "note"),
    [(Completeness.PRELIMINARY, "Some figures are preliminary."), (Completeness.PARTIAL, "Some figures are partial."),
     (Completeness.RESTATED, "Fund flows are the figures as last revised by their source.")],
)  # fmt: skip
def test_the_foot_says_how_complete_the_figures_are(completeness: Completeness, note: str) -> None:
    foot = article(changes={"BTC.price.low_24h": {"completeness": completeness, "inputs": (LOW,)}}).disclosure
    assert foot.count(note) == 1
    assert note not in article().disclosure


@pytest.mark.parametrize(
    ("name", "starts", "note"),
    [
        ("liquidations.total_24h", (), "Liquidations are counted as venues report them, and some report only a part."),
        ("price.ath", (date(2017, 8, 17),), "Comparisons with the past rest on data from 2017 on."),
        ("price.ath", (date(2021, 1, 1), date(2017, 8, 17)), "Comparisons with the past rest on data that begin between 2017 and 2021."),
    ],
)
def test_the_foot_says_how_figures_were_counted_and_how_far_archives_reach(name: str, starts: tuple[date, ...], note: str) -> None:
    records = [Record("price.high", ">=", Decimal(1), None, None, start, False, True, False) for start in starts] or [None]
    figures = [replace(LAST, name=name, record=record) for record in records]
    assert [*_method(figures, wording({}).words.lexicon.disclosure)] == [note]
    assert [*_method([LAST], wording({}).words.lexicon.disclosure)] == []
