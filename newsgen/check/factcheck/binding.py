"""What an amount of a draft is about; in: a scene, an amount and the facts, out: the facts that its words bind it to.

Each frame whose words stand near the amount offers the facts of its subject, side, window and day. The frame that stands nearest, and
of those the one that asks for most words, says what is meant; the others may bear the amount out, and never contradict it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from newsgen.check._claims import window_fits
from newsgen.check._facts import Fact, own_days
from newsgen.check.factcheck.facts import FactBook
from newsgen.check.factcheck.frames import FAR, Frame, WordSet
from newsgen.check.factcheck.scene import Scene
from newsgen.check.factcheck.subjects import Whom, whom
from newsgen.check.reader.bind import Mark
from newsgen.check.reader.dates import Day
from newsgen.check.reader.numerals import Numeral
from newsgen.market import Unit

__all__ = ["Offer", "direction_of", "frame_level", "is_day", "is_since", "offers"]

_DAILY = frozenset({"24h", "day", "session", "8h", "streak"})
_HEAD = 2  # words before a date at the head of a clause
_NEAR_RECORD = 6  # words between a record and its date: "its peak of $69,000 in November"
_SHORT = frozenset({"1h", "4h", "hour"})  # windows that say how finely a price was looked at
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
    if not names or not _in_bounds(numeral, frame) or (_funds(scene, numeral) and not frame.of_funds and _is_of_flows(frame)):
        return None
    level = frame_level(scene, numeral.first, frame)
    if level == FAR:
        return None
    who = whom(scene, numeral.first, frame)
    if not who.subjects and frame.of != ("asset",):
        return None
    wide = book.facts(names, who.subjects)
    facts, doubt = _narrowed(scene, numeral, wide, book, names, who, frame, level)
    known = {f.figure.subject for f in facts}
    may_be = {f.figure.subject for f in wide} if _is_of_flows(frame) else set(who.subjects)  # not every coin has funds
    named = frame.of_funds and any(f.figure.label in _funds(scene, numeral) for f in facts)
    sure = not doubt and bool(known) and (named or (who.sure and who.subjects[0] in known) or (who.every and known >= may_be))
    return Offer(frame, level, tuple(facts), tuple(wide), sure, doubt or ("" if sure or who.sure else "it is not sure whose it is"))


def _in_bounds(numeral: Numeral, frame: Frame) -> bool:
    return frame.from_ <= numeral.value < frame.below


def _narrowed(
    scene: Scene, numeral: Numeral, wide: list[Fact], book: FactBook, names: list[str], who: Whom, frame: Frame, level: int
) -> tuple[list[Fact], str]:  # fmt: skip
    """The facts of the side, venue, window and day that the words name, and why that may be the wrong choice."""
    facts, doubt = _of_the_day(scene, numeral, wide, book, names, who.subjects)
    facts = [f for f in facts if not ("change" in f.tail and _is_level(scene, numeral))]
    if _is_distance(scene, numeral):
        facts = [f for f in facts if f.position or f.tail.endswith("gap_pct")]
    facts = [f for f in _of_side(scene, numeral, facts) if not _wants_its_day(f) or _day_is_named(scene, f, book)]
    facts, venue_doubt = _of_venue(scene, facts)
    facts = _of_window(scene, numeral, facts, place=frame.place, carried=level > _PLAIN + 1)
    return _of_fund(facts, _funds(scene, numeral)), doubt or venue_doubt


def _is_level(scene: Scene, numeral: Numeral) -> bool:
    """ "Up $2.47 billion to $167 billion": dollars right after such a word are no change."""
    return Unit.USD in numeral.units and numeral.first > 0 and scene.lower[numeral.first - 1] in scene.words.cues.levels


def _is_distance(scene: Scene, numeral: Numeral) -> bool:
    """ "4.1% above the level": a percentage with a word of place right after it is no change."""
    return Unit.PCT in numeral.units and any(m.kind == "position" and m.first == numeral.last for m in scene.sentence.marks)


def _wants_its_day(fact: Fact) -> bool:
    """A session that is not the last one is told with its day."""
    return fact.family == "etf" and "peak" in fact.tail


def _day_is_named(scene: Scene, fact: Fact, book: FactBook) -> bool:
    return any(is_day(d, day, book) for day in scene.sentence.days for d in fact.partner_days)


def _of_fund(facts: list[Fact], named: frozenset[str]) -> list[Fact]:
    """The largest fund where it is the one that is named."""
    return [f for f in facts if f.tail != "top_fund" or not named or f.figure.label in named]


def _is_of_flows(frame: Frame) -> bool:
    return frame.figures[0].startswith("etf.")


def _funds(scene: Scene, numeral: Numeral) -> frozenset[str]:
    """The funds named in the segment of an amount, or before it in its clause."""
    sentence, kinds = scene.sentence, scene.words.reader.kind_of_subject
    funds = [m for m in sentence.of("subject") if kinds[m.key] == "funds" and sentence.clause[m.first] == sentence.clause[numeral.first]]
    near = [m for m in funds if m.last <= numeral.first or sentence.segment[m.first] == sentence.segment[numeral.first]]
    return frozenset(m.key for m in near)


def _of_side(scene: Scene, numeral: Numeral, facts: list[Fact]) -> list[Fact]:
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


def _of_venue(scene: Scene, facts: list[Fact]) -> tuple[list[Fact], str]:
    """One venue's liquidations where a venue is named, the market's where none is."""
    named = frozenset(m.key for m in scene.sentence.of("venue"))
    if not named:
        here = not scene.words.reader.here.isdisjoint(scene.sentence.vocabulary)
        before = scene.before is not None and bool(scene.before.sentence.of("venue"))
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


def _of_one_venue(facts: list[Fact]) -> list[Fact]:
    """The series of one venue, where there is one, in place of the same as a lower bound of the market's."""
    told = {(f.figure.subject, f.tail) for f in facts if f.family == "liquidations_venue"}
    return [f for f in facts if f.family != "liquidations" or (f.figure.subject, f.tail) not in told]


