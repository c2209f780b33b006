"""What an amount of a draft is about; in: a scene, an amount and the facts, out: the facts that its words bind it to.

Each frame whose words stand near the amount offers the facts of its subject, side, window and day. The frame that stands nearest, and
of those the one that asks for most words, says what is meant; the others may bear the amount out, and never contradict it.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsgen.check._facts import Fact
from newsgen.check.factcheck.days import day_is_named, of_the_day, span_named, wants_its_day
from newsgen.check.factcheck.facts import FactBook
from newsgen.check.factcheck.frames import FAR, Frame, WordSet
from newsgen.check.factcheck.narrowing import funds_of, is_distance, is_level, of_fund, of_side, of_venue, of_window
from newsgen.check.factcheck.scene import Scene
from newsgen.check.factcheck.subjects import Whom, whom
from newsgen.check.reader.numerals import Numeral
from newsgen.market import Unit

__all__ = ["Offer", "direction_of", "frame_level", "offers"]

_NEAR = 2  # words between a count and what it counts: "seven straight monthly gains"
_PLAIN = 1  # the level of a frame that asks for no words


@dataclass(frozen=True, slots=True)
class Offer:
    """The facts that one frame offers.

    Attributes:
        facts: Those of the words' subject, side, window and day.
        wide: All of the frame, whatever side, window and subject, to say what an amount is instead.
        sure: Whether subject, side, window and day are as good as said.
        doubt: Why not, for the report.
    """

    frame: Frame
    level: int
    facts: tuple[Fact, ...]
    wide: tuple[Fact, ...]
    sure: bool
    doubt: str = ""

    @property
    def rank(self) -> tuple[int, int]:
        """Nearest first, then the one that asks for most."""
        return (self.level, -len(self.frame.needs))


def offers(scene: Scene, numeral: Numeral, book: FactBook) -> list[Offer]:
    """What the frames offer for an amount, the one that is meant first."""
    found = [o for frame in scene.words.frames if not frame.dated and (o := _offer(scene, numeral, frame, book)) is not None]
    near = [o for o in found if o.level < 3] or found  # what was said before counts only where the sentence says nothing
    return sorted(near, key=lambda o: o.rank)


def frame_level(scene: Scene, token: int, frame: Frame, *, carry: bool = True) -> int:
    """How near the words of a frame stand; FAR where one of them is missing, or a word that excludes it stands there."""
    level = _PLAIN if not frame.needs else 0
    for wanted in frame.wanted:
        signed = ("direction",) in wanted.marks and (token in scene.signs or _has_windowed_head(scene, token))
        level = max(level, 0 if signed else scene.level(wanted, token, carry=carry and not frame.anywhere))
        if level == FAR or (frame.strict and level):
            return FAR
    level = 0 if frame.anywhere else level
    reach = 0 if level == 0 else 1
    if frame.rivals and _is_of_a_rival(scene, token, frame):
        return FAR
    return FAR if scene.level(frame.unwanted, token, carry=False) <= reach and _excludes(scene, token, frame.unwanted, reach) else level


def _is_of_a_rival(scene: Scene, token: int, frame: Frame) -> bool:
    """ "Futures worth $60 billion were outstanding, down 0.7%": the change is of what the sentence has spoken of."""
    sentence = scene.sentence
    own = [i for i, s in enumerate(sentence.segment) if s == sentence.segment[token]]
    if any(m.first in own for m in sentence.of("subject")) or any(scene.lower[i] in scene.words.cues.price for i in own):
        return False
    if not sentence.of("subject") and scene.before is not None and scene.before.block is scene.block and not scene.places(frame.rivalling):
        return bool(scene.before.places(frame.rivalling))
    named = [m.first for m in sentence.of("subject") if m.first < token]
    rivals = [p for p in scene.places(frame.rivalling) if p < token]
    return bool(rivals) and (max(rivals) > max(named, default=-1) or sentence.clause[rivals[0]] == sentence.clause[max(named, default=0)])


def _has_windowed_head(scene: Scene, token: int) -> bool:
    """A cell below "24h" tells a change."""
    head = scene.head(token)
    return head is not None and bool(head.sentence.of("window"))


def _excludes(scene: Scene, token: int, unwanted: WordSet, reach: int) -> bool:
    """In a clause only a word before the amount excludes: "up 3% to $121,467, with funds taking in ..."."""
    segment, clause = scene.sentence.segment, scene.sentence.clause
    places = scene.places(unwanted)
    if any(segment[p] == segment[token] for p in places):
        return True
    return reach > 0 and any(clause[p] == clause[token] and p < token for p in places)


def _offer(scene: Scene, numeral: Numeral, frame: Frame, book: FactBook) -> Offer | None:
    names = book.names(frame.figures, numeral.units)
    if not names or not _in_bounds(numeral, frame) or (funds_of(scene, numeral) and not frame.of_funds and _is_of_flows(frame)):
        return None
    level = frame_level(scene, numeral.first, frame)
    if level == FAR:
        return None
    who = whom(scene, numeral.first, frame)
    if not who.subjects and frame.of != ("asset",):
        return None
    wide = book.facts(names, who.subjects)
    if wide and is_level(scene, numeral) and all("change" in f.tail for f in wide):
        return None
    facts, doubt = _narrowed(scene, numeral, wide, book, names, who, frame, level)
    known = {f.figure.subject for f in facts}
    may_be = {f.figure.subject for f in wide} if _is_of_flows(frame) else set(who.subjects)  # not every coin has funds
    named = frame.of_funds and any(f.figure.label in funds_of(scene, numeral) for f in facts)
    doubt = doubt or _undated_flow(scene, numeral, frame)
    sure = not doubt and bool(known) and (named or (who.sure and who.subjects[0] in known) or (who.every and known >= may_be))
    return Offer(frame, level, tuple(facts), tuple(wide), sure, doubt or ("" if sure or who.sure else "it is not sure whose it is"))


def _in_bounds(numeral: Numeral, frame: Frame) -> bool:
    return frame.from_ <= numeral.value < frame.below


def _narrowed(
    scene: Scene, numeral: Numeral, wide: list[Fact], book: FactBook, names: list[str], who: Whom, frame: Frame, level: int
) -> tuple[list[Fact], str]:  # fmt: skip
    """The facts of the side, venue, window and day that the words name, and why that may be the wrong choice."""
    facts, doubt = of_the_day(scene, numeral, wide, book, names, who.subjects)
    facts = [f for f in facts if not ("change" in f.tail and is_level(scene, numeral))]
    if is_distance(scene, numeral):
        facts = [f for f in facts if f.position or f.tail.endswith("gap_pct")]
    facts = [f for f in of_side(scene, numeral, facts) if not wants_its_day(f) or day_is_named(scene, f, book)]
    facts, venue_doubt = of_venue(scene, numeral, facts)
    if span_named(scene, numeral, book):
        return of_fund(facts, funds_of(scene, numeral)), doubt or venue_doubt
    facts = of_window(scene, numeral, facts, place=frame.place, carried=level > _PLAIN + 1)
    return of_fund(facts, funds_of(scene, numeral)), doubt or venue_doubt


def _undated_flow(scene: Scene, numeral: Numeral, frame: Frame) -> str:
    """ "ETHE has lost $2 billion", with no day and no window: it may be meant since the beginning."""
    if (
        not {"etf.net_flow_day", "etf.top_fund"} & {*frame.figures}
        or scene.windows(numeral)
        or scene.sentence.days
        or Unit.USD not in numeral.units
    ):
        return ""
    own = [i for i, s in enumerate(scene.sentence.segment) if s == scene.sentence.segment[numeral.first] and i < numeral.first]
    perfect = any(scene.lower[i] in scene.words.cues.perfect for i in own)
    return "it may be meant since the beginning" if perfect else ""


def _is_of_flows(frame: Frame) -> bool:
    return frame.figures[0].startswith("etf.")


def direction_of(scene: Scene, numeral: Numeral) -> int:
    """The way an amount is said to go: its sign, the word that touches it, else the nearest before it; 0 when nobody says."""
    if numeral.first in scene.signs:
        return scene.signs[numeral.first]
    sentence = scene.sentence
    if Unit.PCT in numeral.units and numeral.first and scene.lower[numeral.first - 1] in scene.words.cues.levels:
        return 0  # "the gain is down to 28%": the word says how the change has changed
    marks = sentence.of("direction")
    own = [m for m in marks if sentence.segment[m.first] == sentence.segment[numeral.first]]
    counted = Unit.COUNT in numeral.units  # "seven straight monthly gains"
    touching = [m for m in own if 0 <= m.first - numeral.last <= (_NEAR if counted else 1)]
    before = [m for m in own if m.last <= numeral.first]
    clause = [m for m in marks if sentence.clause[m.first] == sentence.clause[numeral.first] and m.last <= numeral.first]
    chosen = [*touching[:1], *before[-1:], *own[:1], *clause[-1:]]
    return 0 if not chosen else 1 if chosen[0].key == "up" else -1
