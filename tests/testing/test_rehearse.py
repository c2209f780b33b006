"""Articles from a rehearsal market, and the example of docs/rehearsal.md as a reader would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from newsgen.errors import ConfigError
from newsgen.gather import sources
from newsgen.testing._faults import KINDS, OF_STREAMS
from newsgen.testing.market import Fault, RehearsalMarket, SteppedClock, Tape, rehearse, wires
from tests.testing.ask import NOON

PAGE = (Path(__file__).parents[2] / "docs" / "rehearsal.md").read_text("utf-8")
SQUEEZE = datetime(2025, 7, 14, 8, 2, tzinfo=UTC)


def _example(name: str) -> str:
    """The block of the page that stands under a file's name."""
    [block] = re.findall(rf"^`{re.escape(name)}`.*:\n\n((?:    .*\n|\n)+)", PAGE, re.MULTILINE)
    return "".join(line[4:] if line.startswith("    ") else line for line in block.splitlines(keepends=True))


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    for name in ("mine/angles/wide_range/rule.toml", "mine/angles/wide_range/en.j2", "test_wide_range.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(_example(name))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_wide_range.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_page_tells_every_fault_and_all_that_is_not_served() -> None:
    told = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert set(told) == {*KINDS, *OF_STREAMS}
    assert set(sources()) - set(wires()) == {"ccxt"}


def test_a_rehearsal_writes_what_was_news(tape: Tape) -> None:
    with RehearsalMarket(tape, SteppedClock(SQUEEZE)) as market:
        found = rehearse(market)
    assert not found.failures
    assert found.article is not None
    assert found.article.as_of == SQUEEZE
    assert found.article.verdict.decision == "publish"
    assert found.pitch("short_squeeze").role == "lead"
    assert max(r.known_at for r in found.article.readings.values()) <= SQUEEZE


def test_nothing_later_is_known(tape: Tape) -> None:
    """The same morning a day before: no level of 120,000, and the record is the older one."""
    with RehearsalMarket(tape, SteppedClock(SQUEEZE - timedelta(days=1))) as market:
        found = rehearse(market, form="brief", ask=["binance"], assets=["BTC"])
    assert not any("120,000" in str(p) for p in (found.article.paragraphs if found.article else ()))
    assert not found.pitch("level_break_first").fired


@pytest.mark.parametrize("endpoint", ["*", "ticker_24hr", "trading_day", "klines"])
def test_a_bad_tick_is_not_printed(tape: Tape, endpoint: str) -> None:
    """A price ten times that of the bars beside it comes in, and whatever is written from it is held."""
    with RehearsalMarket(tape, SteppedClock(NOON), faults=[Fault("bad_tick", "binance", endpoint)]) as market:
        found = rehearse(market, ask=["binance", "coingecko", "kraken"], assets=["BTC"])
    assert any(r.value > 1_000_000 for r in found.readings if r.key.subject == "BTC" and r.key.series in ("spot.last", "spot.high"))
    assert found.article is not None
    printed = {f.value for f in found.article.figures.values() if isinstance(f.value, Decimal) and f.name.startswith("price.")}
    assert found.article.verdict.decision == "hold" or max(printed, default=Decimal(0)) < 200_000


def test_an_angle_that_was_not_tried_is_named(tape: Tape) -> None:
    with RehearsalMarket(tape, SteppedClock(SQUEEZE)) as market:
        found = rehearse(market, ask=["binance"], assets=["BTC"], angles=["ath"])
    with pytest.raises(LookupError, match="no angle 'crash_day' was tried; there are: ath"):
        found.pitch("crash_day")


def test_a_form_that_is_not_there_is_refused(tape: Tape) -> None:
    with RehearsalMarket(tape, SteppedClock(SQUEEZE)) as market, pytest.raises(ConfigError, match="no form 'novel'"):
        rehearse(market, ask=["alternative_me"], form="novel")


def test_a_desk_pays_nothing_for_it() -> None:
    """Neither the server nor its framework is loaded by anybody else."""
    code = (
        "import sys, newsgen, newsgen.pipeline, newsgen.gather, newsgen.demo, newsgen.testing\n"
        "print([m for m in ('uvicorn', 'starlette', 'newsgen.testing.market') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