def _of_window(scene: Scene, numeral: Numeral, facts: list[Fact], *, place: bool, carried: bool) -> list[Fact]:
    marks = scene.windows(numeral)
    if Unit.USD in numeral.units:
        marks = [m for m in marks if m.key not in _SHORT]
    if place:  # a price has a window only where one is named beside it
        marks = [m for m in marks if scene.sentence.segment[m.first] == scene.sentence.segment[numeral.first] and m.key != "weekend"]
    if any(m.key == "weekend" for m in marks):
        return [f for f in facts if "change" not in f.tail]
    if not marks:
        marks = _windows_around(scene)
        kept = [f for f in facts if f.windows and any(window_fits(m, f, scene.words.reader) for m in marks) and not f.windows & _DAILY]
        if kept and carried:
            return kept
        return [f for f in facts if not f.windows or f.windows & _DAILY or _names_its_window(f)] + kept
    if marks:
        return [f for f in facts if not f.windows or any(window_fits(m, f, scene.words.reader) for m in marks) or _is_run(f)]
    return [f for f in facts if not f.windows or f.windows & _DAILY or _names_its_window(f)]


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


def is_since(scene: Scene, day: Day) -> bool:
    """Whether a date says since when, and not on which day."""
    before = scene.sentence.tokens[day.first - 1].lower if day.first else ""
    return before in scene.words.reader.dates.since or (before == "the" and day.first > 1 and scene.lower[day.first - 2] == "since")


def is_day(found: date, day: Day, book: FactBook) -> bool:
    """Whether a date as printed is a day; without a year it is of the last twelve months."""
    if (day.month is not None and found.month != day.month) or (day.day is not None and found.day != day.day):
        return False
    if day.weekday is not None:
        return found.weekday() == day.weekday and timedelta(0) <= book.today - found < timedelta(days=8)
    if day.year is not None:
        return found.year == day.year
    return timedelta(days=-2) <= book.today - found < timedelta(days=366)


def _dates_of(scene: Scene, numeral: Numeral) -> list[Day]:
    """The dates that say on which day an amount was: of its segment, else one at the head of its clause."""
    sentence = scene.sentence
    days = [d for d in scene.days(numeral.first) if not is_since(scene, d)]
    if Unit.USD not in numeral.units:
        days = [d for d in days if not _dates_a_record(scene, d)]
    days = [d for d in days if not any(m.first == d.first for m in sentence.of("window"))]  # the close of a year is a window's base
    own = [d for d in days if sentence.segment[d.first] == sentence.segment[numeral.first] and not _is_of_the_next(scene, d, numeral)]
    return own or [d for d in days if _opens_its_clause(scene, d) and d.first < numeral.first]


