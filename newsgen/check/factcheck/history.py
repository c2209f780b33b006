"""Claims of history in a draft: "the largest since Nov. 7", "a record", "for the first time"; in: a scene, out: claims with verdicts.

A date after "since" is held against the days of the figures that its words mean. A record is claimed where the words speak of a new
one, and not of where an older one stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from newsgen.check._facts import Fact
from newsgen.check.factcheck.amounts import guarded
from newsgen.check.factcheck.binding import frame_level
from newsgen.check.factcheck.claims import Claimed, Teller, claimed
from newsgen.check.factcheck.days import is_day, is_since
from newsgen.check.factcheck.facts import FactBook
from newsgen.check.factcheck.frames import FAR, Frame
from newsgen.check.factcheck.scene import Scene
from newsgen.check.factcheck.subjects import whom
from newsgen.check.reader.bind import Mark
from newsgen.check.reader.dates import Day
from newsgen.market import Unit

__all__ = ["history_claims"]


def history_claims(scene: Scene, book: FactBook, teller: Teller) -> Iterator[Claimed]:
    """Every date and every word of record of a scene."""
    for day in scene.sentence.days:
        yield _dated(scene, day, book, teller)
    for mark in scene.sentence.of("record"):
        yield from _record(scene, mark, book, teller)


def _dated(scene: Scene, day: Day, book: FactBook, teller: Teller) -> Claimed:
    if day.minute is not None or not is_since(scene, day):
        return _plain_date(scene, day, book)
    frames = _frames_of_days(scene, day)
    rivals = [(f, fact) for f in frames for fact in _days_meant(scene, day, f, book)]
    for _, fact in rivals:
        if any(is_day(d, day, book) for d in fact.days):
            return claimed(scene, day.first, day.last, "date", "supported", "", fact)
    return _off_date(scene, day, frames, rivals, book, teller)


def _off_date(
    scene: Scene, day: Day, frames: list[Frame], rivals: list[tuple[Frame, Fact]], book: FactBook, teller: Teller
) -> Claimed:  # fmt: skip
    if not frames:
        return claimed(scene, day.first, day.last, "name", "constant", "a date that no claim of history goes with")
    known = [fact for frame, fact in rivals if frame is frames[0] and fact.days]
    sure = bool(known) and whom(scene, day.first, frames[0]).sure and not guarded(scene, day.first, ())
    if not sure:
        return claimed(scene, day.first, day.last, "date", "unknown", f"no day is known for {frames[0].name}")
    right = known[0]
    message = f"{teller.value(right)} ({right.figure.subject}, {right.figure.source}): {teller.meaning(right.name)}"
    return claimed(scene, day.first, day.last, "date", "contradicted", message, right)


def _frames_of_days(scene: Scene, day: Day) -> list[Frame]:
    """The frames whose figures are days and whose words stand in the sentence, nearest first; of equals the one that asks for most."""
    frames = [f for f in scene.words.frames if f.dated and not any(p < day.first for p in scene.places(f.unwanted))]
    found = [(frame_level(scene, day.first, f, carry=False), -len(f.needs), i, f) for i, f in enumerate(frames)]
    return [f for level, _, _, f in sorted(found, key=lambda item: item[:3]) if level < FAR]


def _days_meant(scene: Scene, day: Day, frame: Frame, book: FactBook) -> list[Fact]:
    names = [n for n in frame.figures if book.source.unit(n) in (Unit.DATE, Unit.MOMENT)]
    facts = book.facts(names, whom(scene, day.first, frame).subjects)
    sides = {m.key for m in scene.sentence.of("side")}
    if len(sides) == 1:
        facts = [f for f in facts if f.side in sides or not f.side]
    ways = {-1 if m.key == "low" else 1 for m in scene.sentence.of("extreme")}
    kept = [f for f in facts if not f.extreme or not ways or f.extreme in ways]
    venue = bool(scene.sentence.of("venue")) or not scene.words.reader.here.isdisjoint(scene.sentence.vocabulary)
    return [f for f in kept if venue or f.family != "liquidations_venue" or _is_borne_out(f, day, book)]


def _is_borne_out(fact: Fact, day: Day, book: FactBook) -> bool:
    """One venue's history bears out a draft that names no venue; it does not contradict it."""
    return any(is_day(d, day, book) for d in fact.days)


def _plain_date(scene: Scene, day: Day, book: FactBook) -> Claimed:
    """A date that says on which day: a part of the claims beside it. The day of a record is one by itself."""
    for frame in scene.words.frames:
        if day.minute is None and frame.dated and frame_level(scene, day.first, frame, carry=False) <= 1:
            for fact in _days_meant(scene, day, frame, book):
                if any(is_day(d, day, book) for d in fact.days):
                    return claimed(scene, day.first, day.last, "date", "supported", "", fact)
    return claimed(scene, day.first, day.last, "name", "constant", "a date or time of the claims beside it")


