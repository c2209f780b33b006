"""Whether another process works on the same database: seen by a lock that its end releases, however it ends."""

from __future__ import annotations

import select
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from newsgen.store.alone import alone, is_alone

_CHILD = """
import sys, sqlalchemy as sa
from newsgen.store.alone import is_alone
engine = sa.create_engine(sys.argv[1])
print("begins", flush=True)
print(is_alone(engine), flush=True)
sys.stdin.read()
"""


def begun(engine: sa.Engine) -> subprocess.Popen[bytes]:
    """Another process that works on a database until its input ends."""
    process = subprocess.Popen([sys.executable, "-c", _CHILD, str(engine.url)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert said(process, 30) == "begins"
    return process


def said(process: subprocess.Popen[bytes], within_s: float) -> str:
    """What it says next; "" when it says nothing in that time."""
    assert process.stdout is not None
    return process.stdout.readline().decode().strip() if select.select([process.stdout], [], [], within_s)[0] else ""


def test_the_second_is_not_alone_and_the_first_is_again_when_that_was_killed(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/news.db")
    with begun(engine) as other:
        assert said(other, 30) == "True"
        assert not is_alone(engine)
        other.kill()
    assert is_alone(engine)


def test_who_begins_waits_until_the_other_has_tidied_up(tmp_path: Path) -> None:
    """Else it would claim what is being made due at the same moment."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/news.db")
    with alone(engine) as nobody_else:
        other = begun(engine)
        assert (nobody_else, said(other, 0.4)) == (True, "")
    with other:
        assert said(other, 30) == "False"
        other.kill()


def test_a_database_in_memory_is_ours_alone() -> None:
    assert is_alone(sa.create_engine("sqlite://"))
