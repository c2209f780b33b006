"""Every death and every fault at every step of a send, for any kind of target; in: a target and its receiver, out: how many were tried.

A story goes through its versions (published, updated, corrected, withdrawn) by the real outbox and database. Each version is sent once
whole, to count its steps; then once for each step with a death there, or for each request with a fault there, from the state that the
version before left behind. After a restart there must be one post, and it must be the last version.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine

from newsgen.publish import Home, Outbox, Target, check_target
from newsgen.publish._body import visible_text
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Finding
from newsgen.store.claims import recover_sending
from newsgen.store.database import open_database
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import save_article
from newsgen.story import Article, Change, Paragraph, SourceCredit, Text, Verdict

__all__ = ["Clock", "Death", "Rehearsal", "every_fault", "every_step", "new_database", "versions"]

sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type] # httpcore looks for it in every request, on every path of pytest's
ENDED = ("confirmed", "rejected", "dead", "superseded")


class Clock:
    """A clock that tests move; near the real time, since receivers check stamps."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now


class Death(BaseException):
    """The process dies here."""


class Receiver(Protocol):
    """What the matrix asks of a receiver."""

    asked: list[str]
    faults: dict[int | str, str]

    def freeze(self) -> Any: ...
    def thaw(self, state: Any) -> None: ...
    def shown(self) -> Sequence[Any]:
        """What readers see: `title` and `body` of each post."""
        ...

    def kept(self) -> Sequence[Any]: ...


def versions() -> list[Article]:
    """A story as it was published, updated, corrected and withdrawn."""
    first = _first()
    second = _version(first, 2, 1).with_text("paragraphs[0]", "Bitcoin fell back to $119,900 & stayed there [sic].")
    note = "Correction: an earlier version gave 83% where 76% is right."
    third = _changed(second, 3, Change("correction", note, _AT + timedelta(hours=2), "desk", (("83%", "76%"),)), second.paragraphs)
    notice = "This article has been withdrawn: its liquidation figures were wrong."
    fourth = _changed(third, 4, Change("withdrawal", notice, _AT + timedelta(hours=3), "desk"), ())
    return [first, second, third, replace(fourth, headline=Text("Withdrawn: a report on bitcoin's record"), dek=Text(""), tables=())]


_AT = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
_TABLE = {"title": "Prices", "columns": ["Coin", "Price"], "rows": [[{"text": "BTC"}, {"text": "$121,467"}],
                                                                    [{"text": "2x4 <ETH> & [gallery]"}, {"text": "$3,052"}]]}  # fmt: skip


def _first() -> Article:
    """A short article with everything that targets treat in their own ways: a table, a link, brackets, quotes, an x between digits."""
    paragraphs = ("Bitcoin rose to $123,218 on Monday, an \"all-time high\" by the archive's count.",
                  "Shorts were 83% of what was liquidated; 'size 2x4' is no <b>product</b> & [caption] no shortcode.")  # fmt: skip
    credit = SourceCredit("Farside Investors", "", _AT, "Fund flows: Farside Investors", "https://farside.example/btc/?a=1&b=2")
    return Article(
        id="1461d7a3-df75-55ec-a37d-f61b54c2c6c8", slug="record-for-bitcoin-9e85ffbb", story="ath-btc-20250714", version=1, site="main",
        locale="en", edition="morning", angle="ath", form="standard", as_of=_AT, written_at=_AT, key_points=(),
        headline=Text("Bitcoin's record & the [range]"), dek=Text("Since the year began it is up 30%"),
        paragraphs=tuple(Paragraph("detail", "ath", Text(t)) for t in paragraphs),
        tickers=("BTC",), tags=("record high",), reading_minutes=1, sources=(credit,),
        disclosure="This article was generated automatically from market data.",
        digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/dataDrivenMedia",
        figures={}, readings={}, pitches=(), made_from={}, tables=(_TABLE,),
        stamps={"as_of": "12:02 UTC", "written_at": "12:02 UTC"}, verdict=Verdict("publish"),
    )  # fmt: skip


def _version(article: Article, number: int, hours: int) -> Article:
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{article.story}/{number}"))
    return replace(article, id=name, version=number, written_at=_AT + timedelta(hours=hours))


def _changed(article: Article, number: int, change: Change, paragraphs: tuple[Paragraph, ...]) -> Article:
    note = Paragraph("correction", "ath", Text(change.note))
    return replace(_version(article, number, number - 1), change=change, paragraphs=(note, *paragraphs))


def new_database(folder: Path) -> Engine:
    """An empty database in a folder: news.db."""
    (folder / "news.db").write_bytes(_empty_database())
    return open_database(f"sqlite:///{folder}/news.db", upgrade=False)


@cache
def _empty_database() -> bytes:
    """Made once: its tables take longer than a send."""
    with tempfile.TemporaryDirectory() as folder:
        open_database(f"sqlite:///{folder}/news.db").dispose()
        return Path(folder, "news.db").read_bytes()


