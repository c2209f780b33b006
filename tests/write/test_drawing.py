"""Drawings from made data: what stands where, what is left out, hostile words, and nothing beyond the page; the kinds as snapshots."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from newsgen.discover import templates_root
from newsgen.lettering import BOLD, REGULAR, width
from newsgen.market import Unit
from newsgen.write import load_style
from newsgen.write.drawing import HEIGHT, WIDTH, Bars, Line, Pen, draw_bars, draw_line, draw_table, drawing_environment

STYLE = load_style(templates_root() / "style" / "ap.toml")
DRAWINGS = drawing_environment(templates_root())
NOW = datetime(2025, 7, 14, 12, tzinfo=UTC)
END, HOUR, DAY = int(NOW.timestamp()), 3600, 86_400
SVG = "{http://www.w3.org/2000/svg}"
WEEK = [(END - (42 - i) * 4 * HOUR, 110_000 + 9_000 * math.sin(i / 8)) for i in range(43)]
SIDES = {"above": "Shorts", "below": "Longs", "last_above": "$748 million", "last_below": "$125 million"}
FLOWS = {"above": "Inflow", "below": "Outflow", "run": "Full color: the run of two sessions", "last_above": "$1.18 billion"}


class SvgExtension(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "svg"


def pen(title: str = "Price of bitcoin, past seven days", source: str = "Source: Binance spot.", alt: str = "A line.") -> Pen:
    return Pen(DRAWINGS, STYLE, NOW, title, source, alt)


def days(count: int) -> list[date]:
    return [NOW.date() - timedelta(days=count - 1 - i) for i in range(count)]


def texts(svg: str) -> dict[str, ElementTree.Element]:
    return {(node.text or ""): node for node in ElementTree.fromstring(svg).iter(f"{SVG}text")}


def line(points: list[tuple[int, float]] = WEEK, **rest: object) -> str:
    return draw_line(pen(), Line(points, False, Unit.USD, **rest))[0]  # type: ignore[arg-type]


def bars(slots: list[date], values: list[tuple[float, float] | None], *, sided: bool = False, run: int = 0) -> str:
    return draw_bars(pen(), Bars(slots, values, sided, Unit.USD, run, SIDES if sided else FLOWS))[0]


def drawn_bars(svg: str) -> list[ElementTree.Element]:
    nodes = ElementTree.fromstring(svg).iter(f"{SVG}rect")
    return [node for node in nodes if node.get("class") in ("ng-up", "ng-down") and node.get("height") != "12"]


MARKED = Line(WEEK, False, Unit.USD, ((117_000, "$117,000"),), (END - DAY, END, "-3.1% in 24 hours"), "$103,000")
FALLEN = Line([(END - (364 - i) * DAY, -12 - 11 * math.sin(i / 40)) for i in range(365)], True, Unit.PCT, last="-5%")
SIDED = Bars(days(30), [(2e7 + 1e6 * i, 6e8 - 1e7 * i) for i in range(30)], True, Unit.USD, 0, SIDES)
SIGNED = Bars(days(20), [(6e8 * math.sin(i), 0.0) for i in range(20)], False, Unit.USD, 2, FLOWS)
KINDS = {
    "price": lambda: draw_line(pen(), MARKED),
    "drawdown": lambda: draw_line(pen("How far bitcoin closed below its highest price"), FALLEN),
    "liquidations": lambda: draw_bars(pen("Liquidations by side"), SIDED),
    "etf_flows": lambda: draw_bars(pen("Net flows"), SIGNED),
    "table": lambda: draw_table(
        pen("Prices"), ["Asset", "Price", "24 hours"], [["Bitcoin", "$102,451", "+3.3%"], ["Ether", "$2,205", "-16%"]]
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_drawn_as_it_was(kind: str, snapshot: SnapshotAssertion) -> None:
    svg, wide, high = KINDS[kind]()
    root = ElementTree.fromstring(svg)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == (str(wide), str(high), f"0 0 {wide} {high}")
    assert KINDS[kind]()[0] == svg
    assert svg == snapshot(name=kind, extension_class=SvgExtension)


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_leaves_the_page(kind: str) -> None:
    _no_word_leaves_the_page(*KINDS[kind]())


def _no_word_leaves_the_page(svg: str, wide: int, high: int) -> None:
    for text, node in texts(svg).items():
        size, x, y = float(node.get("font-size", "0")), float(node.get("x", "")), float(node.get("y", ""))
        room = width(text, size, BOLD if node.get("font-weight") else REGULAR)
        start = x - {"start": 0.0, "middle": room / 2, "end": room}[node.get("text-anchor", "start")]
        assert start >= 18, text
        assert start + room <= wide - 12, text
        assert size < y < high, text


@pytest.mark.parametrize("columns", [2, 4, 6])
def test_a_wide_table_is_set_smaller_and_a_long_name_is_cut(columns: int) -> None:
    heads = ["Asset", *(f"Column {i}" for i in range(columns))]
    svg, wide, _ = draw_table(pen(), heads, [["A coin with a name that is far too long for any table", *["$0.00001234"] * columns]] * 2)
    ends = [float(n.get("x", "")) for n in ElementTree.fromstring(svg).iter(f"{SVG}text") if n.get("text-anchor") == "end"]
    assert max(ends) == pytest.approx(wide - 20, abs=0.2)
    assert "…" in svg
    _no_word_leaves_the_page(svg, wide, 10_000)


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_with_a_light_colour_has_a_dark_one(kind: str) -> None:
    svg = KINDS[kind]()[0]
    dark = re.search(r"@media screen and \(prefers-color-scheme:dark\)\{(.*?)\}</style>", svg)
    assert dark is not None
    styled = set(re.findall(r"\.(ng-[a-z]+)", dark[1]))
    coloured = [n for n in ElementTree.fromstring(svg).iter() if n.get("fill", "none") != "none" or n.get("stroke")]
    assert coloured
    assert {n.get("class") for n in coloured} <= styled


def test_the_drawing_itself_runs_nothing_and_asks_for_nothing() -> None:
    for draw in KINDS.values():
        assert not re.search(r"<script|<foreignObject|href|url\(|@import| on\w+=| id=", draw()[0])


def test_hostile_words_stay_words() -> None:
    evil = "<script>alert(1)</script> \"' & ]]> \x00\x1b\ufffe {{ 7*7 }}"
    made = Pen(DRAWINGS, STYLE, NOW, evil, evil, evil)
    for svg in (
        draw_line(made, Line(WEEK, False, Unit.USD, ((110_000, evil),), (END - DAY, END, evil), evil))[0],
        draw_bars(made, Bars(days(3), [(1.0, 2.0)] * 3, True, Unit.USD, 0, dict.fromkeys(SIDES, evil)))[0],
        draw_table(made, [evil, evil], [[evil, evil]])[0],
    ):
        root = ElementTree.fromstring(svg)
        assert not list(root.iter(f"{SVG}script"))
        assert root.get("aria-label") == "<script>alert(1)</script> \"' & ]]>  {{ 7*7 }}"
        assert "{{ 7*7 }}" in "".join(texts(svg))


def test_a_line_ends_at_its_last_value_which_is_told_beside_it() -> None:
    svg = line([(END - 2 * HOUR, 100.0), (END - HOUR, 200.0), (END, 150.0)], last="$150")
    [path] = [n.get("d", "") for n in ElementTree.fromstring(svg).iter(f"{SVG}path") if n.get("class") == "ng-line"]
    points = [tuple(map(float, p.split(","))) for p in path[1:].split(" ")]
    assert len(points) == 3
    assert points[1][0] - points[0][0] == pytest.approx(points[2][0] - points[1][0], abs=0.2)
    assert points[2][1] == pytest.approx((points[0][1] + points[1][1]) / 2, abs=0.2)
    [dot] = ElementTree.fromstring(svg).iter(f"{SVG}circle")
    assert (float(dot.get("cx", "")), float(dot.get("cy", ""))) == points[2]
    assert float(texts(svg)["$150"].get("y", "")) == pytest.approx(points[2][1] + 5, abs=0.2)


def test_ticks_are_told_in_the_houses_spelling_and_give_way_to_the_last_value() -> None:
    assert {"$105,000", "$110,000", "$115,000"} <= set(texts(line()))
    assert {"$1.00", "$1.01", "$1.02"} <= set(texts(line([(END - HOUR * i, 0.99 + i * 0.0004) for i in range(80, -1, -1)])))
    assert "$110,000" not in texts(line([*WEEK[:-1], (END, 110_050.0)], last="$110,050"))
    assert {"$500 million", "-$500 million"} <= set(texts(KINDS["etf_flows"]()[0]))
    assert "-$500 million" not in texts(KINDS["liquidations"]()[0])  # of two sides both are amounts


def test_a_hole_in_the_data_breaks_the_line() -> None:
    holed = [p for i, p in enumerate(WEEK) if not 10 < i < 20]
    assert [line(points).count('class="ng-line"') for points in (WEEK, holed)] == [1, 2]


def test_a_level_far_from_the_line_is_left_out_and_two_that_would_touch_are_one() -> None:
    svg = line(marks=((112_000, "$112,000"), (112_100, "$112,100"), (900_000, "$900,000")))
    assert "$112,000" in texts(svg)
    assert svg.count('class="ng-mark"') == 1


@pytest.mark.parametrize("points", [[(END, 5.0)], [(END - HOUR, 0.0), (END, 0.0)], [(END - i * HOUR, 1.0) for i in range(400, -1, -1)]])
def test_one_point_and_a_flat_line_can_be_drawn(points: list[tuple[int, float]]) -> None:
    assert not re.search(r"\b(nan|inf)\b", line(points))
    assert ElementTree.fromstring(line(points)).get("role") == "img"


def test_bars_begin_at_zero_and_a_day_without_data_has_none() -> None:
    made = drawn_bars(bars(days(4), [(100.0, 0.0), None, (-50.0, 0.0), (25.0, 0.0)]))
    assert [n.get("class") for n in made] == ["ng-up", "ng-down", "ng-up"]
    heights = [float(n.get("height", "")) for n in made]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.3)
    assert heights[0] == pytest.approx(4 * heights[2], abs=0.3)
    bottoms = [float(n.get("y", "")) + float(n.get("height", "")) for n in made]
    assert bottoms[0] == pytest.approx(float(made[1].get("y", "")), abs=0.2)
    assert bottoms[0] == pytest.approx(bottoms[2], abs=0.2)
    xs = [float(n.get("x", "")) for n in made]
    assert xs[1] - xs[0] == pytest.approx(2 * (xs[2] - xs[1]), abs=0.3)


def test_the_bars_before_the_run_are_pale() -> None:
    made = drawn_bars(bars(days(5), [(100.0, 0.0)] * 5, run=2))
    assert [bool(n.get("fill-opacity")) for n in made] == [True, True, True, False, False]


@pytest.mark.parametrize("count", [1, 3, 400])
def test_bars_keep_within_the_page_whatever_their_number(count: int) -> None:
    svg = bars(days(count), [(1e8 * math.sin(i + 1), 0.0) for i in range(count)])
    for node in drawn_bars(svg):
        assert float(node.get("x", "")) >= 19
        assert float(node.get("x", "")) + float(node.get("width", "")) <= WIDTH - 20
        assert 0 < float(node.get("width", "")) <= 46
        assert float(node.get("y", "")) + float(node.get("height", "")) < HEIGHT - 40
    assert "July 14" in texts(svg)


def test_sides_of_about_the_same_size_are_told_one_below_the_other() -> None:
    svg = draw_bars(pen(), Bars(days(3), [(1e9, 2e9), (1e9, 2e9), (1.0, 2.0)], True, Unit.USD, 0, SIDES))[0]
    above, below = (float(texts(svg)[SIDES[key]].get("y", "")) for key in ("last_above", "last_below"))
    assert below - above >= 20
