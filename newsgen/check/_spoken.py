"""A word of direction, place or extreme with the amounts and dates around it; in: a mark of a sentence, out: what it may speak of.

Says what stands where. Does not judge (`_directions.py`, `_places.py`).
"""

from __future__ import annotations

from newsgen.check._check import Desk
from newsgen.check._claims import Claim
from newsgen.check._facts import Fact
from newsgen.check.reader import Sentence
from newsgen.check.reader.bind import Mark

__all__ = ["KINDS", "SIGNS", "Spoken", "bound_asset"]

SIGNS = {"up": 1, "down": -1, "above": 1, "below": -1, "high": 1, "low": -1}
KINDS = {"direction": "direction", "position": "position", "position$": "position", "extreme": "extreme"}
_NEAR = {"direction": 2, "position": 2, "extreme": 4}  # tokens between a word and the amount right after it
_NEAR_DATE, _NEAR_RIVAL = 3, 4  # tokens between a word of history and its day: "higher than the one of Nov. 10"


class Spoken:
    """A word of direction, place or extreme, and the amounts and dates around it."""

    def __init__(self, desk: Desk, sentence: Sentence, mark: Mark, claims: tuple[Claim, ...], dated: dict[int, list[Fact]]) -> None:
        self.desk, self.sentence, self.mark, self.claims, self.dated = desk, sentence, mark, claims, dated
        self.sign = SIGNS[mark.key]
        self.kind = KINDS[mark.kind]
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


def bound_asset(desk: Desk, sentence: Sentence, mark: Mark) -> str | None:
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
