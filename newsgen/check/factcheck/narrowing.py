"""Side, venue, window and fund of an amount; in: a scene, an amount and its facts, out: those that its words can mean.

What nobody names excludes nothing, but for what a reader takes for granted: the past day, and all venues.
"""

from __future__ import annotations

from newsgen.check._claims import window_fits
from newsgen.check._facts import Fact
from newsgen.check.factcheck.days import DAILY
from newsgen.check.factcheck.scene import Scene
from newsgen.check.reader.bind import Mark
from newsgen.check.reader.numerals import Numeral
from newsgen.market import Unit

__all__ = ["funds_of", "is_distance", "is_level", "of_fund", "of_side", "of_venue", "of_window"]

_SHORT = frozenset({"1h", "4h", "hour"})  # windows that say how finely a price was looked at


def of_side(scene: Scene, numeral: Numeral, facts: list[Fact]) -> list[Fact]:
    sides, own = scene.sentence.sides(numeral)
    if not sides and scene.sentence.of("side"):
        return facts  # both sides are named, and neither beside this amount
    if not sides:
        before = scene.before.sentence.of("side") if scene.before is not None and not scene.sentence.of("side") else []
        carried = {m.key for m in before} if len(before) == 1 and not _speaks_of_all(scene) else set()
        return [f for f in facts if not f.side or f.side in carried or "of_market" in f.tail or "share" in f.tail]
    said = any(m.last <= numeral.first for m in scene.sentence.of("side"))
    alone = said and len(scene.sentence.numerals) == 1 and len(sides) == 1
    if (own or alone) and not scene.sentence.is_whole(numeral):
        return [f for f in facts if f.side in sides or (not f.side and not f.is_total)]
    return [f for f in facts if not f.side or f.side in sides]


def _speaks_of_all(scene: Scene) -> bool:
    return bool(scene.sentence.of("whole")) or any(w.startswith("liquidation") for w in scene.lower)


def of_venue(scene: Scene, numeral: Numeral, facts: list[Fact]) -> tuple[list[Fact], str]:
    """One venue's liquidations where a venue is named, the market's where none is."""
    named = _venues(scene, numeral)
    if not named:
        here = not scene.words.reader.here.isdisjoint(scene.sentence.vocabulary)
        before = any(s.sentence.of("venue") for s in scene.said_before())
        if here:
            return _of_one_venue(facts), ""
        if before:
            return (_of_one_venue(facts) if any(f.family == "liquidations" and f.venues for f in facts) else facts), ""
        kept = [f for f in facts if not f.family.startswith("liquidations_venue")]
        partly = any(f.family == "liquidations" and f.venues for f in kept)
        return kept, "only one venue's are known, and the text names none" if partly else ""
    facts = _of_one_venue(facts)
    kept = [f for f in facts if not (f.family == "liquidations" and not f.venues) and (not f.venues or f.venues & named)]
    return kept, "" if kept or not facts else f"no figure is of {', '.join(sorted(named))}"


def _venues(scene: Scene, numeral: Numeral) -> frozenset[str]:
    """The venues named for an amount: of its segment, else the last before it, else all."""
    sentence = scene.sentence
    marks = sentence.of("venue")
    own = [m for m in marks if sentence.segment[m.first] == sentence.segment[numeral.first]]
    return frozenset(m.key for m in own or [m for m in marks if m.last <= numeral.first][-1:] or marks)


def _of_one_venue(facts: list[Fact]) -> list[Fact]:
    """The series of one venue, where there is one, in place of the same as a lower bound of the market's."""
    told = {(f.figure.subject, f.tail) for f in facts if f.family == "liquidations_venue"}
    return [f for f in facts if f.family != "liquidations" or (f.figure.subject, f.tail) not in told]


def of_window(scene: Scene, numeral: Numeral, facts: list[Fact], *, place: bool, carried: bool) -> list[Fact]:
    marks = scene.windows(numeral)
    if Unit.USD in numeral.units:
        marks = [m for m in marks if m.key not in _SHORT]
    if place:  # a price has a window only where one is named beside it
        marks = [m for m in marks if scene.sentence.segment[m.first] == scene.sentence.segment[numeral.first] and m.key != "weekend"]
    if any(m.key == "weekend" for m in marks):
        return [f for f in facts if "change" not in f.tail]
    if not marks:
        marks = _windows_around(scene)
        kept = [f for f in facts if f.windows and any(window_fits(m, f, scene.words.reader) for m in marks) and not f.windows & DAILY]
        daily = [f for f in facts if not f.windows or f.windows & DAILY or _names_its_window(f)]
        return kept + daily if carried else daily + kept
    if marks:
        return [f for f in facts if not f.windows or any(window_fits(m, f, scene.words.reader) for m in marks) or _is_run(f)]
    return [f for f in facts if not f.windows or f.windows & DAILY or _names_its_window(f)]


def _windows_around(scene: Scene) -> list[Mark]:
    """The windows of other clauses, else of the sentence before: "down 0.2% in seven days, while ether is up 17%"."""
    same = scene.before is not None and scene.before.block is scene.block
    marks = scene.sentence.of("window") or (scene.before.sentence.of("window") if same and scene.before is not None else [])
    return [m for m in marks if m.key not in _SHORT]


def _is_run(fact: Fact) -> bool:
    """A run, and what began with the funds, are told beside any window."""
    return "streak" in fact.tail or "run_" in fact.tail or fact.tail == "cumulative"


def _names_its_window(fact: Fact) -> bool:
    """Figures whose frame asks for the words of their window, and those of no change: a level may be told without."""
    if fact.tail.startswith(("before_", "average_")):
        return False
    return "week" in fact.tail or not (fact.family in ("price", "cross") and "change" in fact.tail)


def is_level(scene: Scene, numeral: Numeral) -> bool:
    """ "Up $2.47 billion to $167 billion": what stands right after such a word is no change."""
    return Unit.PCT not in numeral.units and numeral.first > 0 and scene.lower[numeral.first - 1] in scene.words.cues.levels


def is_distance(scene: Scene, numeral: Numeral) -> bool:
    """ "4.1% above the level": a percentage with a word of place right after it is no change."""
    return Unit.PCT in numeral.units and any(m.kind == "position" and m.first == numeral.last for m in scene.sentence.marks)


def of_fund(facts: list[Fact], named: frozenset[str]) -> list[Fact]:
    """The largest fund where it is the one that is named."""
    return [f for f in facts if f.tail != "top_fund" or not named or f.figure.label in named]


def funds_of(scene: Scene, numeral: Numeral) -> frozenset[str]:
    """The funds named in the segment of an amount, or before it in its clause."""
    sentence, kinds = scene.sentence, scene.words.reader.kind_of_subject
    funds = [m for m in sentence.of("subject") if kinds[m.key] == "funds" and sentence.clause[m.first] == sentence.clause[numeral.first]]
    near = [m for m in funds if m.last <= numeral.first or sentence.segment[m.first] == sentence.segment[numeral.first]]
    return frozenset(m.key for m in near)
