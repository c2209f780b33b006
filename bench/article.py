"""What one standard article costs, beside a plain Jinja2 template that writes one of the same size from raw facts.

(a) newsgen: derive, detect, plan, write and check of the squeeze sample, warm: archive and newsroom are loaded, but View and Book are
new each time, so every figure is worked out again and every sentence is checked.
(b) the peer: `plain_article.j2`, compiled once; 44 facts in Decimal and datetime, ten filters, one of three wordings of each
sentence by a seeded choice. It derives nothing, chooses no story and checks nothing.

Both run in turn, in one process, so that a busy machine slows both. The fastest of all turns counts (it is the least disturbed one), the
median stands beside it. Run it from the checkout:

    python bench/article.py [--repeat 40]

`plan` includes the rendering of the sentences that it measures; `write` puts together what is rendered by then.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from statistics import median
from time import perf_counter
from types import ModuleType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from newsgen import pipeline
from newsgen.edition import open_edition
from newsgen.market import View
from newsgen.story import Article

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "samples" / "2025-07-14-squeeze"
STAGES: tuple[tuple[str, ModuleType, str], ...] = (
    ("derive + detect", pipeline, "pitch_angles"),
    ("plan", pipeline, "plan"),
    ("write", pipeline, "write"),
    ("check", pipeline.checking, "check"),
)
Times = dict[str, list[float]]


# The peer

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NTH = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_MONTHS = ("", "Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
_TODAY = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)


def _rounded(value: Decimal, digits: int) -> str:
    shown = value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), ROUND_HALF_EVEN) if value else value
    return f"{shown:f}".rstrip("0").rstrip(".") if "." in f"{shown:f}" else f"{shown:f}"


def money(value: Decimal) -> str:
    """$623.3 million, $1.03 billion."""
    for size, word, digits in ((Decimal(10) ** 9, "billion", 3), (Decimal(10) ** 6, "million", 4)):
        if abs(value) >= size:
            return f"${_rounded(value / size, digits)} {word}"
    return f"${value:,.0f}"


def price(value: Decimal) -> str:
    """$121,467, $3,052, $0.21."""
    return f"${value:,.0f}" if value >= 1000 else f"${value:.2f}"


def pct(value: Decimal) -> str:
    """83%, 0.3%."""
    size = abs(value)
    return f"{size.quantize(Decimal('0.1') if size < 10 else Decimal(1), ROUND_HALF_EVEN)}%"


def signed(value: Decimal) -> str:
    return f"{'up' if value > 0 else 'down'} {pct(value)}" if value else "unchanged"


def moved(value: Decimal) -> str:
    size = abs(value)
    up, down = ("edges up", "slips") if size < 1 else ("rises", "falls") if size < 4 else ("surges", "plunges")
    return up if value > 0 else down


def count(value: int) -> str:
    return _WORDS[value] if value < len(_WORDS) else f"{value:,}"


def nth(value: int) -> str:
    return _NTH[value] if value < len(_NTH) else f"{value}th"


def points(value: Decimal) -> str:
    return f"{value:,.2f}"


def day(value: date) -> str:
    """Friday within a week, else Nov. 6, and the year when it is another one."""
    if 0 <= (_TODAY.date() - (value.date() if isinstance(value, datetime) else value)).days < 7:
        return f"{value:%A}"
    return f"{_MONTHS[value.month]} {value.day}" + (f", {value.year}" if value.year != _TODAY.year else "")


def clock(value: datetime) -> str:
    """12:02 p.m. UTC."""
    return f"{value.hour % 12 or 12}:{value:%M} {'a.m.' if value.hour < 12 else 'p.m.'} UTC"


FILTERS: tuple[Callable[[Any], str], ...] = (money, price, pct, signed, moved, count, nth, points, day, clock)

D = Decimal
FACTS: dict[str, Any] = {
    "asset": "Bitcoin", "ticker": "BTC", "second": "Ether", "company": "Strategy", "venue": "Binance", "venue_source": "CoinGlass",
    "liquidations_source": "figures published by AInvest", "flow_source": "Farside Investors", "as_of": _TODAY,
    "total": D("748300000"), "shorts": D("623300000"), "longs": D("125000000"), "short_share": D("83.295"),
    "venue_shorts": D("133998132.41"), "venue_since": date(2024, 11, 6), "asset_shorts": D("475000000"),
    "second_shorts": D("52700000"), "second_longs": D("26300000"), "traders": 130_000, "largest_order": D("98100000"),
    "last_larger": D("1010000000"), "last_larger_at": date(2025, 7, 11), "change_24h": D("2.8817"), "high": D("123218"),
    "old_high": D("118869.98"), "old_high_at": date(2025, 7, 11), "last": D("121467.24"), "level": D("120000"),
    "crossed_at": datetime(2025, 7, 14, 4, tzinfo=UTC), "flow": D("1029600000"), "session": date(2025, 7, 11), "streak": 7,
    "streak_total": D("3727100000"), "change_7d": D("12.03"), "change_30d": D("15.71"), "change_90d": D("42.4"), "change_ytd": D("29.8"),
    "second_last": D("3052.17"), "second_level": D("3000"), "second_since": date(2025, 2, 1), "index": D("6259.75"),
    "index_below": D("0.33"), "bought": 4_225, "bought_usd": D("472000000"),
}  # fmt: skip


def plain_template() -> Template:
    environment = Environment(undefined=StrictUndefined, loader=FileSystemLoader(HERE))  # plain text: nothing to escape
    environment.filters |= {f.__name__: f for f in FILTERS}
    return environment.get_template("plain_article.j2")


def plain_article(template: Template, seed: int) -> str:
    """The peer's article."""
    chance, wordings = random.Random(seed), (0, 1, 2)
    return template.render(FACTS, choose=lambda: chance.choice(wordings))


