"""Charts as a step of their own: what they say is read back, a fault costs a chart and not the article, and no source slips in."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from newsgen import illustrate as module
from newsgen.discover import templates_root
from newsgen.illustrate import illustrate
from newsgen.pipeline import Newsroom, Order, Outcome, Pitched, load_newsroom, pitch_angles, write_article
from newsgen.story import Disclosure, Quiet
from tests.desk import edition, newsroom

DAY = "2025-07-11-etf-inflows"
ORDER = Order(DAY, "standard", seed=1, angles=("etf_flow_day",))


@cache
def plain(room: Newsroom | None = None) -> tuple[Pitched, Outcome]:
    pitched = pitch_angles(newsroom(), edition(DAY).view, ORDER)
    return pitched, write_article(newsroom(), edition(DAY).view, ORDER, pitched)


def drawn(room: Newsroom, order: Order = ORDER) -> Outcome:
    pitched, outcome = plain()
    return illustrate(room, pitched, order, outcome)


def own(folder: Path, name: str, old: str, new: str) -> Newsroom:
    """A newsroom whose desk has changed one file of the charts."""
    text = (templates_root() / "charts" / name).read_text("utf-8")
    assert old in text
    (folder / "charts").mkdir(exist_ok=True)
    (folder / "charts" / name).write_text(text.replace(old, new))
    return load_newsroom(own_templates=folder)


def test_an_article_is_published_with_its_charts() -> None:
    found = drawn(newsroom()).article
    assert found is not None
    assert [c.kind for c in found.charts] == ["etf_flows", "price"]
    assert found.verdict.decision == "publish"
    before = plain()[1].article
    assert before is not None
    assert (before.charts, found.headline, found.paragraphs) == ((), before.headline, before.paragraphs)


def test_where_there_is_no_article_nothing_is_drawn() -> None:
    quiet = Outcome(None, Quiet("nothing"), ())
    assert illustrate(newsroom(), plain()[0], ORDER, quiet) is quiet


FALSE = [
    ("over 30 days.\nIt ends", "over 365 days.\nIt ends"),
    ('{{ asset.price.change_30d|direction("up_down") }}', "down"),
    ('is an {{ etf.net_flow_day|direction("inflow_outflow") }}', "is an outflow"),
    ("It ends at {{ asset.price.last|price }}", "It ends at {{ etf.net_flow_day|money }}"),
]


@pytest.mark.parametrize(("said", "false"), FALSE)
def test_a_false_caption_holds_the_article(said: str, false: str, tmp_path: Path) -> None:
    found = drawn(own(tmp_path, "en.j2", said, false)).article
    assert found is not None
    assert found.verdict.decision == "hold"
    assert {f.where.partition("[")[0] for f in found.verdict.findings if f.severity == "block"} == {"charts"}


def test_a_naked_number_in_a_caption_costs_its_chart_only(tmp_path: Path) -> None:
    outcome = drawn(own(tmp_path, "en.j2", "inflows upwards", "7 inflows upwards"))
    assert outcome.article is not None
    assert [c.kind for c in outcome.article.charts] == ["price"]
    assert outcome.article.verdict.decision == "publish"
    assert "naked number 7" in str(outcome.faults[0])


@pytest.mark.parametrize(("name", "old", "new"), [
    ("en.j2", "{% block etf_flows_alt %}", "{% block etf_flows_alt %}{{ nobody.knows }}"),
    ("bars.svg", "{% block plot %}", "{% block plot %}{{ nobody.knows }}"),
])  # fmt: skip
def test_a_fault_in_a_template_costs_its_chart_only(name: str, old: str, new: str, tmp_path: Path) -> None:
    outcome = drawn(own(tmp_path, name, old, new))
    assert outcome.article is not None
    assert [c.kind for c in outcome.article.charts] == ["price"]
    assert [name in str(fault) and "nobody" in str(fault) for fault in outcome.faults] == [True]


def test_a_fault_of_the_drawing_itself_costs_its_chart_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*parts: object) -> None:
        raise ZeroDivisionError("no room between the highest and the lowest")

    monkeypatch.setattr("newsgen.write.charts.draw_bars", broken)
    outcome = drawn(newsroom())
    assert outcome.article is not None
    assert [c.kind for c in outcome.article.charts] == ["price"]
    assert ["ZeroDivisionError" in str(fault) for fault in outcome.faults] == [True]


def test_no_chart_rests_on_a_source_whose_terms_nobody_accepted() -> None:
    pitched, outcome = plain()
    assert outcome.article is not None
    used = {r.key.source for r in outcome.article.readings.values()}
    readings = {name: r for name, r in outcome.article.readings.items() if r.key.source != "binance"}
    figures = {name: f for name, f in outcome.article.figures.items() if "Binance" not in f.source}
    without = replace(outcome, article=replace(outcome.article, readings=readings, figures=figures))
    commercial = replace(ORDER, commercial=True, accepted=frozenset(used - {"binance"}))
    refused = illustrate(newsroom(), pitched, commercial, without).article
    allowed = illustrate(newsroom(), pitched, replace(commercial, accepted=frozenset(used)), without).article
    assert refused is not None
    assert allowed is not None
    assert [[c.kind for c in a.charts] for a in (refused, allowed)] == [["etf_flows"], ["etf_flows", "price"]]


def test_what_a_chart_mentions_is_disclosed() -> None:
    owed = Disclosure(("A line shows",), "The desk holds lines.")
    found = drawn(newsroom(), replace(ORDER, disclosures=(owed,))).article
    assert found is not None
    assert found.disclosure.endswith("The desk holds lines.")


def test_an_article_has_two_charts_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    found = drawn(newsroom()).article
    assert found is not None
    assert len(found.charts) == 1
