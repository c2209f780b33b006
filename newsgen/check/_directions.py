"""Words of direction, place and extreme against the figures that they speak of; in: the desk, out: findings.

A word speaks of the amount right after it, else of the one right before, else of the next one in its clause. Where that amount has
no sign of its own, or there is none, the word is held against the price change of the asset it is bound to. A word bound to
nothing contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from newsgen.check._check import Desk
from newsgen.check._claims import Claim
from newsgen.check._facts import Fact
from newsgen.check._moments import facts_meant
from newsgen.check.reader import Sentence
from newsgen.check.reader.bind import Mark
from newsgen.market import Unit
from newsgen.story import Finding

__all__ = ["direction_findings"]

_SIGNS = {"up": 1, "down": -1, "above": 1, "below": -1, "high": 1, "low": -1}
_KINDS = {"direction": "direction", "position": "position", "position$": "position", "extreme": "extreme"}
_NEAR = {"direction": 2, "position": 2, "extreme": 4}  # tokens between a word and the amount right after it
_NEAR_DATE, _NEAR_RIVAL = 3, 4  # tokens between a word of history and its day: "higher than the one of Nov. 10"
_MARKET_GROUPS = frozenset({"price", "liquidations", "liquidations_venue"})


def direction_findings(
    desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...], dated: dict[int, list[Fact]]
) -> Iterator[Finding]:
    """Compare each word of direction, place and extreme with what it speaks of.

    Args:
        dated: For each date of the sentence, by its first token, the facts that it may stand for.
    """
    judges = {"direction": _direction_problem, "position": _position_problem, "extreme": _extreme_problem}
    for mark in sentence.marks:
        kind = _KINDS.get(mark.kind)
        if not kind:
            continue
        spoken = _Spoken(desk, sentence, mark, claims, dated)
        problem = judges[kind](spoken)
        if problem:
            yield desk.finding(check, sentence, f'"{mark.text}": {problem}', spoken.facts)


class _Spoken:
    """A word of direction, place or extreme, and the amounts and dates around it."""

    def __init__(self, desk: Desk, sentence: Sentence, mark: Mark, claims: tuple[Claim, ...], dated: dict[int, list[Fact]]) -> None:
        self.desk, self.sentence, self.mark, self.claims, self.dated = desk, sentence, mark, claims, dated
        self.sign = _SIGNS[mark.key]
        self.kind = _KINDS[mark.kind]
        self.after = _claim_after(sentence, mark, claims)
        self.before = _claim_before(sentence, mark, claims)
        self.facts: list[Fact] = []  # what it was held against, for the finding

    @property
    def gap(self) -> int:
        """Tokens between the word and the amount after it."""
        return self.after.numeral.first - self.mark.last if self.after is not None else 99

    def beside(self) -> Claim | None:
        """The amount right after the word, else the one right before it; of two neighbours the one that touches the word."""
        touching = self.before is not None and self.before.numeral.last == self.mark.first
        if touching and self.gap > 0 and self.kind == "position":
            return self.before
        if self.after is not None and (self.gap <= _NEAR[self.kind] or self.of_others()):
            return self.after
        return self.before if self.before is not None and _adjoins(self.sentence, self.before, self.mark) else None

    def of_others(self) -> bool:
        """ "above those of more than 93% of the days": what stands between a place and a percentile."""
        assert self.after is not None
        if self.kind != "position" or not any(f.tail.startswith("percentile") for f in self.after.fits):
            return False
        between = self.sentence.tokens[self.mark.last : self.sentence.head(self.after.numeral)]
        return len(between) <= _NEAR[self.kind]

    def opposite(self, facts: list[Fact]) -> str:
        """What to say when all facts have the other sign; remembers them."""
        self.facts = facts
        signs = {getattr(f, self.kind) for f in facts}
        return f"{facts[0].describe()} says the opposite" if signs == {-self.sign} else ""

    def agrees(self, facts: list[Fact]) -> bool:
        return any(getattr(f, self.kind) == self.sign for f in facts)

    def is_negated(self) -> bool:
        """Whether a "no" or a "none" stands before the word in its clause."""
        clause, first = self.sentence.clause, self.mark.first
        return any(t.lower in self.desk.words.negations for i, t in enumerate(self.sentence.tokens[:first]) if clause[i] == clause[first])

    def parted(self) -> bool:
        """Whether another word of the kind stands between this one and the amount after it."""
        return self.after is not None and _parted(self.sentence, self.mark, self.after)

    def dates_near(self) -> list[Fact]:
        """The facts of the date that a word of history speaks of: "the largest inflow since Nov. 7", "the high of Nov. 22"."""
        for day in self.sentence.days:
            if self.mark.last <= day.first and day.minute is None:
                before = self.sentence.tokens[day.first - 1].lower
                between = any(m.kind == self.mark.kind and self.mark.last <= m.first < day.first for m in self.sentence.marks)
                if before == "to" and self.sentence.tokens[day.first - 2].lower == "back":
                    return [f for f in self.dated[day.first] if f.tail.endswith("_since")]  # "the lowest in data going back to 2024"
                near = before == "since" or day.first - self.mark.last <= (_NEAR_DATE if not self._compares() else _NEAR_RIVAL)
                return self.dated[day.first] if near and not between else []
        return self._since_before()

    def _compares(self) -> bool:
        """ "No price is higher than the one of Nov. 10": without the "no" it is the price of now that is compared."""
        after = self.sentence.tokens[self.mark.last : self.mark.last + 1]
        return bool(after) and after[0].lower == "than" and self.is_negated()

    def _since_before(self) -> list[Fact]:
        """ "Not since March 29 had it been as low": a day of history before the word of extreme."""
        if self.kind != "extreme" or self.sentence.tokens[self.mark.first - 1].lower != "as" or not self.mark.first:
            return []
        before = [d for d in self.sentence.days if d.last <= self.mark.first and d.first and d.minute is None]
        since = [d for d in before if self.sentence.tokens[d.first - 1].lower == "since"]
        return [f for d in since[-1:] for f in self.dated[d.first] if f.tail.endswith("_since")]


def _direction_problem(spoken: _Spoken) -> str:
    extreme = next((m for m in spoken.sentence.of("extreme") if m.first == spoken.mark.last), None)
    if extreme is not None and extreme.text.startswith("as ") and _SIGNS[extreme.key] != spoken.sign:
        return f'"{extreme.text}" is no place to go {spoken.mark.key}'  # "fell as high as $64,133"
    history = spoken.dates_near()
    if _is_since(spoken) and history and spoken.agrees(_moves_of(spoken, history)):
        return ""
    beside = spoken.beside()
    if beside is not None and not (_is_since(spoken) and _moves_of(spoken, history)):
        return _against_claim(spoken, beside)
    if history and spoken.agrees(history):
        return ""
    if history and spoken.opposite(history):
        return spoken.opposite(history)
    moves = _moves_of(spoken, history) or _as_large(spoken)
    if moves:
        return "" if spoken.agrees(moves) else spoken.opposite(moves)
    if spoken.after is not None and not spoken.parted():
        return _against_claim(spoken, spoken.after)
    counted = _counted(spoken)
    if counted:  # "a rise took in most of crypto, with 20 of the 21 coins gaining": the word speaks of the coins that are counted
        return "" if spoken.agrees(counted) else spoken.opposite(counted)
    return _against_flows(spoken) or _against_price(spoken.desk, spoken.sentence, spoken.mark)


def _counted(spoken: _Spoken) -> list[Fact]:
    return [f for c in spoken.claims for f in c.fits if f.family == "assets" and f.direction]


def _is_since(spoken: _Spoken) -> bool:
    """ "The biggest fall since September": the word speaks of its day before it speaks of an amount."""
    return any(t.lower == "since" for t in spoken.sentence.tokens[spoken.mark.last : spoken.mark.last + 1])


def _moves_of(spoken: _Spoken, history: list[Fact]) -> list[Fact]:
    """The changes that days of history are told of."""
    found = (spoken.desk.fact(_MOVE_OF[h.name], h.figure.subject) for h in history if h.name in _MOVE_OF)
    return [f for f in found if f is not None]


def _as_large(spoken: _Spoken) -> list[Fact]:
    """ "A gain as large or larger", "as large a rise in supply": the change of the article that earlier ones are compared with."""
    tokens, mark = [t.lower for t in spoken.sentence.tokens], spoken.mark
    if ["as", "large"] not in (tokens[mark.last : mark.last + 2], tokens[max(0, mark.first - 3) : mark.first - 1]):
        return []
    names = next((_RIVALS[w] for w in tokens[mark.last :] if w in _RIVALS), "price.period_change")
    return spoken.desk.facts_named(names)


_RIVALS = {"supply": "stablecoins.change_7d"}


def _against_claim(spoken: _Spoken, claim: Claim) -> str:
    facts = [*claim.fits]
    if not facts or spoken.agrees(facts):
        return ""  # an amount that fits nothing is already a finding
    if spoken.opposite(facts):
        return spoken.opposite(facts)
    if all(f.name in _CHANGE_OF or f.name in _STEPS for f in facts):
        return _against_change(spoken, facts)
    between = [t.lower for t in spoken.sentence.tokens[spoken.mark.last : claim.numeral.first]]
    right_after = claim is spoken.after and between in ([], ["of"])
    if right_after and Unit.PCT in claim.numeral.units and all(f.direction == 0 for f in facts):
        return f"{facts[0].describe()} is no change"
    if right_after and all(f.group.startswith("liquidations") for f in facts):
        return ""  # "longs lost $125 million" says nothing of a price
    if all(f.family == "assets" for f in facts):
        return spoken.opposite(_counted(spoken))
    if all(f.group in _MARKET_GROUPS for f in facts):
        return _against_price(spoken.desk, spoken.sentence, spoken.mark)
    return _against_flows(spoken)


# Levels that say nothing of a direction themselves, and the change that does.
_CHANGE_OF = {
    "sentiment.fear_greed": "sentiment.change_1d", "dominance.btc": "dominance.change_7d", "market.cap": "market.cap_change_24h",
    "options.dvol_close": "options.dvol_change_points_day", "cross.correlation_30": "cross.correlation_level",
    "open_interest.usd": "open_interest.change_24h",
}  # fmt: skip


# Dates that something was last as large, and the change or flow that was.
_MOVE_OF = {"price.period_largest_since": "price.period_change", "etf.recent_peak_since": "etf.recent_peak"}
_STEPS = ("market.cap_step_up", "market.cap_step_down", "cross.correlation_level")


def _against_change(spoken: _Spoken, levels: list[Fact]) -> str:
    """ "dropped to 10, its lowest since Aug. 6": a level against the history told beside it, else its own change, else its extreme."""
    groups = {f.group for f in levels}
    dated = [f for found in spoken.dated.values() for f in found if f.group in groups and f.direction]
    changes = [spoken.desk.fact(_CHANGE_OF[f.name], f.figure.subject) for f in levels if f.name in _CHANGE_OF]
    moves = [f for f in (*levels, *changes) if f is not None and f.direction]
    extremes = [f for f in spoken.desk.facts if f.group in groups and f.tail.endswith("_since") and f.extreme]
    told = dated or moves or extremes
    return spoken.opposite(told) if told and not spoken.agrees(told) else ""


def _against_flows(spoken: _Spoken) -> str:
    """A word in a sentence on fund flows against the sign of the flows told in it."""
    told = [f for c in spoken.claims for f in c.fits]
    told += [f for found in spoken.dated.values() for f in found]
    flows = [f for f in told if f.family == "etf" and f.direction]
    if not flows or any(f.group == "price" and f.direction for f in told):
        return ""
    return spoken.opposite(flows)


def _position_problem(spoken: _Spoken) -> str:
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


def _wrong_way(spoken: _Spoken) -> str:
    """ "Rises below $4 trillion"."""
    leads = next((m for m in spoken.sentence.of("direction") if m.last == spoken.mark.first), None)
    return f"one does not go {leads.key} {spoken.mark.key}" if leads is not None and _SIGNS[leads.key] != spoken.sign else ""


def _came_from(spoken: _Spoken) -> str:
    """ "Tests $50,000 from above, then comes back": a level that a low reached was reached from above."""
    before = spoken.before
    if before is None or spoken.sentence.tokens[spoken.mark.first - 1].lower != "from":
        return ""
    spoken.facts = [f for f in before.fits if f.name == "level.rejected"]
    sides = {_TURNED_BACK.get(f.figure.label, 0) for f in spoken.facts}
    return f"{spoken.facts[0].describe()} was reached from the other side" if sides == {-spoken.sign} else ""


def _against_place(spoken: _Spoken) -> str:
    """ "above that level since", "below its dollar peg", "out of the range and trades below it": what a word is a place against."""
    tokens = [t.lower for t in spoken.sentence.tokens]
    after = tokens[spoken.mark.last : spoken.mark.last + _NEAR_PLACE]
    if after[:1] == ["it"]:
        after = tokens[: spoken.mark.first][::-1]
    names = next((spoken.desk.words.places[t] for t in after if t in spoken.desk.words.places), ())
    subject = _bound_asset(spoken.desk, spoken.sentence, spoken.mark) or next(iter(spoken.desk.article.tickers), "")
    spoken.facts = facts = [f for f in spoken.desk.facts if f.name in names and subject in f.subjects]
    touched = [f for f in facts if f.name == "level.rejected"]
    if not touched:
        return "" if not facts or spoken.agrees(facts) else spoken.opposite(facts)
    sign = -spoken.sign if spoken.is_negated() else spoken.sign
    return f"{touched[0].describe()} says the opposite" if {_TURNED_BACK.get(f.figure.label, 0) for f in touched} == {-sign} else ""


_TURNED_BACK = {"high": -1, "low": 1}  # a level that was reached by the high lies above the price


_NEAR_PLACE = 3  # tokens after a word of place in which its reference is named


def _against_place_after(spoken: _Spoken) -> str:
    """ "the nearest round level above the price is $55,000": the next amount of the segment, where its figure has a place of its own."""
    after, sentence = spoken.after, spoken.sentence
    if after is None or spoken.parted() or sentence.segment[after.numeral.first] != sentence.segment[spoken.mark.first]:
        return ""
    return (spoken.opposite([*after.fits]) or _against_amount_before(spoken, [*after.fits])) if after.fits else ""


def _against_dated_extreme(spoken: _Spoken) -> str:
    """ "below the high of Nov. 22": the price of now and its extreme must not both lie on the other side of that high."""
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


def _dates(spoken: _Spoken, fact: Fact) -> bool:
    return any(not f.days.isdisjoint(fact.partner_days) for f in spoken.dates_near())


def _against_amount_before(spoken: _Spoken, facts: list[Fact]) -> str:
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


def _extreme_problem(spoken: _Spoken) -> str:
    if _is_moved_off(spoken):
        return f"it is no {spoken.mark.key} that a price has {'risen' if spoken.sign > 0 else 'fallen'} from"
    beside = spoken.after if spoken.after is not None and not spoken.parted() else None
    if beside is not None and Unit.USD in beside.numeral.units and beside.fits:
        facts = [*beside.fits]
        if spoken.agrees(facts):
            return ""
        if spoken.opposite(facts):
            return spoken.opposite(facts)
        if spoken.gap <= _NEAR["extreme"] and all(f.group == "price" for f in facts):
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


def _apposed(spoken: _Spoken) -> list[Fact]:
    """ "$69.6 billion, the highest in data going back to 2024": the amount before the comma."""
    before = spoken.before
    between = [t.lower for t in spoken.sentence.tokens[before.numeral.last : spoken.mark.first]] if before is not None else []
    return [f for f in before.fits if f.extreme] if before is not None and between == [",", "the"] else []


def _is_moved_off(spoken: _Spoken) -> bool:
    """ "Up 12% from its high": one comes up from a low, and down from a high."""
    before, sentence = spoken.before, spoken.sentence
    if before is None or before.numeral.units != {Unit.PCT}:
        return False
    between = [t.lower for t in sentence.tokens[before.numeral.last : spoken.mark.first]]
    leads = next((m for m in sentence.of("direction") if m.last == before.numeral.first), None)
    return leads is not None and between[:1] in (["from"], ["off"]) and len(between) <= _NEAR_BASE and _SIGNS[leads.key] == spoken.sign


_NEAR_BASE = 2  # "from", "from its"


def _at_the_time(spoken: _Spoken) -> list[Fact]:
    """ "The low had been in the four-hour period to noon ET": the figures of a time that is told with the extreme and no amount."""
    sentence = spoken.sentence
    part = sentence.parts[spoken.mark.first]
    if any(sentence.parts[n.first] == part for n in sentence.numerals):
        return []
    clocks = [d for d in sentence.days if d.minute is not None and sentence.parts[d.first] == part and d.first >= spoken.mark.last]
    found = [f for d in clocks[:1] for f in facts_meant(spoken.desk, d) if f.group == "price"]
    touched = [f for f in spoken.desk.facts_named("level.rejected") if any(m.name == "level.rejected_at" for m in found)]
    return [f for f in found if f.extreme] or touched


def _claim_after(sentence: Sentence, mark: Mark, claims: tuple[Claim, ...]) -> Claim | None:
    """The next amount of the clause that the word can speak of; "from $123,218" names where a move began."""
    for claim in claims:
        first = claim.numeral.first
        same_clause = first >= mark.last and sentence.clause[first] == sentence.clause[mark.first]
        if same_clause and sentence.tokens[first - 1].lower != "from":
            return claim
    return None


def _claim_before(sentence: Sentence, mark: Mark, claims: tuple[Claim, ...]) -> Claim | None:
    found = [c for c in claims if c.numeral.last <= mark.first and sentence.clause[c.numeral.first] == sentence.clause[mark.first]]
    return found[-1] if found else None


def _adjoins(sentence: Sentence, claim: Claim, mark: Mark) -> bool:
    between = [t.lower for t in sentence.tokens[claim.numeral.last : mark.first]]
    return len(between) <= 2 and _PARTING.isdisjoint(between)


_PARTING = frozenset({",", "–", "—"})


def _parted(sentence: Sentence, mark: Mark, claim: Claim) -> bool:
    """Whether another word of direction stands between a word and an amount: then the amount is the other's."""
    return any(m.kind == mark.kind and mark.last <= m.first < claim.numeral.first for m in sentence.marks)


