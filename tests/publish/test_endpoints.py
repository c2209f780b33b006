"""Endpoints that want nothing more from us, through the outbox: 410, two refused logins, Retry-After, abort; and what still goes there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent))

from fake_site import Answered, Asked, FakeSite, Shown, serving
from matrix import Rehearsal, every_fault, every_step, versions
from receiver import SECRET, Receiver, receiving

from newsgen.publish import Target
from newsgen.publish._wire import retry_after_s
from newsgen.store.deliveries import ATTEMPT
from newsgen.store.stops import STOP
from newsgen.target_settings import WebhookSettings

FIRST, SECOND, THIRD, WITHDRAWN = versions()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def desk(receiver: Receiver, tmp_path: Path) -> Rehearsal:
    target = Target(WebhookSettings(name="hook", url=receiver.url, secret_env="HOOK", allow_private=True))
    return Rehearsal(target, receiver, {"HOOK": SECRET}, tmp_path)  # type: ignore[arg-type]


def stops(desk: Rehearsal) -> list[str]:
    with desk.engine.connect() as connection:
        return [f"{r.site} {r.scope} {r.name}: {r.reason}" for r in connection.execute(sa.select(STOP))]


def test_a_410_switches_the_endpoint_off_until_somebody_lifts_it(desk: Rehearsal, receiver: Receiver) -> None:
    receiver.answers = ["410"]
    desk.save(FIRST)
    assert desk.drive() == "rejected"
    assert stops(desk) == ["main target hook: gone: it answered 410"]
    desk.save(SECOND)
    assert desk.drive(2) == "pending"
    assert len(receiver.requests) == 1
    with desk.engine.begin() as connection:
        connection.execute(sa.update(STOP).values(lifted_at=1))
    assert desk.drive() == "confirmed"


def test_a_withdrawal_still_goes_to_an_endpoint_that_is_switched_off(desk: Rehearsal, receiver: Receiver) -> None:
    desk.publish(FIRST)
    receiver.answers = ["410"]
    assert "gone" in desk.refused(SECOND)
    desk.publish(WITHDRAWN)
    assert stops(desk) == ["main target hook: gone: it answered 410"]


def test_two_refused_logins_in_a_row_switch_it_off_and_one_does_not(desk: Rehearsal, receiver: Receiver) -> None:
    receiver.answers = ["401"]
    desk.refused(FIRST)
    assert stops(desk) == []
    desk.publish(SECOND)
    receiver.answers = ["401", "401"]
    desk.refused(THIRD)
    assert stops(desk) == []  # the one before it was taken
    desk.resend()
    assert stops(desk) == ["main target hook: it refused the login 2 times in a row (401)"]


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_other_refusals_are_the_articles_and_not_the_endpoints(desk: Rehearsal, receiver: Receiver, status: int) -> None:
    receiver.answers = [f"{status} x=y"] * 2
    desk.refused(FIRST)
    desk.resend()
    assert len(receiver.requests) == 2
    assert stops(desk) == []


def test_a_receiver_that_asks_to_stop_gets_no_further_attempt(desk: Rehearsal, receiver: Receiver) -> None:
    receiver.answers = ["503 webhook-delivery=abort-message"]
    assert "asked to stop" in desk.refused(FIRST)
    assert len(receiver.requests) == 1


def test_what_may_have_arrived_once_may_have_arrived_whatever_comes_after(desk: Rehearsal, receiver: Receiver) -> None:
    receiver.answers = ["500", "429 retry-after=5"]
    desk.save(FIRST)
    desk.send()
    desk.clock.now += timedelta(minutes=1)
    desk.send()
    assert len(receiver.requests) == 2
    assert desk.rows()[0]["state"] == "unknown"


@pytest.mark.parametrize(
    ("told", "seconds"), [("30", 30), ("999999", 3600), ("Mon, 14 Jul 2025 12:03:00 GMT", 60), ("Mon, 14 Jul 2025 12:03:00", 60),
                          ("Mon, 14 Jul 2025 11:00:00 GMT", 0), ("Wed, 14 Jul 2027 12:03:00 GMT", 3600), ("soon", None), ("", None)],
)  # fmt: skip
def test_a_wait_is_read_in_both_forms_and_is_an_hour_at_the_most(told: str, seconds: float | None) -> None:
    assert retry_after_s(told, datetime(2025, 7, 14, 12, 2, tzinfo=UTC)) == seconds


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_counts_in_both_forms(desk: Rehearsal, receiver: Receiver, form: str) -> None:
    at = desk.clock.now + timedelta(seconds=900)
    receiver.answers = [f"429 retry-after={900 if form == 'seconds' else format_datetime(at.replace(microsecond=0), usegmt=True)}"]
    desk.save(FIRST)
    desk.send()
    desk.clock.now = at - timedelta(seconds=5)
    desk.send()
    assert len(receiver.requests) == 1
    desk.clock.now = at + timedelta(seconds=5)
    desk.send()
    assert desk.rows()[0]["state"] == "confirmed"


class Talkative(FakeSite):
    """Answers every request with more than anybody wants to read."""

    def answer(self, asked: Asked) -> Answered:
        return Answered(400, b"no " * 100_000, {"content-type": "text/plain"})


def lines(desk: Rehearsal) -> list[sa.Row[Any]]:
    """The delivery log."""
    with desk.engine.connect() as connection:
        return list(connection.execute(sa.select(ATTEMPT).order_by(ATTEMPT.c.id)).all())


def test_the_log_keeps_the_first_kilobyte_of_an_answer_and_the_error_less(tmp_path: Path) -> None:
    with serving(Talkative()) as site:
        target = Target(WebhookSettings(name="hook", url=f"{site.url}/hook", secret_env="HOOK", allow_private=True))
        desk = Rehearsal(target, site, {"HOOK": SECRET}, tmp_path)
        assert "no no no" in desk.refused(FIRST)
    (line,) = lines(desk)
    assert 200 < len(line.said) < 400
    assert line.answer == ("no " * 342)[:1024]


def test_the_log_tells_when_how_long_with_what_status_and_when_again(desk: Rehearsal, receiver: Receiver) -> None:
    receiver.answers = ["503 retry-after=120", "slow 204"]
    desk.save(FIRST)
    at = int(desk.clock().timestamp())
    desk.send()
    desk.clock.now += timedelta(seconds=120)
    desk.send()
    first, second = lines(desk)
    assert (first.state, first.status, first.at, first.next_at) == ("unknown", 503, at, at + 120)
    assert (second.state, second.at, second.next_at, second.answer) == ("confirmed", at + 120, None, "")
    assert first.took_ms >= 0
    assert 200 <= second.took_ms < 20_000  # the receiver waits for 0.2 s


def test_what_ends_without_a_request_took_no_time(desk: Rehearsal) -> None:
    desk.save(FIRST)
    desk.clock.now += timedelta(hours=7)
    desk.send()
    (line,) = lines(desk)
    assert (line.state, line.took_ms, line.answer, line.next_at) == ("dead", None, "", None)


class Keeper(FakeSite):
    """Takes events in any order and more than once, and keeps of each story the highest version, as the standard asks."""

    def __init__(self) -> None:
        super().__init__()
        self.state = {}

    def answer(self, asked: Asked) -> Answered:
        data = asked.json["data"]
        if data["version"] >= self.state.get(data["id"], data)["version"]:
            self.state[data["id"]] = data
        return Answered(204)

    def shown(self) -> list[Shown]:
        return [Shown(d["headline"], d["body_html"], "") for d in self.state.values()]

    kept = shown


def test_a_receiver_has_each_story_once_and_the_last_version_after_any_death_and_any_fault(tmp_path: Path) -> None:
    with serving(Keeper()) as site:
        target = Target(WebhookSettings(name="hook", url=f"{site.url}/hook", secret_env="HOOK", allow_private=True))
        (tmp_path / "deaths").mkdir()
        deaths = every_step(target, site, [FIRST, replace(WITHDRAWN, version=2)], env={"HOOK": SECRET}, folder=tmp_path / "deaths")
        assert len(deaths) > 10
        site.thaw({})
        faults = ("503 page", "429", "lost", "504 after", "lost after")
        assert len(every_fault(target, site, [FIRST, SECOND], faults, env={"HOOK": SECRET}, folder=tmp_path)) == 2 * len(faults)
