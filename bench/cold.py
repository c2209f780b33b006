"""How long a preview takes from a cold start; in: nothing, out: seconds, beside those of an empty Python and of its two largest imports.

Run from the top folder, on a machine that does little else:

    python bench/cold.py            seven rounds
    python bench/cold.py 15         as many as are asked for

The three commands take turns, so that a slow minute of the machine falls on all of them; "cpu" is what the processes themselves used,
which others on the machine disturb least. Compiled Python goes to a folder of its own, whatever PYTHONDONTWRITEBYTECODE says, as it
would be on a machine where newsgen has run before; "uncompiled" is the preview without any of it, as in a fresh container. The first
round is not counted: it fills that folder and the caches.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

_PREVIEW = ("-m", "newsgen", "preview", "samples/2025-07-14-squeeze")
_COMMANDS = {
    "python": ("-c", "pass"),
    "jinja2, pydantic": ("-c", "import jinja2, pydantic"),
    "preview": _PREVIEW,
    "preview, uncompiled": _PREVIEW,
}
_TOP = Path(__file__).parent.parent


def main(rounds: int) -> None:
    """Time the commands in turn; print minimum and median, and the minima's ratio to the empty Python and to the imports."""
    walls: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    cpus: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    with TemporaryDirectory() as compiled, TemporaryDirectory() as nothing:
        for _ in range(rounds + 1):
            for name, command in _COMMANDS.items():
                wall, cpu = _seconds(command, compiled if name != "preview, uncompiled" else nothing, keep=name != "preview, uncompiled")
                walls[name].append(wall)
                cpus[name].append(cpu)
    print(f"{'':22}{'wall: min':>10}{'median':>8}{'cpu: min':>10}{'median':>8}{'to python':>11}{'to imports':>12}")
    for name in _COMMANDS:
        least = min(cpus[name][1:])
        ratios = f"{least / min(cpus['python'][1:]):>11.1f}{least / min(cpus['jinja2, pydantic'][1:]):>12.1f}"
        print(f"{name:22}{_told(walls[name][1:], 10)}{_told(cpus[name][1:], 10)}{ratios}")


def _told(seconds: Iterable[float], width: int) -> str:
    return f"{min(seconds):>{width}.3f}{median(seconds):>8.3f}"


def _seconds(command: tuple[str, ...], compiled: str, *, keep: bool) -> tuple[float, float]:
    """Wall and processor time of one process."""
    env = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": "" if keep else "1"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, cwd=_TOP, env=env)
    wall, after = perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 7)
