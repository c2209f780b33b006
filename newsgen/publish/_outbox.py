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
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from newsgen.discover import load_constants
from newsgen.errors import ConfigError, PublishRefused, PublishUnavailable
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Parcel, Publisher, Target
from newsgen.story import Receipt

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsgen.store.newsroom import Delivery

__all__ = ["CRASH_POINTS", "Outbox", "publishers"]

# Waits in seconds before the next attempt, from the Standard Webhooks schedule; news expires long before its end.
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

    async def deliver(self) -> list[Receipt]:
        """Send everything that is due now, targets side by side."""
        results = await asyncio.gather(*(self._target(name) for name in self.targets))
        return [receipt for found in results for receipt in found]

    async def _target(self, name: str) -> list[Receipt]:
        from newsgen.store.newsroom import claim_due

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
        if self.clock() >= delivery.expires_at:
            return await self._settle(delivery, "dead", problem="expired before the target took it")
        article = Printed.read(delivery.article_json)
        parcel = Parcel(article, delivery.article_json, delivery.message_id, delivery.attempts, delivery.was_unknown)
        publisher = publishers()[target.kind]
        outgoing = publisher.format(parcel, target)
        digest = hashlib.sha256(outgoing.body).hexdigest()
        try:
            self.at("before_send")
            receipt = await publisher.send(parcel, outgoing, target, self._secret(target), self.clock())
            self.at("after_send")
        except PublishRefused as error:
            return await self._settle(delivery, "rejected", problem=error.problem, status=error.status, digest=digest)
        except PublishUnavailable as error:
            return await self._again(delivery, error, digest)
        settled = await self._settle(delivery, "confirmed", receipt=receipt, digest=digest)
        self.at("after_receipt")
        return settled

    def _secret(self, target: Target) -> str:
        env = os.environ if self.env is None else self.env
        if target.secret_env and target.secret_env not in env:
            raise PublishRefused(target.name, "", f"the environment has no {target.secret_env}")
        return env.get(target.secret_env, "") if target.secret_env else ""

    async def _again(self, delivery: Delivery, error: PublishUnavailable, digest: str) -> Receipt:
        """Wait and try again, as long as the news lives; then it is a dead letter."""
        if delivery.attempts > len(self.back_off_s):
            return await self._settle(delivery, "dead", problem=error.problem, status=error.status, digest=digest)
        step = self.back_off_s[delivery.attempts - 1]
        jitter = 1 + (zlib.crc32(f"{delivery.message_id}|{delivery.attempts}".encode()) % 200) / 1000  # up to a fifth later
        wait = error.retry_after_s if error.retry_after_s is not None else step * jitter
        if self.clock() + timedelta(seconds=wait) >= delivery.expires_at:
            return await self._settle(delivery, "dead", problem=f"would expire: {error.problem}", status=error.status, digest=digest)
        # Once unknown, always: a refused connection after a lost answer does not say that the first attempt was not stored.
        state = "unknown" if error.may_be_stored or delivery.was_unknown else "pending"
        return await self._settle(delivery, state, problem=error.problem, status=error.status, wait=wait, digest=digest)

    async def _settle(self, delivery: Delivery, state: str, *, problem: str = "", status: int | None = None, wait: float = 0,
                      receipt: Receipt | None = None, digest: str = "") -> Receipt:  # fmt: skip
        from newsgen.store.newsroom import settle

        remote, url = (receipt.remote_id, receipt.url) if receipt else ("", "")
        await asyncio.to_thread(
            settle, self.engine, delivery.id, state, self.clock(), next_in_s=wait, problem=problem, status=status, remote_id=remote,
            url=url, body_sha256=digest,
        )  # fmt: skip
        shown = {"confirmed": "confirmed", "rejected": "rejected", "dead": "rejected"}.get(state, "unknown")
        return Receipt(delivery.target, delivery.article_id, shown, remote, url, problem)  # type: ignore[arg-type]


def known_kind(kind: str) -> None:
    """Refuse a kind of target that no module offers."""
    if kind not in publishers():
        raise ConfigError(f"no kind of target {kind!r}; there are: {', '.join(publishers())}")
