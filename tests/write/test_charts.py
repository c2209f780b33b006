"""Which chart a story gets, and that there is none where the series is absent or thin; in made and in real days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsgen.discover import angle_folders, templates_root
from newsgen.errors import ConfigError
from newsgen.illustrate import illustrate
from newsgen.market import Column, View
from newsgen.pipeline import Newsroom, Order, pitch_angles, write_article
from newsgen.story import Article, Pitch
from newsgen.write.charts import load_charts
from tests.desk import edition, illustrated, newsroom, written

SQUEEZE = "2025-07-14-squeeze"
BOOK = load_charts([templates_root()]).book


def story(
    angle: str, *, name: str = SQUEEZE, at: datetime | None = None, without: Sequence[str] = (), room: Newsroom | None = None
) -> Article:
    """A story of an angle with its charts, from a day without some series."""
    view = edition(name).view
    load = view._load

    def fewer(series: str, subject: str) -> Sequence[Column]:
        return [c for c in load(series, subject) if series not in without and f"{series}/{c.key.window}" not in without]

    known = View(at or view.as_of, fewer, view.assets, view.precedence)
    order = Order("charts", "brief", seed=3, angles=(angle,))
    pitched = pitch_angles(newsroom(), known, order)
    found = illustrate(room or newsroom(), pitched, order, write_article(newsroom(), known, order, pitched))
    assert found.article is not None, found.quiet
    assert found.faults == ()
    return found.article


def kinds(article: Article) -> list[str]:
    return [chart.kind for chart in article.charts]


def pitch(angle: str, family: str) -> Pitch:
    found = next(p for p in written(SQUEEZE, "standard", 1).pitches if p.role == "lead")
    return replace(found, angle=angle, family=family)


def test_every_story_has_its_charts_and_none_is_named_that_there_is_not() -> None:
    names = {path.name for path in angle_folders(templates_root())}
    assert set(BOOK.angle) <= names
    families = {
        re.search(r'^family = "(\w+)"', (p / "rule.toml").read_text("utf-8"), re.MULTILINE)[1] for p in angle_folders(templates_root())
    }  # type: ignore[index]
    assert families == set(BOOK.family)


def test_an_angle_comes_before_its_family() -> None:
    assert [p.chart for p in BOOK.of(pitch("short_squeeze", "derivatives"))] == ["liquidations", "price_week"]
    assert [p.chart for p in BOOK.of(pitch("drawdown_step", "price"))] == ["drawdown", "price_year"]
    assert BOOK.of(pitch("new_angle", "of_no_family")) == ()


@pytest.mark.parametrize(
    ("angle", "drawn"), [("short_squeeze", ["liquidations", "price"]), ("ath", ["price"]), ("etf_flow_day", ["etf_flows", "price"])]
)
def test_a_story_gets_the_charts_of_its_kind(angle: str, drawn: list[str]) -> None:
    assert kinds(story(angle)) == drawn


def test_a_story_without_a_record_of_liquidations_has_no_bars_of_them() -> None:
    gone = ("liq.bucket_long", "liq.bucket_short", "liq.long/1d", "liq.short/1d")
    assert kinds(story("short_squeeze", without=gone)) == ["price"]


def test_a_price_without_a_week_of_bars_has_no_line() -> None:
    view = edition(SQUEEZE).view
    start = int((view.as_of - timedelta(days=2)).timestamp())
    load = view._load

    def short(series: str, subject: str) -> Sequence[Column]:
        return [c if not series.startswith("spot.") else _after(c, start) for c in load(series, subject)]

    known = View(view.as_of, short, view.assets, view.precedence)
    order = Order("charts", "brief", seed=3, angles=("etf_flow_day",))
    pitched = pitch_angles(newsroom(), known, order)
    found = illustrate(newsroom(), pitched, order, write_article(newsroom(), known, order, pitched)).article
    assert found is not None
    assert kinds(found) == ["etf_flows"]


@pytest.mark.parametrize(("days", "drawn"), [(4000, ["drawdown", "price"]), (4500, ["price"])])
def test_a_chart_of_more_days_than_are_known_is_none(days: int, drawn: list[str], tmp_path: Path) -> None:
    """Daily bars of bitcoin are known from March 2018 on, 2,539 days: more than 60 percent of 4,000 days, and less of 4,500."""
    text = (templates_root() / "charts" / "charts.toml").read_text("utf-8")
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "charts.toml").write_text(text.replace("falls = true\ndays = 365", f"falls = true\ndays = {days}"))
    room = replace(newsroom(), charts=load_charts([tmp_path, templates_root()]))
    assert kinds(story("drawdown_step", at=datetime(2025, 2, 27, 8, 2, tzinfo=UTC), room=room)) == drawn


def _after(column: Column, start: int) -> Column:
    rows = [i for i, at in enumerate(column.observed) if at > start]
    origins = [column.origin_of[i] for i in rows] if column.origin_of else []
    return Column(column.key, column.unit, [column.observed[i] for i in rows], [column.known[i] for i in rows],
                  [column.values[i] for i in rows], column.origins, origins)  # fmt: skip


def test_what_the_charts_of_a_squeeze_say() -> None:
    """Figures of the day: shorts of $133.8 million and longs of $13.1 million on Binance; bitcoin at $121,467, 11.6% up in seven days."""
    bars, line = story("short_squeeze").charts
    assert bars.title == "Liquidations by side on Binance, day by day"
    assert bars.alt.endswith("The last bars are $134 million of shorts and $13.1 million of longs on Binance in 24 hours.")
    assert line.title == "Price of bitcoin, past seven days"
    assert line.alt == "A line shows the price of bitcoin over seven days. It ends at $121,467, up 12% in seven days."
    assert line.source == "Source: Binance spot. Data as of July 14, 2025, 8:02 a.m. ET (12:02 UTC)."
    for chart, told in ((bars, ("$134 million", "$13.1 million", "Shorts", "Longs")), (line, ("$121,467", "in 24 hours"))):
        assert all(words in chart.svg for words in (*told, chart.title))


def test_what_the_chart_of_fund_flows_says() -> None:
    """July 10, 2025: $1,175.6 million in, the sixth session of a run of $2,696 million."""
    chart = illustrated("2025-07-11-etf-inflows", "standard", 1).article.charts[0]  # type: ignore[union-attr]
    assert chart.alt.endswith(
        "The last bar is an inflow of $1.18 billion on July 10. It belongs to a run of six sessions of inflows with $2.7 billion in all."
    )
    pale, full = (len(re.findall(rf'<rect class="ng-(?:up|down)"[^>]*{end}/>', chart.svg)) for end in ('fill-opacity="0.4"', '"'))
    assert full - pale == 6 + 2  # the run, and the two squares of the legend


def test_a_drawdown_ends_as_far_down_as_its_figure_says() -> None:
    article = story("drawdown_step", at=datetime(2025, 2, 27, 8, 2, tzinfo=UTC))
    chart = article.charts[0]
    figure = next(f for f in article.figures.values() if f.name == "price.below_ath_close_pct")
    assert chart.kind == "drawdown"
    assert round(figure.number) == 23
    assert "The line ends 23% below the highest price since 2010." in chart.alt
    assert ">-23%<" in chart.svg


def test_the_figures_of_a_chart_are_the_articles_and_no_number_changes_its_name() -> None:
    plain, drawn = written(SQUEEZE, "standard", 1).article, illustrated(SQUEEZE, "standard", 1).article
    assert plain is not None
    assert drawn is not None
    figures, more = plain.as_json()["figures"], drawn.as_json()["figures"]
    assert list(more)[: len(figures)] == list(figures)
    assert {k: more[k]["value"] for k in figures} == {k: f["value"] for k, f in figures.items()}
    assert {"price.change_365d", "price.last"} <= {f["name"] for f in more.values()}
    assert [p.body for p in drawn.paragraphs] == [p.body for p in plain.paragraphs]
    assert {s.name for s in plain.sources} <= {s.name for s in drawn.sources}


def test_a_line_of_price_has_its_small_line_and_other_charts_have_none() -> None:
    bars, line = story("short_squeeze").charts
    assert bars.line == ()
    assert 20 <= len(line.line) <= 60
    assert (min(line.line), max(line.line)) == (0, 100)


def test_the_same_day_gives_the_same_bytes_and_another_style_its_own_words() -> None:
    assert [c.svg for c in story("short_squeeze").charts] == [c.svg for c in story("short_squeeze").charts]
    british = illustrated(SQUEEZE, "standard", 1, "en-gb").article
    assert british is not None
    assert "14 July 2025, 13:02 BST" in british.charts[0].source


def test_an_article_that_carries_a_table_has_no_picture_of_it() -> None:
    moved = story("outlier_mover", at=datetime(2025, 5, 9, 4, 2, tzinfo=UTC))
    assert kinds(moved) == ["price", "table"]
    table = moved.charts[1]
    assert table.alt.startswith("Prices. Bitcoin: Price $102,451, 24 hours +3.3%, Seven days +5.5%; Ether: ")
    assert "$2,205" in table.svg


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[family]\nprice = [{ chart = 'pie' }]", "names pie"),
        ("[form.a]\nkind = 'price'\ndraws = 'line'\n[family]\nprice = [{ chart = 'a', marks = ['moon'] }]", "names moon"),
        ("[form.a]\nkind = 'price'\ndraws = 'line'\n[family]\nprice = [{ chart = 'a', otherwise = 'b' }]", "names b"),
        ("[form.a]\nkind = 'pie'\ndraws = 'line'", "form.a.kind"),
        ("[form", "charts.toml"),
    ],
)
def test_a_wrong_table_of_charts_is_told_when_it_is_loaded(text: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "charts.toml").write_text(text)
    with pytest.raises(ConfigError, match=re.escape(problem)):
        load_charts([tmp_path])


def test_templates_without_charts_give_none(tmp_path: Path) -> None:
    assert load_charts([tmp_path]).book.of(pitch("ath", "price")) == ()