@dataclass
class Rehearsal:
    """A desk with one target, whose database and site can be put back to where they were."""

    target: Target
    receiver: Receiver
    env: Mapping[str, str]
    folder: Path
    clock: Clock = field(default_factory=Clock)
    home: Home = field(default_factory=Home)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = new_database(self.folder)

    def state(self) -> tuple[Any, sqlite3.Connection, datetime]:
        kept = sqlite3.connect(":memory:")
        with contextlib.closing(sqlite3.connect(self.folder / "news.db")) as file:
            file.backup(kept)
        return self.receiver.freeze(), kept, self.clock.now

    def back_to(self, state: tuple[Any, sqlite3.Connection, datetime]) -> None:
        site, kept, self.clock.now = state
        self.receiver.thaw(site)
        with contextlib.closing(sqlite3.connect(self.folder / "news.db")) as file:
            kept.backup(file)

    def left_behind(self) -> tuple[str, str]:
        """What a process leaves: the database, and the site."""
        with contextlib.closing(sqlite3.connect(self.folder / "news.db")) as file:
            return "\n".join(file.iterdump()), repr(self.receiver.freeze())

    def save(self, article: Article) -> None:
        assert save_article(self.engine, article, {self.target.name: 6 * 3600}, self.clock()).new

    def send(self, at: Callable[[str], None] = lambda point: None) -> None:
        """One look at what is due, by a process that may die at a point."""
        outbox = Outbox(self.engine, {self.target.name: self.target}, self.clock, env=self.env, at=at, home=self.home)
        with contextlib.suppress(Death):
            asyncio.run(outbox.deliver())

    def restart(self) -> None:
        recover_sending(self.engine, self.clock())

    def rows(self) -> list[Mapping[str, Any]]:
        return deliveries_of(self.engine)

    def drive(self, rounds: int = 12) -> str:
        """Deliver until the last version has ended, the clock moved over the waits; returns its state."""
        for _ in range(rounds):
            self.send()
            row = self.rows()[-1]
            if row["state"] in ENDED:
                return str(row["state"])
            self.clock.now += timedelta(minutes=10)
        return str(self.rows()[-1]["state"])

    def publish(self, article: Article) -> None:
        self.save(article)
        assert self.drive() == "confirmed", self.rows()[-1]["problem"]

    def refused(self, article: Article) -> str:
        """Why the target did not get it; only a person can mend that."""
        self.save(article)
        assert self.drive() == "rejected"
        return str(self.rows()[-1]["problem"])

    def resend(self, *, overwrite: bool = False) -> str:
        """The last version once more, as an editor orders it."""
        with contextlib.closing(sqlite3.connect(self.folder / "news.db")) as file, file:
            last = "SELECT max(id) FROM delivery"
            file.execute(f"UPDATE delivery SET state = 'pending', next_at = 0, overwrite = ? WHERE id = ({last})", (int(overwrite),))
        return self.drive()

    def check(self) -> list[Finding]:
        """What `publish check` would print."""
        outbox = Outbox(self.engine, {}, self.clock, env=self.env)
        return asyncio.run(check_target(outbox, self.target))


def every_step(target: Target, receiver: Receiver, article_versions: Sequence[Article], *, env: Mapping[str, str], folder: Path,
               overtaken: bool = False, home: Home | None = None) -> list[str]:  # fmt: skip
    """Die at every step of every version, and start again.

    Args:
        overtaken: The next version is written before the restart, and is what must stand there in the end.

    Returns:
        The steps: "2 before POST /posts" is one of version 2.
    """
    desk, done = Rehearsal(target, receiver, env, folder, home=home or Home()), []
    for number, article in enumerate(article_versions):
        last = article_versions[number + 1] if overtaken and number + 1 < len(article_versions) else article
        desk.save(article)
        before, seen = desk.state(), set()
        points = _points(desk, article)
        after = desk.state()
        for step, point in enumerate(points):
            desk.back_to(before)
            desk.send(_dies_at(step))
            done.append(f"{article.version} {point}")
            if desk.left_behind() in seen:  # as a death one step before left it: what comes next is the same
                continue
            seen.add(desk.left_behind())
            if last is not article:
                desk.save(last)
            desk.restart()
            _stands(desk, last, f"version {article.version}, death at step {step} ({point})")
        desk.back_to(after)
    return done


def every_fault(target: Target, receiver: Receiver, article_versions: Sequence[Article], faults: Sequence[str], *,
                env: Mapping[str, str], folder: Path, only: Sequence[str] = ("POST", "PUT", "DELETE")) -> list[str]:  # fmt: skip
    """Meet every fault at every request of the methods, one at a time; returns which were met."""
    desk, done = Rehearsal(target, receiver, env, folder), []
    for article in article_versions:
        desk.save(article)
        before = desk.state()
        receiver.asked = []
        _points(desk, article)
        asked, after = list(receiver.asked), desk.state()
        for number, request in enumerate(asked):
            for fault in faults if request.split()[0] in only else ():
                desk.back_to(before)
                receiver.faults = {number: fault}
                _stands(desk, article, f"version {article.version}, {fault} at {request} ({number})")
                done.append(f"{article.version} {fault} {request}")
        desk.back_to(after)
    return done


def _points(desk: Rehearsal, article: Article) -> list[str]:
    """The steps of a send that nothing disturbs."""
    points: list[str] = []
    desk.send(points.append)
    _stands(desk, article, f"version {article.version}, undisturbed")
    return points


def _dies_at(step: int) -> Callable[[str], None]:
    left = [step]

    def at(point: str) -> None:
        if left[0] == 0:
            left[0] = -1
            raise Death
        left[0] -= 1

    return at


def _stands(desk: Rehearsal, article: Article, case: str) -> None:
    """The delivery ends, and the site has this version once."""
    state = desk.drive()
    kept, shown = desk.receiver.kept(), desk.receiver.shown()
    if article.change is not None and article.change.kind == "withdrawal" and not kept:
        assert state == "confirmed", case  # it was never there
        return
    assert state == "confirmed", f"{case}: {desk.rows()[-1]['problem']}"
    assert [p.title for p in kept] == [article.headline.text], f"{case}: kept {kept}"
    assert [p.title for p in shown] == [article.headline.text], case
    words = visible_text(shown[0].body)
    for paragraph in Printed.of(article).paragraphs:
        assert paragraph.text in words, f"{case}: {paragraph.text!r} is not shown"
