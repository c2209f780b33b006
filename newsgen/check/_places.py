"""Words of place and extreme against what they speak of; in: a word with what stands around it, out: what is wrong with it.

"Above" and "high" are held against the amount beside them, else against the place, the level or the time that is named with them.
"""

from __future__ import annotations

from newsgen.check._facts import Fact
from newsgen.check._moments import facts_meant
from newsgen.check._spoken import SIGNS, Spoken, bound_asset
from newsgen.market import Unit

__all__ = ["extreme_problem", "position_problem"]

_NEAR_EXTREME = 4  # tokens between a word of extreme and a price that must be one


def position_problem(spoken: Spoken) -> str:
    """What is wrong with a word of place, for an editor; "" when nothing is."""
    if said := _wrong_way(spoken) or _came_from(spoken):
        return said
    beside = spoken.beside()
    if beside is None:
        return _against_place(spoken) or _against_place_after(spoken) or _against_dated_extreme(spoken)
    facts = [*beside.fits]
    if beside is spoken.after and spoken.of_others():
        facts = [f for f in facts if f.tail.startswith("percentile")]
    if not facts or spoken.agrees(facts):
        return ""
    if spoken.opposite(facts):
        return spoken.opposite(facts)
    if beside is spoken.before and Unit.PCT in beside.numeral.units:
        return f"{facts[0].describe()} is no distance"
    return _against_amount_before(spoken, facts)


def _wrong_way(spoken: Spoken) -> str:
    """ "Rises below $4 trillion"; "lost over $4 billion" is no place."""
    if spoken.mark.kind != "position" or spoken.after is None or spoken.after.numeral.units != {Unit.USD}:
        return ""
    leads = next((m for m in spoken.sentence.of("direction") if m.last == spoken.mark.first), None)
    return f"one does not go {leads.key} {spoken.mark.key}" if leads is not None and SIGNS[leads.key] != spoken.sign else ""


def _came_from(spoken: Spoken) -> str:
    """ "Tests $50,000 from above, then comes back": a level that a low reached was reached from above."""
    before = spoken.before
    if before is None or spoken.sentence.tokens[spoken.mark.first - 1].lower != "from":
        return ""
    spoken.facts = [f for f in before.fits if f.name == "level.rejected"]
    sides = {_TURNED_BACK.get(f.figure.label, 0) for f in spoken.facts}
    return f"{spoken.facts[0].describe()} was reached from the other side" if sides == {-spoken.sign} else ""


def _against_place(spoken: Spoken) -> str:
    """ "above that level since", "below its dollar peg", "out of the range and trades below it": what a word is a place against."""
    tokens = [t.lower for t in spoken.sentence.tokens]
    after = tokens[spoken.mark.last : spoken.mark.last + _NEAR_PLACE]
    if after[:1] == ["it"]:
        after = tokens[: spoken.mark.first][::-1]
    names = next((spoken.desk.words.places[t] for t in after if t in spoken.desk.words.places), ())
    subject = bound_asset(spoken.desk, spoken.sentence, spoken.mark) or next(iter(spoken.desk.article.tickers), "")
    spoken.facts = facts = [f for f in spoken.desk.facts if f.name in names and subject in f.subjects]
    touched = [f for f in facts if f.name == "level.rejected"]
    if not touched:
        return "" if not facts or spoken.agrees(facts) else spoken.opposite(facts)
    sign = -spoken.sign if spoken.is_negated() else spoken.sign
    return f"{touched[0].describe()} says the opposite" if {_TURNED_BACK.get(f.figure.label, 0) for f in touched} == {-sign} else ""


_TURNED_BACK = {"high": -1, "low": 1}  # a level that was reached by the high lies above the price
_NEAR_PLACE = 3  # tokens after a word of place in which its reference is named


def _against_place_after(spoken: Spoken) -> str:
    """ "the nearest round level above the price is $55,000": the next amount of the segment, where its figure has a place of its own."""
    after, sentence = spoken.after, spoken.sentence
    if after is None or spoken.parted() or sentence.segment[after.numeral.first] != sentence.segment[spoken.mark.first]:
        return ""
    return (spoken.opposite([*after.fits]) or _against_amount_before(spoken, [*after.fits])) if after.fits else ""


