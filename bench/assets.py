"""Ten thousand assets, one tick: every angle of an asset, judged at once, beside a reading of all their prices.

    python bench/assets.py [--assets 10000] [--days 60]

Makes daily spot bars of so many assets by a seeded hand (three percent a day, one in twenty makes a large move), judges every angle that is
asked of each asset, and prints seconds, megabytes and the ratio to a plain loop that reads the last two closes of each. Then the same for
a tenth of the assets: equal microseconds an asset mean that it is linear.
"""

from __future__ import annotations

import argparse
import gc
import resource
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

from newsgen import derive
from newsgen.detect import detect, load_rules
from newsgen.discover import templates_root
from newsgen.market import Book, Column, Origin, SeriesKey, Unit, View

DAY = 86_400
NOW = datetime(2025, 7, 15, tzinfo=UTC)  # a Tuesday: no week ends


class Made:
    """An archive of made markets."""

    def __init__(self, count: int, days: int) -> None:
        self.assets = tuple(f"A{i:05}" for i in range(count))
        end = int(NOW.timestamp())
        ends = [end - k * DAY for k in range(days - 1, -1, -1)]
        origin, hand = [Origin("klines", "Binance spot")], Random(7)
        self.columns: dict[tuple[str, str], tuple[Column, ...]] = {}
        for asset in self.assets:
            price, closes = hand.choice((0.5, 3.0, 40.0, 900.0)), []
            for day in range(days):
                large = day == days - 1 and hand.random() < 0.05
                price *= 1 + (hand.choice((-0.25, 0.25)) if large else max(hand.gauss(0, 0.03), -0.5))
                closes.append(price)
            for part, spread in (("close", 0.0), ("high", 0.01), ("low", -0.01)):
                key = SeriesKey(f"spot.{part}", asset, "1d", "binance", "binance")
                values = [f"{c * (1 + spread):.6g}" for c in closes]
                self.columns[key.series, asset] = (Column(key, Unit.USD, ends, ends, values, origin),)

    def load(self, series: str, subject: str) -> Sequence[Column]:
        return self.columns.get((series, subject), ())


def measure(count: int, days: int) -> tuple[float, float, int, int]:
    """Seconds of processor time to judge, seconds of a plain loop, what was judged, what fired."""
    made = Made(count, days)
    rules = [r for r in load_rules((templates_root(),), derive.catalogue(), {}) if r.file.each == "asset" and not r.file.assets]
    view = View(NOW, made.load, made.assets)
    start = time.process_time()
    pitches = detect(Book(view, derive.catalogue()), rules)
    judged = time.process_time() - start
    start = time.process_time()
    for asset in made.assets:
        column = made.load("spot.close", asset)[0]
        float(column.values[-1]) / float(column.values[-2])
    return judged, time.process_time() - start, len(rules) * count, sum(p.fired for p in pitches)


def main() -> None:
    gc.set_threshold(50_000, 20, 20)  # as the command line does
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assets", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=60)
    asked = parser.parse_args()
    measure(50, asked.days)  # loads rules and catalogue
    for count in (asked.assets // 10, asked.assets):
        judged, plain, questions, fired = measure(count, asked.days)
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
        print(
            f"{count:6} assets: {judged:5.2f} s, {judged / count * 1e6:4.0f} us an asset, {questions} questions, {fired} fired; "
            f"{judged / plain:4.0f} times a plain look at the prices; {megabytes:4.0f} MB at most so far"
        )


if __name__ == "__main__":
    main()