def _against_price(desk: Desk, sentence: Sentence, mark: Mark) -> str:
    """The word against the price change of the asset that it is bound to."""
    subject = _bound_asset(desk, sentence, mark)
    windows = [
        m
        for m in sentence.of("window")
        if sentence.clause[m.first] == sentence.clause[mark.first] and not _is_of_a_range(desk, sentence, m)
    ]
    if subject is None or any(m.key not in ("24h", "day", "1d") for m in windows) or _other_metric(desk, sentence, mark):
        return ""
    move = desk.move(subject)
    if move in (None, 0) or move == _SIGNS[mark.key]:
        return ""
    return f"the price of {subject} went the other way over 24 hours"


def _is_of_a_range(desk: Desk, sentence: Sentence, window: Mark) -> bool:
    """ "Breaks out of its 10-day range", "after seven days in a narrow band": the window is the range's, and not that of the move."""
    after = takewhile(lambda t: t.text != ",", sentence.tokens[window.last : window.last + _NEAR_RANGE])
    return any(t.lower in desk.words.pairs.ranges for t in after)


_NEAR_RANGE = 4  # "in a narrow band"


def _bound_asset(desk: Desk, sentence: Sentence, mark: Mark) -> str | None:
    """The asset of a word: the nearest named before it in its clause, else after it; in a sentence on liquidations, the lead's."""
    assets = [m for m in sentence.of("subject") if desk.words.kind_of_subject[m.key] in ("assets", "indices")]
    clause = [m for m in assets if sentence.clause[m.first] == sentence.clause[mark.first]]
    before = [m for m in clause if m.last <= mark.first]
    if before:
        return before[-1].key
    if clause:
        return clause[0].key
    told_of_market = any(m.key == "market" and sentence.clause[m.first] == sentence.clause[mark.first] for m in sentence.of("subject"))
    if ((sentence.of("side") and sentence.numerals and not assets) or told_of_market) and desk.article.tickers:
        return desk.article.tickers[0]
    return None


def _other_metric(desk: Desk, sentence: Sentence, mark: Mark) -> bool:
    """Whether the word, or its clause before it, speaks of volume, flows or another metric."""
    return any(
        t.lower in desk.words.other_metrics
        for i, t in enumerate(sentence.tokens)
        if i < mark.last and sentence.clause[i] == sentence.clause[mark.first]
    )
