"""Charts as PNG in the shipped font, and the card of an article: the same bytes for the same article, and no word beyond its page."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from functools import cache
from xml.etree import ElementTree

import pytest

from newsgen.lettering import BOLD, REGULAR, width
from newsgen.publish import Printed, SiteInfo
from newsgen.publish._pictures import card_png, card_svg, png_of
from newsgen.publish._upload import is_ours
from tests.desk import illustrated

SVG = "{http://www.w3.org/2000/svg}"
DIGEST = "79de476cd3a9373d442aecc1c1362e5a5c4a22cd424adbac725882b83398fae2"
SITE = SiteInfo(title="The Daily Market", desk="Markets desk")


def printed(headline: str = "", **changes: object) -> Printed:
    article = illustrated("2025-07-14-squeeze", "standard", 1).article
    assert article is not None
    data = article.as_json() | changes
    return Printed.model_validate(data | ({"headline": {"text": headline}} if headline else {}))


def texts(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}text"))


@cache
def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and the bytes of the rows with their filters, which differ where the picture does."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", png[16:24])
    at, rows = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        rows += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    return wide, high, zlib.decompress(rows)


def small(text: str, family: str = "Inter, Arial") -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40"><rect width="100" height="40" fill="#fff"/>'
            f'<text x="5" y="30" font-size="24" font-family="{family}">{text}</text></svg>')  # fmt: skip


def test_words_are_drawn_in_the_shipped_font_and_in_no_other() -> None:
    assert pixels(png_of(small("$120"), 100)) != pixels(png_of(small(""), 100))
    assert pixels(png_of(small("$120"), 100)) != pixels(png_of(small("$121"), 100))
    assert pixels(png_of(small("$120", "DejaVu Sans"), 100)) == pixels(png_of(small("", "DejaVu Sans"), 100))


@pytest.mark.parametrize("wide", [1200, 600, 358])
def test_a_chart_becomes_a_picture_of_the_width_that_is_asked_for(wide: int) -> None:
    chart = printed().charts[0]
    found = pixels(png_of(chart.svg, wide))
    assert found[:2] == (wide, round(wide * chart.height / chart.width))


@pytest.mark.parametrize("wide", [0, -1, 4097, 10**9])
def test_no_picture_of_an_absurd_width_is_made(wide: int) -> None:
    with pytest.raises(ValueError, match="pixels wide"):
        png_of(small("x"), wide)


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        png_of("<html><script>alert(1)</script></html>", 100)


def test_the_same_article_gives_the_same_bytes() -> None:
    first, again = card_png(printed(), SITE), card_png(printed(), SITE)
    assert first == again
    assert pixels(first)[:2] == (1200, 630)
    assert card_png(printed("Another headline"), SITE) != first


def test_the_bytes_of_a_picture_are_those_of_its_drawing() -> None:
    """Of one made drawing, so that a change of the renderer or of the font is seen."""
    assert hashlib.sha256(png_of(small("$120,000"), 300)).hexdigest() == DIGEST


def test_a_card_names_the_story_the_site_the_desk_and_the_moment() -> None:
    said = " ".join("".join(t.itertext()) for t in texts(card_svg(printed(), SITE)))
    article = printed()
    for wanted in (article.headline.text, "The Daily Market", "Markets desk", f"Data as of {article.stamps.as_of}", "Record high"):
        assert wanted in said


def test_a_card_has_a_small_line_of_price_where_a_chart_has_one() -> None:
    article = printed()
    [line] = ElementTree.fromstring(card_svg(article, SITE)).iter(f"{SVG}polyline")
    points = [tuple(map(float, p.split(","))) for p in (line.get("points") or "").split()]
    assert len(points) == len(article.charts[0].line) == 60
    assert (points[0][0], points[-1][0]) == (0, 1056)
    assert {y for _, y in points} >= {0.0, 110.0}  # the highest and the lowest price
    assert not list(ElementTree.fromstring(card_svg(printed(charts=[]), SITE)).iter(f"{SVG}polyline"))


HEADLINES = ["Bitcoin slips", "W" * 85, "WWWWWWWW " * 9, "_j" * 42, "M" * 42 + " " + "m" * 42, "語" * 85, "Tested " * 12, "iiii " * 17]


@pytest.mark.parametrize("headline", HEADLINES)
@pytest.mark.parametrize("charts", [True, False])
def test_no_headline_leaves_its_card_or_runs_into_the_line(headline: str, charts: bool) -> None:
    long = SiteInfo(title="The Observer of Cryptocurrency Markets of Record", desk="Digital assets and macroeconomics desk")
    svg = card_svg(printed(headline, **({} if charts else {"charts": []})), long)
    last = 0.0
    for node in texts(svg):
        size, x, y = (float(node.get(key, "0")) for key in ("font-size", "x", "y"))
        room = width("".join(node.itertext()), size, BOLD if node.get("font-weight") else REGULAR)
        assert size <= y <= 610
        assert (x >= room + 60) if node.get("text-anchor") == "end" else (72 + room <= 1130)
        if size > 34:
            last = y
    assert last <= (440 if charts else 560)


def test_the_whole_of_a_headline_stands_on_the_card() -> None:
    for headline in (h for h in HEADLINES if "語" not in h):
        said = "".join("".join(t.itertext()) for t in texts(card_svg(printed(headline), SITE)))
        assert headline.replace(" ", "") in said.replace(" ", "")


@pytest.mark.parametrize("headline", ["W" * 85, "_j" * 42, "Wtvrf ty " * 10])
def test_the_margin_beside_a_wide_headline_is_empty(headline: str) -> None:
    """What the renderer draws, and not only what was measured."""
    wide, narrow = (card_svg(printed(h, charts=[]), SITE) for h in (headline, "i"))
    assert png_of(_part(wide, 1132), 68) == png_of(_part(narrow, 1132), 68)
    assert png_of(_part(wide, 1000), 200) != png_of(_part(narrow, 1000), 200)


def _part(svg: str, x: int) -> str:
    """The card from a column on, without the bar at its top."""
    whole = 'width="1200" height="630" viewBox="0 0 1200 630"'
    assert whole in svg
    return svg.replace(whole, f'width="{1200 - x}" height="600" viewBox="{x} 20 {1200 - x} 600"')


def test_hostile_words_stay_words() -> None:
    evil = '<script>alert(1)</script> & "x" ]]> \ufffe'
    svg = card_svg(printed(evil, tags=[evil]), SiteInfo(title=evil, desk=evil))
    assert not list(ElementTree.fromstring(svg).iter(f"{SVG}script"))
    assert "<script>alert(1)</script>" in "".join(ElementTree.fromstring(svg).itertext())
    assert not re.search(r"href|url\(|@import", svg)
    assert pixels(card_png(printed(evil), SITE))[:2] == (1200, 630)


@pytest.mark.parametrize(
    ("name", "ours"),
    [("newsgen-0123456789abcdef0123.png", True), ("newsgen-0123456789abcdef0123-2.png", True), ("11/newsgen-0123456789abcdef0123", True),
     ("newsgen-logo.png", False), ("my-newsgen-0123456789abcdef0123.png", False), ("newsgen-0123456789abcdef0123.png.exe", False),
     ("trading-floor.png", False), ("", False)],
)  # fmt: skip
def test_a_picture_of_ours_is_known_by_its_name_and_no_other(name: str, ours: bool) -> None:
    assert is_ours(name) is ours
