"""How the articles of a long replay read, beside human-edited ones; writes docs/prose.md.

    python bench/prose.py HISTORY                              the last 20 months of it, daily; writes the page
    python bench/prose.py HISTORY --days 120 --angle ath --brief       the table and the worst offenders, in the terminal
    python bench/prose.py --articles replay.jsonl --brief              articles that `newsgen replay --format jsonl` has written

HISTORY is a folder as `newsgen history import` reads it, or an SQLite database into which it has been imported. The page carries the digest
of the rules, templates and words that it was made with, which a test compares: after a change of these, run it again. `--brief` leaves the
outside tools out unless `--tools` asks for them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # where a test has loaded it by its path

from calibrate import digest as digest_of
from prose_faults import Fault, Remark, ToolFailed, ToolMissing, faults_of_form, leaks, need_tools, outside_faults, sums
from prose_measures import Piece, piece_of
from prose_offenders import offenders
from prose_page import page, table
from prose_rows import likeness, rows

from newsgen.config import Settings
from newsgen.draft import Wish, replay_of
from newsgen.replay import lined
from newsgen.store.database import open_database
from newsgen.store.history import import_history

PAGE = Path(__file__).parent.parent / "docs" / "prose.md"
LAST = datetime(2025, 8, 31, tzinfo=UTC)
MONTHS_20 = 608  # days


def digest() -> str:
    """Of everything that decides what is told and in which words."""
    return digest_of(("angles", "messages", "forms", "lexicon", "style"))


def replayed(history: Path, last: datetime, days: int, angles: Sequence[str], processes: int) -> Iterator[Piece]:
    """The articles of a daily replay, with the memory that a replay keeps."""
    with tempfile.TemporaryDirectory() as scratch:
        ready = history.is_file()
        settings = Settings(database_url=f"sqlite:///{history.resolve() if ready else Path(scratch, 'history.db')}")
        if not ready:
            engine = open_database(settings.database_url)
            import_history(engine, [history])
            engine.dispose()
        wish = Wish(angles=tuple(angles))
        for take in replay_of(settings, wish, last - timedelta(days=days - 1), last, timedelta(days=1), processes=processes, keep=lined):
            if take.line:
                yield piece_of(json.loads(take.line))


def stored(lines: Iterable[str], angles: Sequence[str]) -> Iterator[Piece]:
    """The articles of a file of JSON lines, in order of time."""
    found = [piece_of(article) for line in lines if (article := json.loads(line)["article"])]
    yield from sorted((p for p in found if not angles or p.angle in angles), key=lambda p: p.as_of)


def all_faults(pieces: Sequence[Piece], tools: bool) -> tuple[list[list[Fault]], list[Remark]]:
    """By article; without the tools only the project's own."""
    own = [[*faults_of_form(p), *leaks(p), *sums(p)] for p in pieces]
    if not tools:
        return own, []
    outside, remarks = outside_faults(pieces)
    return [[*a, *b] for a, b in zip(own, outside, strict=True)], remarks


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("history", type=Path, nargs="?")
    parser.add_argument("--articles", type=Path, help="measure these instead of replaying")
    parser.add_argument("--days", type=int, default=MONTHS_20)
    parser.add_argument("--last", type=datetime.fromisoformat, default=LAST, help="the last day, as 2025-08-31T00:00:00Z")
    parser.add_argument("--angle", dest="angles", action="append", default=[], help="only this angle; may be repeated")
    parser.add_argument("--brief", action="store_true", help="in the terminal; the page stays as it is")
    parser.add_argument("--tools", action="store_true", help="with --brief: ask the outside tools too")
    parser.add_argument("--top", type=int, default=15, help="so many of each list of offenders")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    if (asked.history is None) == (asked.articles is None):
        parser.error("name the folder of history, or --articles FILE")
    return asked


def main() -> None:
    asked = _arguments()
    try:
        measure(asked)
    except (ToolMissing, ToolFailed) as error:
        sys.exit(f"bench/prose.py: {error}")


def measure(asked: argparse.Namespace) -> None:
    """Replay, measure, and write the page or print."""
    start, tools = time.perf_counter(), asked.tools or not asked.brief
    if tools:
        need_tools()
    if asked.articles:
        pieces = list(stored(asked.articles.read_text("utf-8").splitlines(), asked.angles))
    else:
        pieces = list(replayed(asked.history, asked.last, asked.days, asked.angles, asked.processes))
    if not pieces:
        sys.exit("no article to measure")
    print(f"{len(pieces)} articles in {time.perf_counter() - start:.1f} s", file=sys.stderr)
    faults, remarks = all_faults(pieces, tools)
    alike = list(likeness(pieces))
    found = list(rows(pieces, faults, alike))
    lists = offenders(pieces, faults, remarks, asked.top)
    if asked.brief:
        print(table(found, alike, wide=False))
        for title, lines in lists:
            print(f"\n{title}:", *(f"  {line}" for line in lines or ["   none"]), sep="\n")
    else:
        PAGE.write_text(page(pieces, found, alike, lists, digest()), "utf-8")
        print(table(found, alike, wide=False))
    print(f"{time.perf_counter() - start:.1f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
