"""Widths come from the shipped font, lines keep within their room, and the font is a file of ours."""

from __future__ import annotations

import pytest

from newsgen.lettering import BOLD, REGULAR, fitted, font_files, shortened, width, wrapped


def test_the_font_lies_beside_its_licence() -> None:
    for path in font_files():
        assert path.read_bytes()[:4] == b"\x00\x01\x00\x00"  # TrueType
        assert "SIL Open Font License" in (path.parent / "OFL.txt").read_text("utf-8")


@pytest.mark.parametrize(("letter", "font", "units"), [("0", REGULAR, 1292), ("W", BOLD, 2078), (" ", REGULAR, 576), ("é", REGULAR, 1194)])
def test_an_advance_is_the_fonts(letter: str, font: str, units: int) -> None:
    """Of 2048 units an em, as fontTools tells of the same files; three percent more for kerning."""
    assert width(letter, 2048, font) == pytest.approx(units * 1.03, abs=1)


def test_a_character_that_the_font_lacks_is_as_wide_as_it_is_high() -> None:
    assert width("語", 100) == pytest.approx(103)


def test_lines_keep_within_the_room_and_lose_no_word() -> None:
    text = "Bitcoin tumbles in the largest sell-off since the failure of an exchange"
    lines = wrapped(text, 200, 20)
    assert len(lines) > 2
    assert all(width(line, 20) <= 200 for line in lines)
    assert " ".join(lines) == text


def test_a_word_that_is_wider_than_the_room_is_broken() -> None:
    lines = wrapped("W" * 85, 1056, 40, BOLD)
    assert "".join(lines) == "W" * 85
    assert all(width(line, 40, BOLD) <= 1056 for line in lines)


def test_a_text_that_fits_is_not_shortened_and_another_ends_with_an_ellipsis() -> None:
    assert shortened("Markets desk", 400, 28) == "Markets desk"
    cut = shortened("Digital assets and macroeconomics desk of the morning", 300, 28)
    assert cut.endswith("…")
    assert width(cut, 28) <= 300


def test_the_first_size_at_which_the_lines_have_room_is_taken_and_they_are_about_as_long() -> None:
    found = fitted("Ether falls below a level that it had held since the spring of the year before", 600, ((60, 1), (40, 3), (20, 9)))
    assert found.size == 40
    assert len(found.lines) == 3
    widths = [width(line, 40, BOLD) for line in found.lines]
    assert max(widths) <= 600
    assert min(widths) > 0.5 * max(widths)


def test_at_the_last_size_the_rest_is_cut() -> None:
    found = fitted("word " * 200, 300, ((30, 1), (20, 2)))
    assert len(found.lines) == 2
    assert found.lines[-1].endswith("…")