def _record(scene: Scene, mark: Mark, book: FactBook, teller: Teller) -> Iterator[Claimed]:
    """A new record of a price, and a level that is passed for the first time."""
    if not scene.words.cues.first.isdisjoint(mark.text.split()):
        yield from _first_time(scene, mark, book, teller)
        return
    if scene.places(scene.words.sets["flows"]):
        yield from _flow_record(scene, mark, book, teller)
        return
    if not _claims_a_new_one(scene, mark):
        return
    frame = Frame(name="record", figures=("price.ath",), of=("asset",), needs=())
    who = whom(scene, mark.first, frame)
    if not who.subjects:
        return
    fact, ath = book.fact("price.is_ath", who.subjects[0]), book.fact("price.ath", who.subjects[0])
    fresh = ath is not None and not ath.partner_days.isdisjoint(book.today_of_readers)
    if ath is None or (fact is None and not ath.partner_days):
        yield claimed(scene, mark.first, mark.last, "record", "unknown", f"no record of {who.subjects[0]} is known")
    elif fresh if fact is None else fact.figure.value is True:
        yield claimed(scene, mark.first, mark.last, "record", "supported", "", ath)
    else:
        truth = "contradicted" if who.sure else "unknown"
        yield claimed(scene, mark.first, mark.last, "record", truth, _of_record(ath, teller), ath)  # type: ignore[arg-type]


def _flow_record(scene: Scene, mark: Mark, book: FactBook, teller: Teller) -> Iterator[Claimed]:
    """ "The largest daily inflow ever": no session before may have had more."""
    ways = {m.key for m in scene.sentence.of("direction")}
    if not scene.sentence.of("rank") or len(ways) != 1 or any(m.key in ("week", "month", "7d") for m in scene.sentence.of("window")):
        return
    name = "etf.largest_inflow_since" if ways == {"up"} else "etf.largest_outflow_since"
    who = whom(scene, mark.first, Frame(name="flow", figures=(name,), of=("asset",), needs=()))
    fact = book.fact(name, who.subjects[0]) if who.sure else None
    if fact is None:
        return
    record = fact.figure.record
    if fact.days:
        message = f"a larger one was that of {teller.value(fact)}"
        yield claimed(scene, mark.first, mark.last, "record", "contradicted", message, fact)
    elif record is not None and record.is_record and record.covers_life:
        yield claimed(scene, mark.first, mark.last, "record", "supported", "", fact)


def _of_record(ath: Fact, teller: Teller) -> str:
    days: list[date] = sorted(ath.partner_days)
    return f"the record stands at {teller.value(ath)}" + (f", of {days[0].isoformat()}" if days else "")


def _claims_a_new_one(scene: Scene, mark: Mark) -> bool:
    segment, clause = scene.sentence.segment, scene.sentence.clause
    if scene.lower[mark.last : mark.last + 1] == [":"]:  # the name of a row, "All-time high: $109,588"
        return False
    old = [p for p in scene.places(scene.words.sets["not_new"]) if segment[p] == segment[mark.first] and p < mark.first]
    others = [p for p in scene.places(scene.words.sets["of_others"]) if clause[p] == clause[mark.first]]
    return not old and not others and not scene.sentence.of("reference") and mark.text not in scene.words.cues.in_all_history


def _first_time(scene: Scene, mark: Mark, book: FactBook, teller: Teller) -> Iterator[Claimed]:
    """ "Above $120,000 for the first time": the highest price before must lie below that level."""
    segment = scene.sentence.segment
    prices = [n for n in scene.sentence.numerals if Unit.USD in n.units and n.value < 1_000_000]
    levels = [n for n in prices if segment[n.first] == segment[mark.first]] or [n for n in prices if n.first >= mark.last][:1]
    since = any(is_since(scene, d) for d in scene.sentence.days)
    frame = Frame(name="first time", figures=("price.ath",), of=("asset",), needs=())
    who = whom(scene, levels[0].first if levels else mark.first, frame)
    if len(levels) != 1 or since or not who.subjects or scene.places(scene.words.sets["of_others"]):
        return
    before = book.fact("price.ath_previous", who.subjects[0])
    high = book.fact("price.ath", who.subjects[0])
    if before is None or high is None or before.value is None or high.value is None:
        return
    level = levels[0].value
    if before.value < level <= high.value:
        yield claimed(scene, mark.first, mark.last, "record", "supported", "", high)
    elif who.sure and before.value >= level:
        days = ", ".join(d.isoformat() for d in sorted(before.partner_days))
        message = f"it had been there before: {teller.value(before)}, {days}".rstrip(", ")
        yield claimed(scene, mark.first, mark.last, "record", "contradicted", message, before)
