"""A text cut to what a target takes; in: a text and a length, out: as much of it as fits."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["cut"]


def cut(text: str, most: int, measure: Callable[[str], int] = len) -> str:
    """The text, or as much of it as fits, between words where it can be."""
    if measure(text) <= most:
        return text
    while text and measure(f"{text}…") > most:
        text = text[: min(len(text) - 1, max(most - 1, 0))]
    whole = text.rpartition(" ")[0]
    return f"{(whole if len(whole) > len(text) // 2 else text).rstrip(' ,;:')}…"
