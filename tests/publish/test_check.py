"""A target tried without publishing: what is wrong is one finding that says how to mend it, and a wrong clock is named."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsgen.publish import Outbox, Target, check_target
from newsgen.store.database import open_database
from newsgen.target_settings import TargetSettings, WebhookSettings

sys.path.insert(0, str(Path(__file__).parent))
from receiver import SECRET, receiving


def checked(target: TargetSettings, *, ahead: timedelta = timedelta(0)) -> dict[str, tuple[bool, str]]:
    """What is found, by what was looked at; our clock goes ahead."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/news.db")
        outbox = Outbox(engine, {}, lambda: datetime.now(UTC) + ahead, env={"HOOK": SECRET})
        found = asyncio.run(check_target(outbox, Target(target)))
        engine.dispose()
    return {f.what: (f.fine, f.message) for f in found}


@pytest.mark.parametrize(("minutes", "told"), [(0, ""), (10, "ahead of"), (-10, "behind")])
def test_a_clock_that_is_wrong_by_minutes_is_named(minutes: int, told: str) -> None:
    with receiving() as receiver:
        hook = WebhookSettings(name="cms", url=receiver.url, secret_env="HOOK", allow_private=True)
        fine, message = checked(hook, ahead=timedelta(minutes=minutes))["clock"]
        assert [json.loads(body)["type"] for _, body in receiver.requests] == ["endpoint.test"]
    assert fine is (minutes == 0)
    assert told in message
    assert minutes == 0 or "set the clock of this machine (NTP)" in message


def test_an_address_inside_the_network_is_refused_in_words_and_not_asked() -> None:
    with receiving() as receiver:
        hook = WebhookSettings(name="cms", url=receiver.url.replace("http:", "https:"), secret_env="HOOK")
        fine, message = checked(hook)["address"]
        assert receiver.requests == []
    assert not fine
    assert message


def test_the_secret_is_in_no_finding() -> None:
    hook = WebhookSettings(name="cms", url=f"http://127.0.0.1:9/{SECRET}", secret_env="HOOK", allow_private=True)
    told = str(checked(hook))
    assert "no connection" in told
    assert SECRET.removeprefix("whsec_") not in told
