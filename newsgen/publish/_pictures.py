"""Pictures of an article: its charts as PNG, and the card that stands where a link to it is shown; in: Printed, out: SVG and PNG.

The same article gives the same bytes. Text is drawn in the shipped font alone, whatever this machine has. Charts are drawn by write/.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newsgen.discover import templates_root
from newsgen.lettering import BOLD, Fitted, fitted, font_files, shortened
from newsgen.publish._pages import SiteInfo
from newsgen.publish._printed import Printed

__all__ = ["CARD_SIZE", "card_png", "card_svg", "png_of"]

CARD_SIZE = (1200, 630)  # what og:image asks for
_ROOM = 1056  # between the margins
_LINE_HEIGHT = 110  # of the small line of price
_SIZES = ((76, 2), (66, 3), (56, 4), (48, 4), (40, 5))  # of the headline, with the lines that have room where there is a line of price
_MOST_PX = 4096
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def png_of(svg: str, width_px: int) -> bytes:
    """An SVG of ours as PNG in its light theme, so many pixels wide.

    Raises:
        ValueError: It is no SVG, or the width is none that a picture has.
    """
    if not 1 <= width_px <= _MOST_PX:
        raise ValueError(f"a picture is 1 to {_MOST_PX} pixels wide, not {width_px}")
    return _rendered(svg, width_px)


@lru_cache(maxsize=32)  # a story's card goes to each of its targets, and is written again with the page: 60 ms each time, and 50 kB
def _rendered(svg: str, width_px: int) -> bytes:
    import resvg_py  # heavy, and only asked for where a picture is sent

    # Without a font resvg draws no text and says nothing: ours is a file, and no font of the machine is looked at.
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width_px, skip_system_fonts=True, font_files=[str(f) for f in font_files()]))


def card_svg(article: Printed, site: SiteInfo, root: Path | None = None) -> str:
    """The card of an article: its headline, the site and desk, as of when, and a small line of price where a chart has one."""
    headline = fitted(article.headline.text, _ROOM, _SIZES)
    line = next((c.line for c in article.charts if c.line), ())
    points = _scaled(line)
    return _environment(root or templates_root()).get_template("card.svg").render(
        headline=headline, top=_top(headline, bool(points)), title=shortened(site.title, 620, 34, BOLD), desk=shortened(site.desk, 400, 28),
        eyebrow=shortened(article.tags[0], _ROOM, 26, BOLD) if article.tags else "", as_of=article.stamps.as_of,
        line=" ".join(f"{x:g},{y:g}" for x, y in points), end=points[-1] if points else None,
        caption=shortened(next((c.title for c in article.charts if c.line), ""), 440, 24),
    )  # fmt: skip


def card_png(article: Printed, site: SiteInfo, root: Path | None = None) -> bytes:
    """The card as PNG, 1200 by 630."""
    return png_of(card_svg(article, site, root), CARD_SIZE[0])


def _top(headline: Fitted, with_line: bool) -> float:
    """The base of the headline's first line: the headline stands in the middle of what is left."""
    first, last = 130.0, 430.0 if with_line else 550.0
    height = (len(headline.lines) - 1) * headline.size * 1.14
    return round((first + last - height + headline.size * 1.1) / 2, 1)


def _scaled(line: tuple[int, ...]) -> list[tuple[float, float]]:
    """The heights of a line (0 to 100, from left to right) as points of the card."""
    step = _ROOM / max(len(line) - 1, 1)
    return [(round(i * step, 1), round(_LINE_HEIGHT * (1 - y / 100), 1)) for i, y in enumerate(line)]


@cache
def _environment(root: Path) -> Environment:
    return Environment(loader=FileSystemLoader(root / "charts"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True, keep_trailing_newline=True, finalize=_carried)  # fmt: skip


def _carried(value: object) -> object:
    """A text without the characters that XML has not."""
    return type(value)(_NO_XML.sub("", value)) if isinstance(value, str) else value
