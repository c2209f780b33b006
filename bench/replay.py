"""Replay and import: what a day of history costs as days grow, and how long a folder of history takes to load.

    python bench/replay.py [--days 120] [--history FOLDER]

Prints milliseconds a moment for a quarter, a half and all of the days (all angles, six assets, brief): equal figures mean that replay is
linear in days. With --history (a folder as `newsgen history import` reads it) also the seconds of a first and of a second import.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsgen.discover import samples_root
from newsgen.edition import open_edition
from newsgen.market import View
from newsgen.pipeline import Order, load_newsroom, write_article
from newsgen.store.database import open_database
from newsgen.store.history import import_history

LAST = datetime(2025, 7, 14, tzinfo=UTC)


def replay(days: int) -> float:
    """Milliseconds of processor time a moment."""
    newsroom, opened = load_newsroom(), open_edition(samples_root() / "2025-07-14-squeeze")
    start = time.process_time()
    for back in range(days):
        view = View(LAST - timedelta(days=back), opened.archive.load, opened.view.assets, opened.view.precedence)
        write_article(newsroom, view, Order("bench", form="brief", seed=back))
    return (time.process_time() - start) * 1000 / days


def load(folder: Path) -> tuple[float, float, int]:
    """Seconds of a first and a second import, and the readings."""
    with tempfile.TemporaryDirectory() as scratch:
        engine = open_database(f"sqlite:///{scratch}/bench.db")
        seconds = []
        new = 0
        for _ in range(2):
            start = time.perf_counter()
            new = max(new, import_history(engine, [folder]).new)
            seconds.append(time.perf_counter() - start)
        engine.dispose()
    return seconds[0], seconds[1], new


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--history", type=Path)
    asked = parser.parse_args()
    replay(5)  # templates and catalogue are loaded once
    for days in (asked.days // 4, asked.days // 2, asked.days):
        print(f"replay of {days:4} days   {replay(days):6.1f} ms a moment")
    if asked.history:
        first, second, new = load(asked.history)
        print(f"import of {new} readings: {first:.1f} s; again, with nothing new: {second:.1f} s")


if __name__ == "__main__":
    main()
