"""Drafts as blocks of text, whatever they were marked up with."""

from __future__ import annotations

import pytest

from newsgen.draft_text import blocks_of


def _texts(text: str, suffix: str = "") -> list[tuple[str, str, str]]:
    return [(b.where, b.kind, b.text) for b in blocks_of(text, suffix)]


def test_markdown_loses_its_marks_and_keeps_its_words() -> None:
    assert _texts("# A *bold*  head\n\nSome [link](https://x.example) and `code`,\nwrapped.\n\n- one\n- **two:** 3%\n\n> said") == [
        ("headline", "h1", "A bold head"),
        ("paragraphs[0]", "p", "Some link and code, wrapped."),
        ("paragraphs[1]", "li", "one"),
        ("paragraphs[2]", "li", "two: 3%"),
        ("paragraphs[3]", "p", "said"),
    ]


def test_a_row_of_a_table_knows_the_heads_of_its_columns() -> None:
    blocks = blocks_of("| Asset | 24h |\n|---|---|\n| BTC | +3% |\n\nText after.")
    assert [(b.kind, b.text, b.heads) for b in blocks] == [
        ("tr", "Asset | 24h", ()),
        ("tr", "BTC | +3%", ("Asset", "24h")),
        ("p", "Text after.", ()),
    ]


def test_html_is_read_block_by_block_and_scripts_and_styles_are_no_text() -> None:
    page = (
        "<!doctype html><html><head><title>t</title><style>p{}</style></head><body><script>alert('9%')</script><h1>Up &amp; away</h1>"
        "<div><p>One<br>two <b>3%</b></p>loose<ul><li>a<ul><li>b</li></ul></li></ul></div></body></html>"
    )
    assert [t for _, _, t in _texts(page)] == ["Up & away", "One two 3%", "loose", "a", "b"]


def test_html_inside_markdown_is_read_as_text() -> None:
    assert [t for _, _, t in _texts("Before\n\n<p>in <i>it</i></p>\n\nAfter")] == ["Before", "in it", "After"]


def test_plain_text_by_its_suffix_keeps_its_stars() -> None:
    assert [t for _, _, t in _texts("# 1 * 2 * 3\n\nsecond", ".txt")] == ["# 1 * 2 * 3", "second"]


@pytest.mark.parametrize("hidden", ["\u200b", "\u2060", "\ufeff", "\u00ad"])
def test_what_has_no_width_does_not_part_a_number(hidden: str) -> None:
    assert [t for _, _, t in _texts(f"Up 1{hidden}2%")] == ["Up 12%"]


def test_an_empty_draft_has_no_blocks() -> None:
    assert _texts(" \n\n") == []
    assert _texts("<html><body><script>1</script></body></html>") == []
