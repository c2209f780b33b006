"""What it costs to check a draft of a thousand words, beside a plain preview of the same edition in the same run.

(a) `newsgen check`: the draft is read, the figures that it speaks of are worked out anew, every claim is judged. Archive and words are
loaded.
(b) the peer: a preview: every angle detected, an article of some 400 words planned, written and checked, warm as well.

Both run in turn, in one process, so that a busy machine slows both; processor time is told beside the clock's. Run it from the checkout:

    python bench/draft.py [--repeat 15]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from newsgen.discover import templates_root
from newsgen.edition import open_edition
from newsgen.factcheck import archive_source, fact_check, load_check_words
from newsgen.pipeline import Order, load_newsroom, write_article

SAMPLES = Path(__file__).parent.parent / "samples"
DRAFTS = ("2025-07-14-squeeze", "2024-12-05-100k", "2025-07-14-as-printed")
WORDS = 1000


def _draft() -> str:
    """The samples' articles as one text of a thousand words: true claims and others, as a long draft holds."""
    parts = [(SAMPLES / name / "article.md").read_text("utf-8").split("\n---\n")[0] for name in DRAFTS]
    words = "\n\n".join(parts).split(" ")
    return " ".join(words[:WORDS])


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    clock, processor = perf_counter(), process_time()
    run()
    return perf_counter() - clock, process_time() - processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    opened = open_edition(SAMPLES / DRAFTS[0])
    words, newsroom, text = load_check_words((templates_root(),)), load_newsroom(), _draft()

    def check() -> None:
        fact_check(text, "draft.md", archive_source(opened.view.at(opened.view.as_of), words), words)

    def preview() -> None:
        write_article(newsroom, opened.view.at(opened.view.as_of), Order(opened.name, seed=1, angles=opened.file.angles))

    check(), preview()  # columns, compiled templates
    checks, previews = zip(*[(_timed(check), _timed(preview)) for _ in range(repeat)], strict=True)
    for name, times in (("check of a draft", checks), ("preview", previews)):
        clock, processor = [t[0] for t in times], [t[1] for t in times]
        fastest, middle, busy = (1000 * t for t in (min(clock), median(clock), median(processor)))
        print(f"{name:18} {fastest:7.1f} ms fastest, {middle:7.1f} ms median, {busy:7.1f} ms of processor")
    print(f"a draft of {len(text.split())} words costs {min(c[1] for c in checks) / min(p[1] for p in previews):.1f} previews")


if __name__ == "__main__":
    main()
