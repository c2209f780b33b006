"""A story at a CMS, once: looks up before it creates, compares before it changes, reads back what was stored; in: a Cms, out: a Receipt.

The same for every CMS that can be asked what it has. No CMS has an idempotency key, so the story's own id is carried in each post and
looked up. What a person changed there is not overwritten. Knows neither addresses nor fields: those are the Cms'.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from newsgen.publish._body import digest_of_words, links_of, visible_text
from newsgen.publish._publisher import Parcel
from newsgen.publish._wire import Wire
from newsgen.story import Receipt

__all__ = ["Cms", "Copy", "place"]

# The longest time that a target may still be at work on a request whose answer we did not get.
SETTLES_S = 60.0


@dataclass(frozen=True, slots=True)
class Copy:
    """A post as the CMS has it.

    Attributes:
        mark: The CMS' own mark of its last change; "" where it has none.
        original: The address that it names as the story's original; "" where it names none.
        title, body: As stored: plain text, and HTML.
        is_live: Whether readers see it.
    """

    remote_id: str
    url: str
    title: str
    body: str
    is_live: bool
    mark: str = ""
    original: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.title}\n{self.body}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Cms:
    """What a CMS can be asked about one story. Each function raises PublishUnavailable or PublishRefused.

    Attributes:
        title, body: What should stand there: plain text, and HTML.
        live: Whether readers should see it: not where the desk wants drafts, or where a withdrawal takes the page down.
        find: Every post that carries the story's id, in whatever state, oldest first.
        read: A post by its id; None when it is gone.
        create: A new post; hidden from readers where the CMS can do that, until `release`.
        update: The post with the texts that should stand there; its state stays.
        release: Shows it to readers, or takes it down, as `live` says.
        remove: Takes a twin away.
        original: The address that it should name as the story's original; "" for none.
        link: Names it, and changes nothing else; None where the CMS cannot.
    """

    title: str
    body: str
    live: bool
    find: Callable[[], Awaitable[list[Copy]]]
    read: Callable[[str], Awaitable[Copy | None]]
    create: Callable[[], Awaitable[Copy]]
    update: Callable[[Copy], Awaitable[Copy]]
    release: Callable[[Copy], Awaitable[Copy]]
    remove: Callable[[Copy], Awaitable[None]]
    link: Callable[[Copy], Awaitable[Copy]] | None = None
    original: str = ""


async def place(cms: Cms, parcel: Parcel, wire: Wire) -> Receipt:
    """See to it that the CMS has the story exactly once, as it should be.

    Raises:
        PublishUnavailable: Worth another try.
        PublishRefused: A person has changed or removed it there, or the CMS does not keep what it is sent.
    """
    known = parcel.placed.remote_id if parcel.placed else ""
    copy = (await cms.read(known) if known else None) or await _looked_up(cms, parcel, wire)
    if copy is None and known and not (parcel.overwrite or parcel.article.withdrawn):
        raise wire.refused("somebody has removed it at the target: it is not published there again (resend --overwrite does)")
    created = ""
    if copy is None:
        _wait_until_settled(parcel, wire)
        if parcel.article.withdrawn:
            return Receipt(wire.target, parcel.article.id, "confirmed", known, message="there is nothing of it at the target")
        copy, created = await _created(cms, parcel, wire)
    if copy.remote_id != created and (_lost(cms, copy) or _added(cms, copy)):
        _refuse_edited(copy, parcel, wire)
        copy = await _kept(cms, await cms.update(copy), wire)
    shown = await _shown(cms, copy, parcel, wire)
    # What somebody saved between our look and the release is not ours: the next version must find that it is not as we left it.
    ours = copy if _lost(cms, shown) or _added(cms, shown) else shown
    left = _left(ours, parcel, wire)
    return Receipt(wire.target, parcel.article.id, "confirmed", shown.remote_id, shown.url, mark=shown.mark, stored_sha256=left)


async def _shown(cms: Cms, copy: Copy, parcel: Parcel, wire: Wire) -> Copy:
    """The post with the address of its original, seen by readers or not as it should be."""
    if cms.link is not None and cms.original and not copy.original:  # one that a person chose stays
        copy = _linked(cms, await cms.link(copy), wire)
    if copy.is_live != cms.live and (cms.live or parcel.article.withdrawn):
        copy = await _released(cms, copy, parcel, wire)
    return copy


def _left(copy: Copy, parcel: Parcel, wire: Wire) -> str:
    """How we last left the post: where nothing was written now, a link or a picture of somebody's in it is not ours either."""
    untouched = parcel.placed is not None and parcel.unknown_at is None and not wire.written
    return (parcel.placed.stored_sha256 if parcel.placed is not None and untouched else "") or copy.sha256


