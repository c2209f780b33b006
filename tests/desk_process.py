"""A whole desk in a process of its own, at noon of July 14, 2025: `newsgen run` with another clock, and a death at a wished step.

Arguments: a folder with newsgen.toml, the step to die at ("" for none), and how many minutes after that noon it is.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsgen.config import load_settings
from newsgen.service import open_service, run_service

NOON = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)


def main(folder: Path, death: str, minutes: int = 0) -> None:
    begun, first = datetime.now(UTC), NOON + timedelta(minutes=minutes)
    service = open_service(load_settings(folder / "newsgen.toml", env=os.environ), lambda: first + (datetime.now(UTC) - begun))

    def step(point: str) -> None:
        if point == death:
            os.kill(os.getpid(), signal.SIGKILL)

    service.at = step
    asyncio.run(run_service(service))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