def _is_of_the_next(scene: Scene, day: Day, numeral: Numeral) -> bool:
    """ "$123,218 eclipses Friday's $118,870": a date between two amounts, right before the second."""
    following = scene.sentence.next(day.last)
    return day.first > numeral.first and following is not None and following.first - day.last <= _HEAD


def _dates_a_record(scene: Scene, day: Day) -> bool:
    """ "37% below its record of November 2021", "below April's record": the date is that of the record."""
    marks = [m for m in scene.sentence.marks if m.kind in ("record", "reference", "extreme")]
    return any(0 <= day.first - m.last <= _NEAR_RECORD or 0 <= m.first - day.last <= _HEAD for m in marks)


def _opens_its_clause(scene: Scene, day: Day) -> bool:
    """Whether a date stands at the head of its clause, "On Friday, ...": then it is that of all that follows."""
    start = scene.sentence.clause.index(scene.sentence.clause[day.first])
    return day.first - start <= _HEAD


def _of_the_day(
    scene: Scene, numeral: Numeral, facts: list[Fact], book: FactBook, names: list[str], subjects: tuple[str, ...]
) -> tuple[list[Fact], str]:  # fmt: skip
    days = _dates_of(scene, numeral)
    own = [d for d in scene.sentence.days if scene.sentence.segment[d.first] == scene.sentence.segment[numeral.first]]
    if any(d.minute is None and is_since(scene, d) for d in own) and not scene.windows(numeral):
        facts = [f for f in facts if not (f.family in ("price", "index") and "change" in f.tail)]
    for day in days:
        if not any(is_day(d, day, book) for d in book.today_of_readers):
            return _on_another_day(day, facts, book, names, subjects, scene)
    return facts, ""


def _spans(day: Day) -> bool:
    return day.weekday is None and day.day is None


def _on_another_day(
    day: Day, facts: list[Fact], book: FactBook, names: list[str], subjects: tuple[str, ...], scene: Scene
) -> tuple[list[Fact], str]:  # fmt: skip
    """Facts whose own day is named; else those of the archive as that day ended."""
    if _spans(day):
        own = [f for f in facts if any(is_day(d, day, book) for d in f.days | f.partner_days) or f.tail == "cumulative"]
        return own, "" if any(f.tail != "cumulative" for f in own) else f"it is of {day.text}"
    own = [f for f in facts if any(is_day(d, day, book) for d in own_days(f, book.words)) and not _spans_days(f)]
    if own:
        return own, ""
    found = _day_meant(day, book)
    then = book.on(found) if found is not None else None
    if then is None or found is None:
        return [], f"nothing is known of {day.text}"
    made = [f for f in then.facts(names, subjects) if _is_of_day(f, found, then)]
    return made, "" if made else f"nothing is known of {day.text}"


def _spans_days(fact: Fact) -> bool:
    return fact.windows.isdisjoint(_DAILY) and bool(fact.windows) and not fact.days and "change" in fact.tail


def _is_of_day(fact: Fact, day: date, book: FactBook) -> bool:
    """A day's own figures: its session, or a rolling window or price as the day ended."""
    if fact.family == "etf":
        return day in own_days(fact, book.words)
    return "since" not in fact.tail


def _day_meant(day: Day, book: FactBook) -> date | None:
    if day.weekday is None and (day.month is None or day.day is None):
        return None
    near = (book.today - timedelta(days=n) for n in range(1, 400))
    if day.year is None:
        return next((d for d in near if is_day(d, day, book)), None)
    try:
        return date(day.year, day.month or 1, day.day or 1)
    except ValueError:
        return None


def direction_of(scene: Scene, numeral: Numeral) -> int:
    """The way an amount is said to go: its sign, the word that touches it, else the nearest before it; 0 when nobody says."""
    if numeral.first in scene.signs:
        return scene.signs[numeral.first]
    sentence = scene.sentence
    marks = sentence.of("direction")
    own = [m for m in marks if sentence.segment[m.first] == sentence.segment[numeral.first]]
    counted = Unit.COUNT in numeral.units  # "seven straight monthly gains"
    touching = [m for m in own if 0 <= m.first - numeral.last <= (_HEAD if counted else 1)]
    before = [m for m in own if m.last <= numeral.first]
    clause = [m for m in marks if sentence.clause[m.first] == sentence.clause[numeral.first] and m.last <= numeral.first]
    chosen = [*touching[:1], *before[-1:], *own[:1], *clause[-1:]]
    return 0 if not chosen else 1 if chosen[0].key == "up" else -1
