"""How much room words take in pictures; in: a text and a size, out: its width, or its lines; measured in the shipped font.

Advances are read from the font file itself, once. Of kerning only its worst case is counted: a text is a little narrower than is said
here, and never wider. Draws nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from newsgen.discover import templates_root

__all__ = ["BOLD", "REGULAR", "Fitted", "fitted", "font_files", "shortened", "width", "wrapped"]

REGULAR, BOLD = "Inter-Regular.ttf", "Inter-Bold.ttf"
_UNKNOWN_EM = 1.0  # of a character that the font lacks: as wide as the widest scripts
_KERNED = 1.03  # by so much some pairs ("WW", "tv") are drawn apart
_KERNED_MOST = {"_": 0.1}  # in parts of the size; before a "j"
_ELLIPSIS = "…"


def font_files() -> tuple[Path, ...]:
    """The shipped font, in its weights."""
    folder = templates_root() / "charts" / "fonts"
    return folder / REGULAR, folder / BOLD


@cache
def _advances(font: str) -> Mapping[int, float]:
    """By character the advance in parts of the font size."""
    data = (templates_root() / "charts" / "fonts" / font).read_bytes()
    tables = {
        data[at : at + 4]: struct.unpack_from(">II", data, at + 8) for at in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16)
    }
    em = struct.unpack_from(">H", data, tables[b"head"][0] + 18)[0]
    long_ones = struct.unpack_from(">H", data, tables[b"hhea"][0] + 34)[0]
    widths = struct.unpack_from(f">{'HH' * long_ones}", data, tables[b"hmtx"][0])[::2]
    return {code: widths[min(glyph, long_ones - 1)] / em for code, glyph in _glyphs(data, tables[b"cmap"][0]).items()}


def _glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """Character to glyph, from the font's table of the basic plane (format 4)."""
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    starts = [cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * i)[0] for i in range(count)]
    at = next(start for start in starts if struct.unpack_from(">H", data, start)[0] == 4)
    segments = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends, firsts, deltas, offsets = (
        struct.unpack_from(f">{segments}H", data, at + 14 + 2 * segments * k + (2 if k else 0)) for k in range(4)
    )
    base = at + 16 + 6 * segments  # of the offsets, which count from where they stand
    found = {}
    for i in range(segments):
        for code in range(firsts[i], min(ends[i], 0xFFFE) + 1):
            where = base + 2 * i + offsets[i] + 2 * (code - firsts[i])
            glyph = struct.unpack_from(">H", data, where)[0] if offsets[i] else code
            found[code] = (glyph + deltas[i]) % 65536 if glyph or not offsets[i] else 0
    return found


def width(text: str, size: float, font: str = REGULAR) -> float:
    """The width of a text on one line, in the unit of `size`."""
    advances = _advances(font)
    return sum(advances.get(ord(c), _UNKNOWN_EM) * _KERNED + _KERNED_MOST.get(c, 0.0) for c in text) * size


def wrapped(text: str, room: float, size: float, font: str = REGULAR) -> list[str]:
    """The lines of a text, each within the room; a word that is wider than the room is broken."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, size, font) <= room:
            lines[-1] = joined
        else:
            lines += _broken(word, room, size, font)
    return lines


def _broken(word: str, room: float, size: float, font: str) -> list[str]:
    pieces = [""]
    for c in word:
        if pieces[-1] and width(pieces[-1] + c, size, font) > room:
            pieces.append("")
        pieces[-1] += c
    return pieces


def shortened(text: str, room: float, size: float, font: str = REGULAR) -> str:
    """The text, cut with an ellipsis where it is wider than the room."""
    if width(text, size, font) <= room:
        return text
    while text and width(text.rstrip() + _ELLIPSIS, size, font) > room:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS


class Fitted(NamedTuple):
    """A text in lines, and the size at which they fit."""

    lines: tuple[str, ...]
    size: float


def fitted(text: str, room: float, sizes: tuple[tuple[float, int], ...], font: str = BOLD) -> Fitted:
    """The text at the first size, of (size, lines that have room), at which it fits; at the last one it is cut."""
    for size, most in sizes:
        lines = wrapped(text, room, size, font)
        if len(lines) <= most:
            return Fitted(tuple(_balanced(text, lines, room, size, font)), size)
    size, most = sizes[-1]
    return Fitted((*lines[: most - 1], shortened(" ".join(lines[most - 1 :]), room, size, font)), size)


def _balanced(text: str, lines: list[str], room: float, size: float, font: str) -> list[str]:
    """The same number of lines, of lengths as even as they can be: the least room at which they are no more."""
    best = lines
    for part in (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55):
        tried = wrapped(text, room * part, size, font)
        if len(tried) > len(lines) or " ".join(tried) != " ".join(lines):
            break
        best = tried
    return best
