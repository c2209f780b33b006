"""The outbox: sends what is due, once, and records how it ended; in: a database and targets, out: Receipts.

The intention is written before the first byte (`save_article`), the claim before the send, the receipt after it. A process that dies in
between leaves a row in `sending`; at the next start it is unknown, and is sent again under the same message id, or looked up. One task per
target, so a dead one delays no other; a target that cannot be reached is left alone until the next run. A fault of a publisher ends that
delivery's attempt and nothing else. Retry, back-off, expiry and dead letter are the same for every target.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import traceback
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import structlog

from newsgen.discover import load_constants
from newsgen.errors import PublishRefused, PublishUnavailable
from newsgen.publish._address import Resolve, resolve
from newsgen.publish._home import NO_HOME, Home, original_of, page_of
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Outgoing, Parcel, Placed, Publisher, Target
from newsgen.publish._wire import Wire
from newsgen.secret import Secret
from newsgen.story import Receipt

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsgen.store.deliveries import Delivery

__all__ = ["CRASH_POINTS", "Outbox", "publishers"]

_URGENT_S = 300.0  # a withdrawal, or a correction, waits no longer than this
_CORRECTION = 1  # its urgency; a withdrawal's is 0
# Waits in seconds before the next attempt, from the Standard Webhooks schedule; news expires long before its end.
BACK_OFF_S = (5.0, 30.0, 300.0, 2100.0, 9000.0, 27000.0)
SEND_S = 240.0  # all requests of one delivery; less than a lease, so that nobody sends what another still sends
_ID_CHARS = 2000  # of what a target calls its copy
_log = structlog.get_logger()
_P = ParamSpec("_P")
_T = TypeVar("_T")
# One thread for the database: SQLite has one writer, and two that wait for each other's lock sleep longer than they work.
_STORE = ThreadPoolExecutor(1, thread_name_prefix="outbox")
CRASH_POINTS = ("before_claim", "after_claim", "before_send", "after_send", "after_receipt")


@cache
def publishers() -> Mapping[str, Publisher]:
    """Every kind of target, by name."""
    return load_constants(sys.modules["newsgen.publish"], "PUBLISHER", Publisher)


def _no_crash(point: str) -> None:
    """Tests put a death here."""


async def _as_it_is() -> None:
    """Nothing is looked at again before a send."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt that is being made: the digest of what is sent, its requests, and when it began by the loop's clock."""

    digest: str
    wire: Wire
    began_s: float

    @property
    def took_ms(self) -> int:
        """So far."""
        return round((asyncio.get_running_loop().time() - self.began_s) * 1000)


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
        home: Where the originals of the site's stories stand.
        stop: When it is set, what is in hand is ended and nothing more is begun.
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
    home: Home = NO_HOME
    stop: asyncio.Event | None = None

    async def deliver(self) -> list[Receipt]:
        """Send everything that is due now, targets side by side; one that fails by a fault of ours stops no other."""
        due = await self.due()
        results = await asyncio.gather(*(self.deliver_to(name) for name in due), return_exceptions=True)
        for fault in results:
            if isinstance(fault, BaseException):
                raise fault
        return [receipt for found in results if not isinstance(found, BaseException) for receipt in found]

    async def due(self) -> list[str]:
        """The targets that something is due for."""
        from newsgen.store.claims import due_targets

        waiting = await _stored(due_targets, self.engine, self.clock(), self.site)
        return [name for name in self.targets if name in waiting]

    async def deliver_to(self, name: str) -> list[Receipt]:
        """Send what is due at one target, one after the other, until it cannot be reached."""
        from newsgen.store.claims import claim_due

        receipts, marks = list[Receipt](), {name: self.targets[name].settings.mark}
        while self.stop is None or not self.stop.is_set():
            await self.prepare()
            self.at("before_claim")
            due = await _stored(claim_due, self.engine, self.clock(), limit=1, targets=[name], site=self.site, marks=marks)
            if not due:
                break
            self.at("after_claim")
            receipt = await self._one(due[0], self.targets[name])
            receipts.append(receipt)
            if receipt.state == "unknown":
                break
        return receipts

    async def _one(self, delivery: Delivery, target: Target) -> Receipt:
        original = await original_of(self.home, self.engine, delivery, _stored)
        try:
            parcel, publisher = self._parcel(delivery, target, original), publishers()[target.kind]
            reason = self._ended(delivery, parcel, publisher)
            outgoing = None if reason else publisher.format(parcel, target)
        except Exception as error:
            _note_fault(delivery, error)
            return await self._settle(
                delivery, "rejected", f"cannot be written for this target ({type(error).__name__}): a fault of newsgen"
            )
        if outgoing is None:
            return await self._settle(delivery, *(reason or ("dead", "")))
        try:
            wire = replace(self.wire(target, parcel.article.slug), until=delivery.until)
        except PublishRefused as error:
            return await self._settle(delivery, "rejected", error.problem)
        return await self._send(delivery, parcel, outgoing, target, wire)

    async def _send(self, delivery: Delivery, parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
        """An attempt, from the note of what will be sent to the note of how it ended."""
        from newsgen.store.deliveries import note_intent

        publisher, digest = publishers()[target.kind], hashlib.sha256(outgoing.body).hexdigest()
        attempt = _Attempt(digest, wire, asyncio.get_running_loop().time())
        sent = await _stored(note_intent, self.engine, delivery, digest)
        if sent is None:
            return _lost(delivery)
        self.at("before_send")
        try:
            async with asyncio.timeout(SEND_S):
                receipt = await publisher.send(replace(parcel, sent=sent), outgoing, target, wire)
        except PublishRefused as error:
            return await self._refused(delivery, error, attempt)
        except PublishUnavailable as error:
            return await self._again(delivery, publisher, error, attempt)
        except TimeoutError:
            return await self._again(delivery, publisher, wire.unavailable("it took too long", may_be_stored=True), attempt)
        except Exception as error:
            _note_fault(delivery, error)
            fault = wire.unavailable(f"a fault of newsgen ({type(error).__name__})", may_be_stored=True)
            return await self._again(delivery, publisher, fault, attempt)
        self.at("after_send")
        receipt = _cleaned(receipt, wire)
        settled = await self._settle(delivery, "confirmed", receipt.message, receipt=receipt, attempt=attempt)
        self.at("after_receipt")
        return settled

    def _parcel(self, delivery: Delivery, target: Target, original: str | None) -> Parcel:
        """What the publisher gets.

        Args:
            original: As `original_of` gives it.
        """
        article = Printed.read(delivery.article_json)
        if delivery.first_at is not None and delivery.version > 1:
            article = article.model_copy(update={"published_at": delivery.first_at})
        at = delivery.placed
        placed = None if at is None else Placed(at.remote_id, at.url, at.mark, at.stored_sha256, at.version)
        if original == "" and self.home.certain:
            original = page_of(article, target.site)
        return Parcel(article, delivery.article_json, delivery.message_id, delivery.attempts, placed, delivery.unknown_at,
                      overwrite=delivery.overwrite, reviewer=delivery.reviewer, original=original)  # fmt: skip

    def _ended(self, delivery: Delivery, parcel: Parcel, publisher: Publisher) -> tuple[str, str] | None:
        """How a delivery ends without a request: state and reason."""
        if self.clock() >= delivery.expires_at:
            return "dead", "expired; an attempt may have arrived" if delivery.unsure else "expired before the target took it"
        if publisher.notifies and delivery.unsure and not delivery.overwrite:
            return "dead", "the message may have arrived: it is not sent a second time"
        if parcel.article.withdrawn and delivery.placed is None and delivery.unknown_at is None:
            return "confirmed", "the target never had the story"
        return None

    def wire(self, target: Target, slug: str) -> Wire:
        """The requests of one delivery, with the target's secrets.

        Raises:
            PublishRefused: The environment lacks one of them, or it was entered for another host.
        """
        env = os.environ if self.env is None else self.env
        for name in target.settings.secrets:
            if not env.get(name):
                raise PublishRefused(target.name, slug, f"the environment has no {name}: set it there or in the secrets file")
        secrets = {name: Secret(env[name]) for name in target.settings.secrets}
        self._refuse_other_host(target, slug, secrets)
        return Wire(target.name, slug, self.clock, target.settings.allow_private, secrets, self.at, self.resolver)

    def _refuse_other_host(self, target: Target, slug: str, secrets: Mapping[str, Secret]) -> None:
        """A secret goes to the host that it was entered for: an address that somebody changed would carry it elsewhere."""
        from newsgen.store.bound import host_of_secret

        host = target.settings.destination
        for name, secret in secrets.items() if host else ():
            own = host_of_secret(self.engine, name, secret, host, self.clock())
            if own != host:
                problem = f"{name} was entered for {own} and is not sent to {host}: enter it again, under another name (secret_env)"
                raise PublishRefused(target.name, slug, problem)

    async def _again(self, delivery: Delivery, publisher: Publisher, error: PublishUnavailable, attempt: _Attempt) -> Receipt:
        """Wait and try again, as long as the news lives; then it is a dead letter. A withdrawal is tried until the target takes it."""
        unknown = error.may_be_stored or bool(attempt.wire.written)  # whatever the last request said
        settle = partial(self._settle, delivery, problem=error.problem, status=error.status, attempt=attempt, unknown=unknown)
        if publisher.notifies and unknown:
            return await settle("dead", problem=f"{error.problem}; it may have arrived, and is not sent a second time")
        if delivery.attempts > len(self.back_off_s) and delivery.urgency > _CORRECTION:
            return await settle("dead")
        wait = error.retry_after_s if error.retry_after_s is not None else self._back_off_s(delivery)
        if self.clock() + timedelta(seconds=wait) >= delivery.expires_at:
            return await settle("dead", problem=f"would expire: {error.problem}")
        if error.retry_after_s is not None and error.status is not None:
            await self._put_off(delivery, wait)
        # Once unknown, always: a refused connection after a lost answer does not say that the first attempt was not stored.
        return await settle("unknown" if unknown or delivery.unsure else "pending", wait=wait)

    async def _put_off(self, delivery: Delivery, wait: float) -> None:
        from newsgen.store.deliveries import put_off

        await _stored(put_off, self.engine, delivery.site, delivery.target, self.clock() + timedelta(seconds=wait))

    def _back_off_s(self, delivery: Delivery) -> float:
        step = self.back_off_s[min(delivery.attempts, len(self.back_off_s)) - 1]
        if delivery.urgency <= _CORRECTION:
            step = min(step, _URGENT_S)
        return step * (1 + (zlib.crc32(f"{delivery.message_id}|{delivery.attempts}".encode()) % 200) / 1000)  # up to a fifth later

    async def _settle(self, delivery: Delivery, state: str, problem: str = "", *, status: int | None = None, wait: float = 0,
                      receipt: Receipt | None = None, attempt: _Attempt | None = None, unknown: bool = False) -> Receipt:  # fmt: skip
        from newsgen.store.deliveries import settle

        known = receipt or _as_placed(delivery)
        ours = await _stored(
            settle, self.engine, delivery, state, self.clock(), next_in_s=wait, problem=problem, status=status, remote_id=known.remote_id,
            url=known.url, body_sha256=attempt.digest if attempt else "", mark=known.mark, stored_sha256=known.stored_sha256,
            unknown=unknown, is_there=receipt is not None, took_ms=attempt.took_ms if attempt else None,
            answer=attempt.wire.last_answer() if attempt else "",
        )  # fmt: skip
        if not ours:
            return _lost(delivery)
        shown = {"confirmed": "confirmed", "rejected": "rejected", "dead": "rejected"}.get(state, "unknown")
        return Receipt(delivery.target, delivery.article_id, shown, known.remote_id, known.url, problem)  # type: ignore[arg-type]

    async def _refused(self, delivery: Delivery, error: PublishRefused, attempt: _Attempt) -> Receipt:
        """A person must act; a target that is gone, or that does not know us, is asked no more."""
        from newsgen.store.endpoints import switch_off

        unknown = bool(attempt.wire.written)
        settled = await self._settle(delivery, "rejected", error.problem, status=error.status, attempt=attempt, unknown=unknown)
        await _stored(switch_off, self.engine, delivery, error.status, self.clock())
        return settled


async def _stored(do: Callable[_P, _T], *args: _P.args, **more: _P.kwargs) -> _T:
    """A call of the store, in the thread that is the database's."""
    return await asyncio.get_running_loop().run_in_executor(_STORE, partial(do, *args, **more))


def _lost(delivery: Delivery) -> Receipt:
    return Receipt(delivery.target, delivery.article_id, "unknown", message="its lease ran out: another has taken it over")


def _cleaned(receipt: Receipt, wire: Wire) -> Receipt:
    """A receipt without what a target should not have put into it: our secrets, and more than an id is long."""
    remote_id, url, mark, message = (
        wire.clean(text)[:_ID_CHARS] for text in (receipt.remote_id, receipt.url, receipt.mark, receipt.message)
    )
    return replace(receipt, remote_id=remote_id, url=url, mark=mark, message=message)


def _note_fault(delivery: Delivery, error: Exception) -> None:
    """A fault in the log by its kind and place: its words may hold anything, a secret too."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    _log.error("delivery.fault", target=delivery.target, article=delivery.article_id, fault=type(error).__name__, where=where)


def _as_placed(delivery: Delivery) -> Receipt:
    at = delivery.placed
    return Receipt(delivery.target, delivery.article_id, "unknown", at.remote_id, at.url, "", at.mark, at.stored_sha256) if at else Receipt(
        delivery.target, delivery.article_id, "unknown")  # fmt: skip
