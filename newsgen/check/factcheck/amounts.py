"""Amounts of a draft; in: a scene, an amount and the facts, out: supported, contradicted or unknown, and why.

An amount is borne out by any fact that its words may mean and that it is true of. It is contradicted only where the words say whose it
is, of which measure, side, window and day, and every fact that they can mean says otherwise: a false accusation is worse than no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from newsgen.check._facts import Fact
from newsgen.check.factcheck.binding import Offer, direction_of, offers
from newsgen.check.factcheck.claims import Claimed, Teller, claimed
from newsgen.check.factcheck.days import wants_its_day
from newsgen.check.factcheck.facts import FactBook
from newsgen.check.factcheck.fit import fit, hedge_of, is_precise
from newsgen.check.factcheck.frames import FAR, WordSet
from newsgen.check.factcheck.places import Placed, place_of
from newsgen.check.factcheck.scene import Scene
from newsgen.check.reader.numerals import Numeral
from newsgen.market import Unit

__all__ = ["judge_amount", "what_else"]

_INEQUALITIES = frozenset({"more_than", "above", "passed", "at_least", "below", "at_most"})


def judge_amount(scene: Scene, numeral: Numeral, book: FactBook, teller: Teller) -> Claimed:
    """Judge one amount."""
    return _Case(scene, numeral, book, teller).judged()


def _meant(found: Sequence[Offer]) -> list[Offer]:
    """The frames that stand nearest and ask for most; where they know nothing, those next to them that ask for more than they do."""
    if not found:
        return []
    first = [o for o in found if o.rank == found[0].rank]
    if any(o.facts for o in first):
        return first
    asked = len(found[0].frame.needs)
    next_one = next((o for o in found if o.facts and len(o.frame.needs) > asked), None)
    return first if next_one is None else [o for o in found if o.rank == next_one.rank]


class _Case:
    """An amount with what its words offer."""

    def __init__(self, scene: Scene, numeral: Numeral, book: FactBook, teller: Teller) -> None:
        self.scene, self.numeral, self.book, self.teller = scene, numeral, book, teller
        self.offers = offers(scene, numeral, book)
        self.meant = _meant(self.offers)
        self.hedge = hedge_of(scene, numeral)
        self.way = direction_of(scene, numeral)
        self.loose = scene.loose.get(numeral.first)

    def judged(self) -> Claimed:
        if not self.offers:
            return self.unknown("no figure of the archive is of what this sentence speaks of")
        if self.meant[0].frame.place:
            return self.placed()
        supporting = self.supporting()
        if supporting is not None:
            return self.line("supported", supporting, "")
        turned = self.turned()
        doubt = self.doubt()
        if turned is not None and not doubt:
            told = self.line("contradicted", turned, f"it went the other way: {self.told(turned)}")
            return replace(told, way="up" if turned.direction > 0 else "down")
        rivals = [f for o in self.meant for f in o.facts if not self.book.is_of_earlier_day(f)]
        if not rivals:
            return self.unknown(self.nothing_known())
        if doubt or any(self.fit(f) != "off" for f in rivals):
            return self.unknown(doubt or f"nearly: {self.told(rivals[0])}", rivals[0])
        return self.contradicted(rivals)

    def placed(self) -> Claimed:
        """A price in dollars: judged by the words of place, high and low."""
        offer = self.meant[0]
        placed = self.placing(offer)
        if placed.truth == "supported":
            return self.line("supported", placed.fact, "")
        doubt = placed.doubt or self.doubt()
        if placed.truth == "unknown" or doubt:
            return self.unknown(doubt or "no price of the archive is meant for sure", placed.fact)
        return self.contradicted([placed.fact] if placed.fact is not None else list(offer.facts))

    def placing(self, offer: Offer) -> Placed:
        """Of several that may be meant each is asked: one bears the price out, and only all of them contradict it."""
        subjects = dict.fromkeys(f.figure.subject for f in offer.facts)
        facts = [[f for f in offer.facts if f.figure.subject == s] for s in subjects] or [[]]
        found = [place_of(self.scene, self.numeral, self.hedge, own, self.book.is_now) for own in facts]
        supported = next((p for p in found if p.truth == "supported"), None)
        return supported or next((p for p in found if p.truth == "unknown"), found[0])

    def supporting(self) -> Fact | None:
        """The first fact that the amount is true of; by a bare inequality only one that is meant."""
        nearest = self.meant[0].level
        for offer in self.offers:
            is_meant = offer in self.meant
            if (self.hedge.key in _INEQUALITIES and not is_meant) or offer.level > nearest + 1:
                continue
            for fact in offer.facts:
                if self.fit(fact) == "fits" and self.agrees(fact) and (is_meant or is_precise(self.numeral) or fact.direction):
                    return fact
        return None

    def turned(self) -> Fact | None:
        """A meant fact of that size and the other direction."""
        return next((f for o in self.meant for f in o.facts if self.turns(o, f)), None)

    def turns(self, offer: Offer, fact: Fact) -> bool:
        return offer.sure and self.fit(fact) == "fits" and not self.agrees(fact) and not self.book.is_of_earlier_day(fact)

    def fit(self, fact: Fact) -> str:
        return fit(self.numeral, self.hedge.key, fact, self.loose)

    def agrees(self, fact: Fact) -> bool:
        if not self.numeral.value or fact.extreme:
            return True
        return not (self.way and fact.direction and self.way != fact.direction)

    def doubt(self) -> str:
        """Why a fact that says otherwise would be no proof; "" when it is one."""
        unsure = next((o.doubt for o in self.meant if not o.sure), "")
        if not unsure and self.numeral.first and self.scene.lower[self.numeral.first - 1] in self.scene.words.cues.bases:
            unsure = "it is where a move began"
        if unsure:
            return unsure
        return guarded(self.scene, self.numeral.first, self.meant)

    def nothing_known(self) -> str:
        unsure = next((o.doubt for o in self.meant if o.doubt), "")
        return unsure or f"no figure of {self.meant[0].frame.name} is known for whom and when this says"

    def contradicted(self, rivals: Sequence[Fact]) -> Claimed:
        """With the right value, and what the amount is instead where it is something."""
        else_is = what_else(self.numeral, [f for o in self.offers for f in o.wide if not wants_its_day(f)], rivals)
        if else_is is not None and not self.is_said(else_is, rivals[0]):
            return self.unknown(f"perhaps another figure is meant, {else_is.name} of {else_is.figure.subject}; else {self.told(rivals[0])}")
        right = next((f for f in rivals if else_is is not None and f.figure.subject == else_is.figure.subject), rivals[0])
        message = self.told(right)
        if else_is is not None:
            message += f"; {self.instead(else_is, right)}"
        return self.line("contradicted", right, message)

    def told(self, fact: Fact) -> str:
        figure = fact.figure
        window = f", window {figure.window}" if figure.window else ""
        source = f", {figure.source}" if figure.source else ""
        way = {1: "up ", -1: "down "}.get(fact.direction, "") if figure.unit is Unit.PCT else ""
        return f"{way}{self.teller.value(fact)} ({figure.subject}{window}{source}): {self.meaning(fact)}"

    def is_said(self, found: Fact, right: Fact) -> bool:
        """Whether the words beside the amount itself name what tells the right figure from another that has its value."""
        sentence, at = self.scene.sentence, self.numeral.first
        kind = "side" if found.side != right.side else "window" if found.figure.subject == right.figure.subject else "subject"
        if any(sentence.segment[m.first] == sentence.segment[at] for m in sentence.of(kind)):
            return True
        if kind == "side" and right.is_total and any(sentence.segment[m.first] == sentence.segment[at] for m in sentence.of("whole")):
            return True
        if kind == "window" and len(sentence.numerals) == 1 and len({m.key for m in sentence.of("window")}) == 1:
            return True
        return kind == "subject" or (kind == "window" and found.windows == right.windows)

    def instead(self, found: Fact, right: Fact) -> str:
        """What the amount is, where it is not what its words say."""
        if found.is_total and right.side:
            return f"{self.numeral.text} is the total of both sides ({found.figure.subject})"
        return f"{self.numeral.text} is another figure, {found.name} of {found.figure.subject}: {self.meaning(found)}"

    def meaning(self, fact: Fact) -> str:
        return self.teller.meaning(fact.name).partition(";")[0].rstrip(".")

    def unknown(self, message: str, fact: Fact | None = None) -> Claimed:
        return self.line("unknown", None, message)

    def line(self, truth: str, fact: Fact | None, message: str) -> Claimed:
        return claimed(self.scene, self.numeral.first, self.numeral.last, "amount", truth, message, fact)  # type: ignore[arg-type]


def guarded(scene: Scene, token: int, meant: Sequence[Offer]) -> str:
    """Why a clause may speak of another time, of the future, or of a measure that no figure is of; "" when it does not."""
    own = [w for o in meant for w in o.frame.wanted]
    words = scene.words
    if _stands(scene, token, words.sets["forecast"], own, of_clause=True):
        return "it may be said of the future"
    if _stands(scene, token, words.sets["other_time"], own, of_clause=False):
        return "it may be said of another time"
    if _stands(scene, token, words.sets["foreign"], own, of_clause=True):
        return "it may be of a measure that the archive does not have"
    return ""


def _stands(scene: Scene, token: int, wanted: WordSet, own: Sequence[WordSet], *, of_clause: bool) -> bool:
    """Whether a word of a set stands in the segment, or in the clause, that is none of the words by which the figure is meant."""
    if scene.level(wanted, token, carry=False) == FAR:
        return False
    near = scene.sentence.clause if of_clause else scene.sentence.segment
    mine = {p for w in own for p in scene.places(w)} | {i for d in scene.sentence.days for i in range(d.first, d.last)}
    last = max((n.first for n in scene.sentence.numerals if n.first > token and near[n.first] == near[token]), default=-1)
    places = [p for p in scene.places(wanted) if near[p] == near[token] and p not in mine]
    beside = next((n.last for n in scene.sentence.numerals if n.first == token), token)
    return any(p < token or p > last or p - beside <= 1 for p in places)  # a word before another amount is that one's


def what_else(numeral: Numeral, wide: Sequence[Fact], rivals: Sequence[Fact]) -> Fact | None:
    """What an amount is, where its words say what it is not: the total called one side, the change of another window."""
    told = {id(f) for f in rivals}
    others = [f for f in wide if id(f) not in told and f.value is not None and fit(numeral, "", f) == "fits"]
    others = others if is_precise(numeral) else [f for f in others if f.figure.unit is Unit.PCT and f.value != Decimal(0)]
    subjects = {f.figure.subject for f in rivals}
    return next((f for f in others if f.figure.subject in subjects), others[0] if others else None)