async def _looked_up(cms: Cms, parcel: Parcel, wire: Wire) -> Copy | None:
    """The post that carries the story's id, if there is one; of twins the first stays.

    Raises:
        PublishRefused: The twin holds somebody's words, so it is none of ours.
    """
    found = await cms.find()
    for twin in found[1:]:
        if digest_of_words(twin.title, twin.body) not in parcel.sent:
            raise wire.refused(f"it is there twice, and somebody has changed the second ({twin.url or twin.remote_id}): keep one")
        await cms.remove(twin)
    return found[0] if found else None


def _wait_until_settled(parcel: Parcel, wire: Wire) -> None:
    """After an attempt whose end is not known nothing is done until it can no longer come in."""
    if parcel.unknown_at is None:
        return
    left = SETTLES_S - (wire.clock() - parcel.unknown_at).total_seconds()
    if left > 0:
        raise wire.unavailable("not there yet: it is looked up again before it is sent again", retry_after_s=left)


async def _created(cms: Cms, parcel: Parcel, wire: Wire) -> tuple[Copy, str]:
    """The post that stands there after one was made, and the id of the one that was made.

    After an attempt whose end is not known they may be two: the earlier one has come in after all, with what was meant at that time.
    """
    made = await _kept(cms, await cms.create(), wire)
    if parcel.unknown_at is None:
        return made, made.remote_id
    return await _looked_up(cms, parcel, wire) or made, made.remote_id


async def _released(cms: Cms, copy: Copy, parcel: Parcel, wire: Wire) -> Copy:
    """The post as readers should have it; what was shown and is hidden now, somebody has hidden."""
    if cms.live and parcel.placed is not None and not parcel.overwrite:
        if parcel.article.withdrawn:
            return copy
        raise wire.refused("readers do not see it: somebody has hidden it at the target (show it there, or resend --overwrite)")
    return await cms.release(copy)


def _linked(cms: Cms, copy: Copy, wire: Wire) -> Copy:
    if copy.original != cms.original:
        raise wire.refused(f"the target did not keep the address of the story's original, {cms.original}")
    return copy


async def _kept(cms: Cms, sent: Copy, wire: Wire) -> Copy:
    """The post as it reads now; refused when words or links of ours are not in it."""
    copy = await cms.read(sent.remote_id)
    if copy is None:
        raise wire.unavailable("stored, but not there when it was read back", may_be_stored=True)
    lost = _lost(cms, copy)
    if lost:
        raise wire.refused(f"the target did not keep what it was sent: {lost}")
    return copy


def _lost(cms: Cms, copy: Copy) -> str:
    """The first words or link of ours that are not in the post; "" when all are."""
    if " ".join(copy.title.split()) != " ".join(cms.title.split()):
        return f"the headline reads {copy.title[:80]!r}"
    meant, there = visible_text(cms.body).split(), visible_text(copy.body).split()
    for at, word in enumerate(meant):
        if at >= len(there) or there[at] != word:
            behind = " ".join(meant[max(at - 4, 0) : at])
            return f"{' '.join(meant[at : at + 6])!r} is missing" + (f" after {behind!r}" if behind else "")
    gone = set(links_of(cms.body)) - set(links_of(copy.body))
    return f"the link to {min(gone)} is missing" if gone else ""


def _added(cms: Cms, copy: Copy) -> bool:
    return len(visible_text(copy.body).split()) > len(visible_text(cms.body).split())


def _refuse_edited(copy: Copy, parcel: Parcel, wire: Wire) -> None:
    """What is not as we left it is somebody's work, unless words of ours may have arrived there since."""
    placed = parcel.placed
    if parcel.overwrite or (placed is not None and placed.stored_sha256 in ("", copy.sha256)):
        return
    if (placed is None or parcel.unknown_at is not None) and digest_of_words(copy.title, copy.body) in parcel.sent:
        return
    raise wire.refused(
        "somebody has changed it at the target since it was sent: it is not overwritten; compare both, then resend --overwrite"
    )
