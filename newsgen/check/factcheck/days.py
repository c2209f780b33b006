"""Days and bases of an amount; in: a scene, an amount and its facts, out: those of the day that the words name.

A date of another day asks the archive as that day ended. "Since the election" and "from Friday's close" name a base that no figure has.
"""

from __future__ import annotations

from datetime import date, timedelta

from newsgen.check._facts import Fact, own_days
from newsgen.check.factcheck.facts import FactBook
from newsgen.check.factcheck.scene import Scene
from newsgen.check.reader.dates import Day
from newsgen.check.reader.numerals import Numeral
from newsgen.market import Unit

__all__ = ["DAILY", "day_is_named", "is_day", "is_since", "of_the_day", "span_named", "wants_its_day"]

DAILY = frozenset({"24h", "day", "session", "8h", "streak"})
_HEAD = 2  # words before a date at the head of a clause
_NEAR_RECORD = 6  # words between a record and its date: "its peak of $69,000 in November"
_OF_MANY = frozenset({"cumulative", "streak_total", "streak_days", "streak_weeks", "streak_weeks_total"})


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


def wants_its_day(fact: Fact) -> bool:
    """A session that is not the last one is told with its day."""
    return fact.family == "etf" and "peak" in fact.tail


def day_is_named(scene: Scene, fact: Fact, book: FactBook) -> bool:
    return any(is_day(d, day, book) for day in scene.sentence.days for d in fact.partner_days)


def of_the_day(
    scene: Scene, numeral: Numeral, facts: list[Fact], book: FactBook, names: list[str], subjects: tuple[str, ...]
) -> tuple[list[Fact], str]:  # fmt: skip
    days = _dates_of(scene, numeral)
    if not scene.windows(numeral):
        flows = _counts_from(scene, numeral, scene.words.cues.bases_of_flows)
        changes = _counts_from(scene, numeral, scene.words.cues.bases)
        facts = [
            f
            for f in facts
            if not ((changes and _is_change(f)) or (flows and f.family == "etf" and f.direction and f.tail not in _OF_MANY))
        ]
    facts = [f for f in facts if not f.tail.startswith("below_") or _of_the_record_dated(scene, numeral, f, book)]
    for day in days:
        if _spans(day) and any(is_day(d, day, book) for d in book.today_of_readers):
            window = "ytd" if day.month is None else "mtd"
            facts = [f for f in facts if "change" not in f.tail or window in f.windows]
        if not any(is_day(d, day, book) for d in book.today_of_readers):
            return _on_another_day(day, facts, book, names, subjects, scene)
    return facts, ""


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


def span_named(scene: Scene, numeral: Numeral, book: FactBook) -> bool:
    """Whether the running month or year is named: "in July so far"."""
    days = _dates_of(scene, numeral)
    return any(_spans(d) and any(is_day(t, d, book) for t in book.today_of_readers) for d in days)


def _spans(day: Day) -> bool:
    return day.weekday is None and day.day is None


def _is_change(fact: Fact) -> bool:
    """A change between two moments; one over a run is told with the day before it began."""
    return "change" in fact.tail and not fact.tail.startswith(("run_", "streak_"))


def _counts_from(scene: Scene, numeral: Numeral, bases: frozenset[str]) -> bool:
    """ "Since the election bitcoin is up 48%", "from Friday's close it lost 12%": the base is none that a figure has.

    "The largest since Nov. 7" is history, and "since the start of the year" a window.
    """
    sentence = scene.sentence
    for i, word in enumerate(scene.lower):
        if word not in bases or any(m.first <= i < m.last for m in sentence.marks):
            continue
        own = sentence.segment[i] == sentence.segment[numeral.first]
        head = i <= 1 or sentence.clause[i] != sentence.clause[i - 1]
        if (own and not _is_history(scene, i)) or (head and sentence.clause[i] == sentence.clause[numeral.first] and i < numeral.first):
            return True
    return False


def _is_history(scene: Scene, token: int) -> bool:
    marks = [m for m in scene.sentence.marks if m.kind in ("rank", "extreme", "record", "first_since", "reference")]
    return any(0 <= token - m.last <= _NEAR_RECORD and scene.sentence.segment[m.first] == scene.sentence.segment[token] for m in marks)


def _of_the_record_dated(scene: Scene, numeral: Numeral, fact: Fact, book: FactBook) -> bool:
    """A distance from a record with a date, "its July high": that record must be the one that the figure counts from."""
    clause = scene.sentence.clause
    dated = [d for d in scene.sentence.days if clause[d.first] == clause[numeral.first] and d.minute is None and _dates_a_record(scene, d)]
    named = "price.ath" if fact.family == "price" else "index.record_close"
    record = book.fact(named, fact.figure.subject)
    if not dated or record is None:
        return True
    return any(is_day(d, day, book) for day in dated for d in record.partner_days)


def _on_another_day(
    day: Day, facts: list[Fact], book: FactBook, names: list[str], subjects: tuple[str, ...], scene: Scene
) -> tuple[list[Fact], str]:  # fmt: skip
    """Facts whose own day is named; else those of the archive as that day ended."""
    if _spans(day):
        dated = [f for f in facts if f.tail.startswith(("ath", "record")) and any(is_day(d, day, book) for d in f.days | f.partner_days)]
        own = dated + [f for f in facts if f.tail == "cumulative"]
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
    return fact.windows.isdisjoint(DAILY) and bool(fact.windows) and not fact.days and "change" in fact.tail


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
