"""How long a preview takes from a cold start; in: nothing, out: seconds, beside those of an empty Python and of its two largest imports.

Run from the top folder, on a machine that does nothing else:

    python bench/cold.py            seven rounds
    python bench/cold.py 15         as many as are asked for

The three commands take turns, so that a slow minute of the machine falls on all of them; compare the ratios, not the seconds, across
machines. One round before the first is thrown away: it fills the disk cache and the template cache.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

_EDITION = "samples/2025-07-14-squeeze"
_COMMANDS = {
    "python": ("-c", "pass"),
    "jinja2, pydantic": ("-c", "import jinja2, pydantic"),
    "preview": ("-m", "newsgen", "preview", _EDITION),
}


def main(rounds: int) -> None:
    """Time the commands in turn and print minimum, median, and the ratio of each minimum to the empty Python's and the imports'."""
    times: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    for _ in range(rounds + 1):
        for name, command in _COMMANDS.items():
            times[name].append(_seconds(command))
    best = {name: min(seconds[1:]) for name, seconds in times.items()}
    print(f"{'':18}{'minimum':>9}{'median':>9}{'to python':>11}{'to imports':>12}")
    for name, seconds in times.items():
        ratios = f"{best[name] / best['python']:>11.1f}{best[name] / best['jinja2, pydantic']:>12.1f}"
        print(f"{name:18}{best[name]:>9.3f}{median(seconds[1:]):>9.3f}{ratios}")


def _seconds(command: tuple[str, ...]) -> float:
    started = perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).parent.parent)
    return perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 7)
