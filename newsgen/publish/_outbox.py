"""The outbox: sends what is due, once, and records how it ended; in: a database and targets, out: Receipts.

The intention is written before the first byte (`save_article`), the claim before the send, the receipt after it. A process that dies in
between leaves a row in `sending`; at the next start it is unknown, and is sent again under the same message id, or looked up. One task per
target, so a dead one delays no other. Retry, back-off, expiry and dead letter are the same for every target.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from newsgen.discover import load_constants
from newsgen.errors import PublishRefused, PublishUnavailable
from newsgen.publish._address import Resolve, resolve
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Parcel, Placed, Publisher, Target
from newsgen.publish._wire import Wire
from newsgen.secret import Secret
from newsgen.story import Receipt

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsgen.store.deliveries import Delivery

__all__ = ["CRASH_POINTS", "Outbox", "publishers"]

# Waits in seconds before the next attempt, from the Standard Webhooks schedule; news expires long before its end.
_URGENT_S = 300.0  # a withdrawal, or a correction, waits no longer than this
_CORRECTION = 1  # its urgency; a withdrawal's is 0
BACK_OFF_S = (5.0, 30.0, 300.0, 2100.0, 9000.0, 27000.0)
CRASH_POINTS = ("before_claim", "after_claim", "before_send", "after_send", "after_receipt")


@cache
def publishers() -> Mapping[str, Publisher]:
    """Every kind of target, by name."""
    return load_constants(sys.modules["newsgen.publish"], "PUBLISHER", Publisher)


def _no_crash(point: str) -> None:
    """Tests put a death here."""


async def _as_it_is() -> None:
    """Nothing is looked at again before a send."""


@dataclass(slots=True)
class Outbox:
    """Delivers what a database says is due.

    Attributes:
        clock: Asked for the time of each attempt.
        site: Only this site's deliveries: another site's target may have the same name.
        at: Called with the name of each step; tests let the process die there.
        env: Where secrets are looked up.
        back_off_s: Waits between attempts.
        resolver: How the names of targets become addresses.
        prepare: Called before each claim: what has waited may be held, or written again, as long as nobody has it.
    """

    engine: Engine
    targets: Mapping[str, Target]
    clock: Callable[[], datetime]
    site: str | None = None
    at: Callable[[str], None] = _no_crash
    env: Mapping[str, str] | None = None
    back_off_s: Sequence[float] = BACK_OFF_S
    prepare: Callable[[], Awaitable[None]] = _as_it_is
    resolver: Resolve = resolve

    async def deliver(self) -> list[Receipt]:
        """Send everything that is due now, targets side by side."""
        results = await asyncio.gather(*(self._target(name) for name in self.targets))
        return [receipt for found in results for receipt in found]

    async def _target(self, name: str) -> list[Receipt]:
        from newsgen.store.deliveries import claim_due

        receipts: list[Receipt] = []
        while True:
            await self.prepare()
            self.at("before_claim")
            due = await asyncio.to_thread(claim_due, self.engine, self.clock(), limit=1, targets=[name], site=self.site)
            if not due:
                return receipts
            self.at("after_claim")
            receipts.append(await self._one(due[0], self.targets[name]))

    async def _one(self, delivery: Delivery, target: Target) -> Receipt:
        from newsgen.store.deliveries import note_intent

        parcel = _parcel(delivery)
        publisher = publishers()[target.kind]
        reason = self._ended(delivery, parcel, publisher)
        if reason:
            return await self._settle(delivery, *reason)
        outgoing = publisher.format(parcel, target)
        digest = hashlib.sha256(outgoing.body).hexdigest()
        try:
            wire = self.wire(target, parcel.article.slug)
            sent = await asyncio.to_thread(note_intent, self.engine, delivery, digest)
            parcel = replace(parcel, sent=sent)
            self.at("before_send")
            receipt = await publisher.send(parcel, outgoing, target, wire)
            self.at("after_send")
        except PublishRefused as error:
            return await self._refused(delivery, error, digest)
        except PublishUnavailable as error:
            return await self._again(delivery, publisher, error, digest)
        settled = await self._settle(delivery, "confirmed", receipt.message, receipt=receipt, digest=digest)
        self.at("after_receipt")
        return settled

    def _ended(self, delivery: Delivery, parcel: Parcel, publisher: Publisher) -> tuple[str, str] | None:
        """How a delivery ends without a request: state and reason."""
        if self.clock() >= delivery.expires_at:
            return "dead", "expired before the target took it"
        if publisher.notifies and delivery.unknown_at is not None:
            return "dead", "the message may have arrived: it is not sent a second time"
        if parcel.article.withdrawn and delivery.placed is None and delivery.unknown_at is None:
            return "confirmed", "the target never had the story"
        return None

    def wire(self, target: Target, slug: str) -> Wire:
        """The requests of one delivery, with the target's secrets.

        Raises:
            PublishRefused: The environment lacks one of them.
        """
        env = os.environ if self.env is None else self.env
        for name in target.settings.secrets:
            if not env.get(name):
                raise PublishRefused(target.name, slug, f"the environment has no {name}")
        secrets = {name: Secret(env[name]) for name in target.settings.secrets}
        return Wire(target.name, slug, self.clock, target.settings.allow_private, secrets, self.at, self.resolver)

    async def _again(self, delivery: Delivery, publisher: Publisher, error: PublishUnavailable, digest: str) -> Receipt:
        """Wait and try again, as long as the news lives; then it is a dead letter. A withdrawal is tried until the target takes it."""
        stored = error.may_be_stored
        if publisher.notifies and stored:
            return await self._settle(delivery, "dead", f"{error.problem}; it may have arrived, and is not sent a second time",
                                      status=error.status, digest=digest, unknown=True)  # fmt: skip
        if delivery.attempts > len(self.back_off_s) and delivery.urgency > _CORRECTION:
            return await self._settle(delivery, "dead", error.problem, status=error.status, digest=digest, unknown=stored)
        wait = error.retry_after_s if error.retry_after_s is not None else self._back_off_s(delivery)
        if self.clock() + timedelta(seconds=wait) >= delivery.expires_at:
            return await self._settle(
                delivery, "dead", f"would expire: {error.problem}", status=error.status, digest=digest, unknown=stored
            )
        # Once unknown, always: a refused connection after a lost answer does not say that the first attempt was not stored.
        state = "unknown" if stored or delivery.unknown_at is not None else "pending"
        return await self._settle(delivery, state, error.problem, status=error.status, wait=wait, digest=digest, unknown=stored)

    def _back_off_s(self, delivery: Delivery) -> float:
        step = self.back_off_s[min(delivery.attempts, len(self.back_off_s)) - 1]
        if delivery.urgency <= _CORRECTION:
            step = min(step, _URGENT_S)
        return step * (1 + (zlib.crc32(f"{delivery.message_id}|{delivery.attempts}".encode()) % 200) / 1000)  # up to a fifth later

    async def _settle(self, delivery: Delivery, state: str, problem: str = "", *, status: int | None = None, wait: float = 0,
                      receipt: Receipt | None = None, digest: str = "", unknown: bool = False) -> Receipt:  # fmt: skip
        from newsgen.store.deliveries import settle

        known = receipt or _as_placed(delivery)
        await asyncio.to_thread(
            settle, self.engine, delivery, state, self.clock(), next_in_s=wait, problem=problem, status=status, remote_id=known.remote_id,
            url=known.url, body_sha256=digest, mark=known.mark, stored_sha256=known.stored_sha256, unknown=unknown,
        )  # fmt: skip
        shown = {"confirmed": "confirmed", "rejected": "rejected", "dead": "rejected"}.get(state, "unknown")
        return Receipt(delivery.target, delivery.article_id, shown, known.remote_id, known.url, problem)  # type: ignore[arg-type]

    async def _refused(self, delivery: Delivery, error: PublishRefused, digest: str) -> Receipt:
        """A person must act; a target that is gone, or that does not know us, is asked no more."""
        from newsgen.store.endpoints import switch_off

        settled = await self._settle(delivery, "rejected", error.problem, status=error.status, digest=digest)
        await asyncio.to_thread(switch_off, self.engine, delivery, error.status, self.clock())
        return settled


def _parcel(delivery: Delivery) -> Parcel:
    article = Printed.read(delivery.article_json)
    if delivery.first_at is not None and delivery.version > 1:
        article = article.model_copy(update={"published_at": delivery.first_at})
    at = delivery.placed
    placed = None if at is None else Placed(at.remote_id, at.url, at.mark, at.stored_sha256, at.version)
    return Parcel(article, delivery.article_json, delivery.message_id, delivery.attempts, placed, delivery.unknown_at,
                  overwrite=delivery.overwrite)  # fmt: skip


def _as_placed(delivery: Delivery) -> Receipt:
    at = delivery.placed
    return Receipt(delivery.target, delivery.article_id, "unknown", at.remote_id, at.url, "", at.mark, at.stored_sha256) if at else Receipt(
        delivery.target, delivery.article_id, "unknown")  # fmt: skip
