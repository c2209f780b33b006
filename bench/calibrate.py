"""How often each angle would have led a story, over years of history; writes the table at the end of docs/angles.md.

    python bench/calibrate.py HISTORY [--processes 2]

HISTORY is a folder as `newsgen history import` reads it, from 2021 on. Thresholds are set on 2021 to 2024; 2025 is looked at
afterwards. The table carries the digest of the rules and templates that it was made with, which a test compares: after a change of
these, run it again.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsgen.config import Settings
from newsgen.derive import catalogue
from newsgen.detect import load_rules
from newsgen.discover import templates_root
from newsgen.draft import Wish, replay_of
from newsgen.replay import Take, tally
from newsgen.store.database import open_database
from newsgen.store.history import import_history

PAGE = Path(__file__).parent.parent / "docs" / "angles.md"
MARK = "<!-- table:"
TOLD = """One look a day at midnight UTC, six assets (BTC, ETH, SOL, XRP, DOGE, BNB), nothing told before the first. The flows of the
bitcoin funds begin in January 2024, open interest in November 2024, bitcoin's share of the market in December 2024; an angle with 0.00 on
both sides has no history here, or another angle led whenever it fired."""
SPANS = {"2021-2024": (datetime(2021, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC)),
         "2025": (datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 8, 31, tzinfo=UTC))}  # fmt: skip


def digest(kinds: Sequence[str] = ("angles", "messages", "forms")) -> str:
    """Of everything that decides what is told: rules, templates, forms; or of other folders of templates."""
    root, total = templates_root(), hashlib.sha256()
    for path in sorted(p for kind in kinds for p in (root / kind).rglob("*") if p.is_file()):
        if path.name != "cases.toml" and not path.name.startswith("reader_"):
            total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def table(found: dict[str, Sequence[Take]]) -> str:
    """The angles with their stories a week and their scores, and what the days came to."""
    counts = {name: tally(takes) for name, takes in found.items()}
    weeks = {name: len(takes) / 7 for name, takes in found.items()}
    rules = sorted(load_rules((templates_root(),), catalogue(), {}), key=lambda r: (r.file.family, r.name))
    heads = " | ".join(f"a week, {name}" for name in found)
    lines = [f"| angle | what it tells | family | {heads} | score: least, middle, highest |", f"|---|---|---|{'---|' * len(found)}---|"]
    both = tally([take for takes in found.values() for take in takes])
    for rule in rules:
        if rule.file.leads:
            continue
        rates = " | ".join(f"{counts[name].by_angle.get(rule.name, 0) / weeks[name]:.2f}" for name in found)
        scores = ", ".join(f"{s:.0f}" for s in both.scores[rule.name]) if rule.name in both.scores else ""
        lines.append(f"| {rule.name} | {rule.file.title} | {rule.file.family} | {rates} | {scores} |")
    for name, one in counts.items():
        quiet = one.moments - one.full - one.briefs
        lines.append("")
        lines.append(
            f"{name}: {one.moments} days, {one.full} articles ({one.full / one.moments:.0%} of the days), {one.briefs} briefs, "
            f"{quiet} days without; {one.held} held."
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("history", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(database_url=f"sqlite:///{scratch}/history.db")
        engine = open_database(settings.database_url)
        import_history(engine, [asked.history])
        engine.dispose()
        found: dict[str, Sequence[Take]] = {}
        for name, (first, last) in SPANS.items():
            start = time.perf_counter()
            found[name] = list(replay_of(settings, Wish(), first, last, timedelta(days=1), processes=asked.processes))
            print(f"{name}: {len(found[name])} days in {time.perf_counter() - start:.1f} s", file=sys.stderr)
    text = PAGE.read_text("utf-8")
    head = text[: text.index("\n", text.index(MARK)) + 1]
    note = f"<!-- rules and templates {digest()} -->\n\n{TOLD}\n"
    PAGE.write_text(f"{head}{note}\n{table(found)}\n", "utf-8")


if __name__ == "__main__":
    main()