# The measurement


@contextmanager
def timed_stages(times: Times) -> Iterator[None]:
    """Let the pipeline call its stages through a stopwatch."""
    kept = [(owner, name, getattr(owner, name)) for _, owner, name in STAGES]
    for stage, owner, name in STAGES:
        setattr(owner, name, _timed(times.setdefault(stage, []), getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, stage_function in kept:
            setattr(owner, name, stage_function)


def _timed(times: list[float], stage: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **more: Any) -> Any:
        start = perf_counter()
        found = stage(*args, **more)
        times.append(perf_counter() - start)
        return found

    return run


def measure(repeat: int) -> tuple[Times, int, int]:
    """Seconds of every turn per stage, of the whole and of the peer; and how many words each article has."""
    opened, newsroom, template = open_edition(SAMPLE), pipeline.load_newsroom(), plain_template()

    def whole(seed: int) -> Article:
        view = View(opened.view.as_of, opened.archive.load, opened.view.assets, opened.view.precedence)
        article = pipeline.write_article(newsroom, view, pipeline.Order("bench", seed=seed)).article
        if article is None or article.verdict is None:
            raise SystemExit("the squeeze sample gave no checked article")
        return article

    words = sum(len(text.text.split()) for _, text in whole(0).texts())
    plain_words = len(plain_article(template, 0).split())
    for seed in range(3):  # the first ones load templates and make what the columns keep
        whole(seed)
        plain_article(template, seed)
    times: Times = {}
    turns = {"newsgen": _timed(times.setdefault("newsgen", []), whole)}
    turns["plain template"] = _timed(times.setdefault("plain template", []), lambda seed: plain_article(template, seed))
    with timed_stages(times):
        for seed in range(repeat):
            for turn in turns.values():
                turn(seed)
    return times, words, plain_words


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=40, help="how often each is written")
    times, words, plain_words = measure(max(parser.parse_args().repeat, 1))
    best = {name: min(seconds) for name, seconds in times.items()}
    print(f"{'':18}{'fastest':>12}{'median':>12}{'share':>8}")
    for name, _, _ in (*STAGES, ("newsgen", None, "")):
        print(f"{name:18}{best[name] * 1e3:9.3f} ms{median(times[name]) * 1e3:9.3f} ms{best[name] / best['newsgen']:8.0%}")
    print(f"{'plain template':18}{best['plain template'] * 1e3:9.3f} ms{median(times['plain template']) * 1e3:9.3f} ms")
    print(f"newsgen {words} words, plain template {plain_words} words")
    print(f"ratio {best['newsgen'] / best['plain template']:.1f} (must be at most 10); {1 / best['newsgen']:.0f} articles a second (1,000)")


if __name__ == "__main__":
    sys.exit(main())