def _against_dated_extreme(spoken: Spoken) -> str:
    """ "below the high of Nov. 22": the price of now and its extreme must not both lie on the other side of that high."""
    if any(t.lower in spoken.desk.words.places for t in spoken.sentence.tokens[spoken.mark.last : spoken.mark.last + _NEAR_PLACE]):
        return ""  # "above that level on Aug. 24": the day is the level's
    days = {f.figure.subject for f in spoken.dates_near() if f.extreme}
    for subject in days:
        places = [f for f in spoken.desk.facts if f.extreme and f.partner_days and f.figure.subject == subject and _dates(spoken, f)]
        now = [spoken.desk.fact(name, subject) for name in ("price.last", "price.high_24h" if spoken.sign < 0 else "price.low_24h")]
        told = [f.value for f in now if f is not None and f.value is not None]
        values = [f.value for f in places if f.value is not None]
        if len(told) == len(now) and values and all((v - p) * spoken.sign < 0 for v in told for p in values):
            spoken.facts = places
            return f"the price does not lie {spoken.mark.key} {places[0].describe()}"
    return ""


def _dates(spoken: Spoken, fact: Fact) -> bool:
    return any(not f.days.isdisjoint(fact.partner_days) for f in spoken.dates_near())


def _against_amount_before(spoken: Spoken, facts: list[Fact]) -> str:
    """ "reached $123,218, above the $111,970 of May 22": the first amount must lie on that side of the second."""
    before = spoken.before
    if before is None or not before.fits:
        return ""
    one, other = before.fits[0], facts[0]
    alike = one.figure.unit == other.figure.unit and one.subjects & other.subjects and one.group == other.group
    if not alike or one.value is None or other.value is None or one.value == other.value:
        return ""
    if (one.value > other.value) == (spoken.sign > 0):
        return ""
    spoken.facts = [one, other]
    return f"{one.describe()} does not lie {spoken.mark.key} {other.describe()}"


def extreme_problem(spoken: Spoken) -> str:
    """What is wrong with a word of extreme, for an editor; "" when nothing is."""
    if _is_moved_off(spoken):
        return f"it is no {spoken.mark.key} that a price has {'risen' if spoken.sign > 0 else 'fallen'} from"
    beside = spoken.after if spoken.after is not None and not spoken.parted() else None
    if beside is not None and Unit.USD in beside.numeral.units and beside.fits:
        facts = [*beside.fits]
        if spoken.agrees(facts):
            return ""
        if spoken.opposite(facts):
            return spoken.opposite(facts)
        if spoken.gap <= _NEAR_EXTREME and all(f.group == "price" for f in facts):
            return f"{facts[0].describe()} is no {spoken.mark.key}"
        return ""
    dated = [f for f in spoken.dates_near() if f.extreme] or _at_the_time(spoken)
    if dated and all(f.name == "level.rejected" for f in dated):
        spoken.facts = dated
        return f"{dated[0].describe()} says the opposite" if {_TURNED_BACK.get(f.figure.label) for f in dated} == {spoken.sign} else ""
    if dated:
        return spoken.opposite(dated)
    if told := _apposed(spoken):
        return spoken.opposite(told)
    distance = [f for f in (spoken.before.fits if spoken.before is not None else ()) if f.tail.startswith("below_")]
    return spoken.opposite(distance) if distance else ""


def _apposed(spoken: Spoken) -> list[Fact]:
    """ "$69.6 billion, the highest in data going back to 2024": the amount before the comma."""
    before = spoken.before
    between = [t.lower for t in spoken.sentence.tokens[before.numeral.last : spoken.mark.first]] if before is not None else []
    return [f for f in before.fits if f.extreme] if before is not None and between == [",", "the"] else []


def _is_moved_off(spoken: Spoken) -> bool:
    """ "Up 12% from its high": one comes up from a low, and down from a high."""
    before, sentence = spoken.before, spoken.sentence
    if before is None or before.numeral.units != {Unit.PCT}:
        return False
    between = [t.lower for t in sentence.tokens[before.numeral.last : spoken.mark.first]]
    leads = next((m for m in sentence.of("direction") if m.last == before.numeral.first), None)
    return leads is not None and between[:1] in (["from"], ["off"]) and len(between) <= _NEAR_BASE and SIGNS[leads.key] == spoken.sign


_NEAR_BASE = 2  # "from", "from its"


def _at_the_time(spoken: Spoken) -> list[Fact]:
    """ "The low had been in the four-hour period to noon ET": the figures of a time that is told with the extreme and no amount."""
    sentence = spoken.sentence
    part = sentence.parts[spoken.mark.first]
    if any(sentence.parts[n.first] == part for n in sentence.numerals):
        return []
    clocks = [d for d in sentence.days if d.minute is not None and sentence.parts[d.first] == part and d.first >= spoken.mark.last]
    found = [f for d in clocks[:1] for f in facts_meant(spoken.desk, d) if f.group == "price"]
    touched = [f for f in spoken.desk.facts_named("level.rejected") if any(m.name == "level.rejected_at" for m in found)]
    return [f for f in found if f.extreme] or touched
