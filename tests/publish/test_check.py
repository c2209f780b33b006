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
from newsgen.publish._findings import https_finding
from newsgen.publish._wire import Wire
from newsgen.target_settings import TargetSettings, WebhookSettings

sys.path.insert(0, str(Path(__file__).parent))
from fake_site import Answered, Asked, FakeSite, serving
from matrix import new_database
from receiver import SECRET, receiving


def checked(target: TargetSettings, *, ahead: timedelta = timedelta(0)) -> dict[str, tuple[bool, str]]:
    """What is found, by what was looked at; our clock goes ahead."""
    with tempfile.TemporaryDirectory() as folder:
        engine = new_database(Path(folder))
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
        found = checked(hook)
        assert receiver.requests == []
    fine, message = found["endpoint"]
    assert not fine
    assert "not allowed" in message
    assert "address" not in found  # said once


@pytest.mark.parametrize(
    ("url", "permitted", "fine", "says"),
    [("http://127.0.0.1:{port}/hook", True, True, "fine, http to a private address as the settings permit"),
     ("http://127.0.0.1:{port}/hook", ["127.0.0.0/8"], True, "as the settings permit"),
     ("http://hooks.example:{port}/hook", True, False, "not encrypted"), ("https://127.0.0.1:{port}/hook", True, True, "encrypted")],
)  # fmt: skip
def test_http_is_right_where_it_stays_inside_and_the_settings_permit_it(url: str, permitted: object, fine: bool, says: str) -> None:
    """What goes in clear to a public address is wrong whatever the settings permit."""

    async def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.1" if host == "127.0.0.1" else "192.0.79.32"]

    with receiving() as receiver:
        port = receiver.url.rsplit(":", 1)[1].split("/")[0]
        hook = WebhookSettings.model_validate(
            {"name": "cms", "url": url.format(port=port), "secret_env": "HOOK", "allow_private": permitted}
        )
        wire = Wire("cms", "", lambda: datetime.now(UTC), hook.allow_private, resolver=resolver)
        found = asyncio.run(https_finding(hook.url, wire))
        assert receiver.requests == []
    assert (found.fine, says in found.message) == (fine, True)


def test_a_target_that_tells_no_time_is_not_compared(tmp_path: Path) -> None:
    with serving(Silent()) as site:
        found = checked(WebhookSettings(name="cms", url=f"{site.url}/hook", secret_env="HOOK", allow_private=True))
    assert found["clock"] == (True, "no Date in its answers: not compared")


class Silent(FakeSite):
    """Takes everything, and says nothing of itself."""

    def answer(self, asked: Asked) -> Answered:
        return Answered(204)


def test_a_secret_that_is_missing_is_named_with_where_to_set_it() -> None:
    hook = WebhookSettings(name="cms", url="https://cms.example/", secret_env="ANOTHER")
    assert checked(hook)["credentials"] == (False, "the environment has no ANOTHER: set it there or in the secrets file")


def test_the_secret_is_in_no_finding() -> None:
    hook = WebhookSettings(name="cms", url=f"http://127.0.0.1:9/{SECRET}", secret_env="HOOK", allow_private=True)
    told = str(checked(hook))
    assert "no connection" in told
    assert SECRET.removeprefix("whsec_") not in told
