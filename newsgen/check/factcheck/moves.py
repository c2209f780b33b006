"""Claims without an amount: which way a price went, which side was the larger, who led; in: a scene, out: claims with verdicts.

Read only where subject, verb and what they speak of stand side by side; all else claims nothing that can be held against a figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from newsgen.check._facts import Fact
from newsgen.check.factcheck.amounts import guarded
from newsgen.check.factcheck.claims import Claimed, Teller, claimed
from newsgen.check.factcheck.days import is_day
from newsgen.check.factcheck.facts import FactBook
from newsgen.check.factcheck.frames import Frame
from newsgen.check.factcheck.scene import Scene
from newsgen.check.factcheck.subjects import whom
from newsgen.check.reader.bind import Mark

__all__ = ["move_claims"]

_SLIGHT = Decimal("0.3")  # percent: a smaller move is told either way
_OWN_VERB = 2  # words between a name and its verb: "bitcoin also fell"
_SHARE = Frame(name="share", figures=(), of=("asset", "market"), needs=())
_ASSET = Frame(name="move", figures=(), of=("asset", "index"), needs=())


def move_claims(scene: Scene, book: FactBook, teller: Teller) -> Iterator[Claimed]:
    """Directions, majorities and leaders of a scene."""
    yield from _moves(scene, book, teller)
    yield from _majorities(scene, book, teller)
    yield from _leaders(scene, book, teller)


def _moves(scene: Scene, book: FactBook, teller: Teller) -> Iterator[Claimed]:
    sentence = scene.sentence
    for mark in sentence.of("direction"):
        name = _subject_of_verb(scene, mark)
        if name is None or not _is_of_the_day(scene, mark, book):
            continue
        fact = book.fact("price.change_24h", name.key) or book.fact("index.change_day", name.key)
        if fact is None or fact.value is None or not fact.direction:
            continue
        way = 1 if mark.key == "up" else -1
        if fact.direction == way:
            yield claimed(scene, mark.first, mark.last, "direction", "supported", "", fact)
        elif fact.value >= _SLIGHT and not guarded(scene, mark.first, ()):
            said = "up" if fact.direction > 0 else "down"
            yield claimed(scene, mark.first, mark.last, "direction", "contradicted", f"it is {said} {teller.value(fact)} in 24 hours", fact)


def _subject_of_verb(scene: Scene, mark: Mark) -> Mark | None:
    """The asset or index whose verb a word of direction is: a plain verb right after its name."""
    kinds = scene.words.reader.kind_of_subject
    if mark.first not in scene.places(scene.words.sets["day_verbs"]):
        return None
    named = [m for m in scene.sentence.of("subject") if m.last <= mark.first <= m.last + _OWN_VERB - 1]
    return named[-1] if named and kinds[named[-1].key] in ("assets", "indices") else None


def _is_of_the_day(scene: Scene, mark: Mark, book: FactBook) -> bool:
    """Whether the clause speaks of the day as a whole: no amount, no other window or day, no turn of events."""
    sentence = scene.sentence
    clause = sentence.clause[mark.first]
    if any(sentence.clause[n.first] == clause for n in sentence.numerals):
        return False
    if any(sentence.clause[m.first] == clause and m.key not in ("24h", "day", "1d") for m in sentence.of("window")):
        return False
    days = [d for d in sentence.days if sentence.clause[d.first] == clause]
    if any(d.minute is not None or not any(is_day(t, d, book) for t in book.today_of_readers) for d in days):
        return False
    return not any(sentence.clause[p] == clause for p in scene.places(scene.words.sets["not_the_day"]))


def _majorities(scene: Scene, book: FactBook, teller: Teller) -> Iterator[Claimed]:
    """ "Mostly shorts": the side named is the larger one."""
    for mark in scene.sentence.of("majority"):
        sides = {m.key for m in scene.sentence.of("side") if scene.sentence.segment[m.first] == scene.sentence.segment[mark.first]}
        near = [n for n in scene.sentence.numerals if scene.sentence.segment[n.first] == scene.sentence.segment[mark.first]]
        who = whom(scene, mark.first, _SHARE)
        if len(sides) != 1 or not who.subjects or near:
            continue
        side = next(iter(sides))
        shares = _shares(scene, side, who.subjects, book)
        if not shares or shares[0].value is None:
            continue
        if any(f.value is not None and f.value > 50 for f in shares):
            yield claimed(scene, mark.first, mark.last, "majority", "supported", "", shares[0])
        elif who.sure or len({f.figure.subject for f in shares}) == len(who.subjects):
            message = f"{side}s were {teller.value(shares[0])} ({shares[0].figure.subject})"
            yield claimed(scene, mark.first, mark.last, "majority", "contradicted", message, shares[0])


def _shares(scene: Scene, side: str, subjects: tuple[str, ...], book: FactBook) -> list[Fact]:
    families = ("liquidations_venue",) if scene.sentence.of("venue") else ("liquidations", "liquidations_venue")
    return book.facts([f"{family}.{side}_share_24h" for family in families], subjects)


def _leaders(scene: Scene, book: FactBook, teller: Teller) -> Iterator[Claimed]:
    """ "IBIT led the inflows": the fund with the largest flow of the session."""
    funds = [m for m in scene.sentence.of("subject") if scene.words.reader.kind_of_subject[m.key] == "funds"]
    for mark in scene.sentence.of("led"):
        before = [m for m in funds if m.last <= mark.first] or funds
        if not before or not scene.places(scene.words.sets["flows"]) or guarded(scene, mark.first, ()):
            continue
        leaders = [f for asset in ("BTC", "ETH") if (f := book.fact("etf.top_fund", asset)) is not None and f.figure.label]
        named = before[-1]
        right = next((f for f in leaders if f.figure.label == named.key), None)
        if right is not None:
            yield claimed(scene, mark.first, mark.last, "lead", "supported", "", right)
        elif leaders:
            said = "; ".join(f"{f.figure.label} {teller.value(f)} ({f.figure.subject})" for f in leaders)
            yield claimed(scene, mark.first, mark.last, "lead", "contradicted", f"the largest flow was of {said}", leaders[0])
