"""Words of direction, place and extreme against the figures that they speak of; in: the desk, out: findings.

A word speaks of the amount right after it, else of the one right before, else of the next one in its clause. Where that amount has
no sign of its own, or there is none, the word is held against the price change of the asset it is bound to. A word bound to
nothing contradicts nothing. Places and extremes: `_places.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from newsgen.check._check import Desk
from newsgen.check._claims import Claim
from newsgen.check._facts import Fact
from newsgen.check._places import extreme_problem, position_problem
from newsgen.check._spoken import KINDS, SIGNS, Spoken, bound_asset
from newsgen.check.reader import Sentence
from newsgen.check.reader.bind import Mark
from newsgen.market import Unit
from newsgen.story import Finding

__all__ = ["direction_findings"]

_MARKET_GROUPS = frozenset({"price", "liquidations", "liquidations_venue"})


def direction_findings(
    desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...], dated: dict[int, list[Fact]]
) -> Iterator[Finding]:
    """Compare each word of direction, place and extreme with what it speaks of.

    Args:
        dated: For each date of the sentence, by its first token, the facts that it may stand for.
    """
    judges = {"direction": _direction_problem, "position": position_problem, "extreme": extreme_problem}
    for mark in sentence.marks:
        kind = KINDS.get(mark.kind)
        if not kind:
            continue
        spoken = Spoken(desk, sentence, mark, claims, dated)
        problem = judges[kind](spoken)
        if problem:
            yield desk.finding(check, sentence, f'"{mark.text}": {problem}', spoken.facts)


def _direction_problem(spoken: Spoken) -> str:
    extreme = next((m for m in spoken.sentence.of("extreme") if m.first == spoken.mark.last), None)
    if extreme is not None and extreme.text.startswith("as ") and SIGNS[extreme.key] != spoken.sign:
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
    counted = _counted(spoken) or _in_a_row(spoken)
    if counted:  # "a rise took in most of crypto, with 20 of the 21 coins gaining": the word speaks of the coins that are counted
        return "" if spoken.agrees(counted) else spoken.opposite(counted)
    return _against_flows(spoken) or _against_price(spoken.desk, spoken.sentence, spoken.mark)


def _counted(spoken: Spoken) -> list[Fact]:
    return [f for c in spoken.claims for f in c.fits if f.family == "assets" and f.direction]


def _in_a_row(spoken: Spoken) -> list[Fact]:
    """ "Seven straight days of gains": the run that the sentence counts, whatever the last 24 hours brought."""
    return [f for c in spoken.claims for f in c.fits if f.name == "price.run_length" and f.direction]


def _is_since(spoken: Spoken) -> bool:
    """ "The biggest fall since September": the word speaks of its day before it speaks of an amount."""
    return any(t.lower == "since" for t in spoken.sentence.tokens[spoken.mark.last : spoken.mark.last + 1])


def _moves_of(spoken: Spoken, history: list[Fact]) -> list[Fact]:
    """The changes that days of history are told of."""
    found = (spoken.desk.fact(_MOVE_OF[h.name], h.figure.subject) for h in history if h.name in _MOVE_OF)
    return [f for f in found if f is not None]


def _as_large(spoken: Spoken) -> list[Fact]:
    """ "A gain as large or larger", "as large a rise in supply": the change of the article that earlier ones are compared with."""
    tokens, mark = [t.lower for t in spoken.sentence.tokens], spoken.mark
    if ["as", "large"] not in (tokens[mark.last : mark.last + 2], tokens[max(0, mark.first - 3) : mark.first - 1]):
        return []
    names = next((_RIVALS[w] for w in tokens[mark.last :] if w in _RIVALS), "price.period_change")
    return spoken.desk.facts_named(names)


_RIVALS = {"supply": "stablecoins.change_7d"}


def _is_a_step(spoken: Spoken, claim: Claim) -> bool:
    """ "Rose to $93,266 and then went down to $88,900": the last price as the end of a way, whatever the day's change."""
    before = [c for c in spoken.claims if c.numeral.last <= claim.numeral.first]
    return any(f.family == "path" for c in before[-1:] for f in c.fits) and all(f.name == "price.last" for f in claim.fits)


def _against_claim(spoken: Spoken, claim: Claim) -> str:
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
    if _is_a_step(spoken, claim):
        return ""  # `path_findings` holds it against the price before it
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


def _against_change(spoken: Spoken, levels: list[Fact]) -> str:
    """ "dropped to 10, its lowest since Aug. 6": a level against the history told beside it, else its own change, else its extreme."""
    groups = {f.group for f in levels}
    dated = [f for found in spoken.dated.values() for f in found if f.group in groups and f.direction]
    changes = [spoken.desk.fact(_CHANGE_OF[f.name], f.figure.subject) for f in levels if f.name in _CHANGE_OF]
    moves = [f for f in (*levels, *changes) if f is not None and f.direction]
    extremes = [f for f in spoken.desk.facts if f.group in groups and f.tail.endswith("_since") and f.extreme]
    told = dated or moves or extremes
    return spoken.opposite(told) if told and not spoken.agrees(told) else ""


def _against_flows(spoken: Spoken) -> str:
    """A word in a sentence on fund flows against the sign of the flows told in it."""
    told = [f for c in spoken.claims for f in c.fits]
    told += [f for found in spoken.dated.values() for f in found]
    flows = [f for f in told if f.family == "etf" and f.direction]
    if not flows or any(f.group == "price" and f.direction for f in told):
        return ""
    return spoken.opposite(flows)


def _against_price(desk: Desk, sentence: Sentence, mark: Mark) -> str:
    """The word against the price change of the asset that it is bound to."""
    subject = bound_asset(desk, sentence, mark)
    windows = [
        m
        for m in sentence.of("window")
        if sentence.clause[m.first] == sentence.clause[mark.first] and not _is_of_a_range(desk, sentence, m)
    ]
    if subject is None or any(m.key not in ("24h", "day", "1d") for m in windows) or _other_metric(desk, sentence, mark):
        return ""
    move = desk.move(subject)
    if move in (None, 0) or move == SIGNS[mark.key]:
        return ""
    return f"the price of {subject} went the other way over 24 hours"


def _is_of_a_range(desk: Desk, sentence: Sentence, window: Mark) -> bool:
    """ "Breaks out of its 10-day range", "after seven days in a narrow band": the window is the range's, and not that of the move."""
    after = takewhile(lambda t: t.text != ",", sentence.tokens[window.last : window.last + _NEAR_RANGE])
    return any(t.lower in desk.words.pairs.ranges for t in after)


_NEAR_RANGE = 4  # "in a narrow band"


def _other_metric(desk: Desk, sentence: Sentence, mark: Mark) -> bool:
    """Whether the word, or its clause before it, speaks of volume, flows or another metric."""
    return any(
        t.lower in desk.words.other_metrics
        for i, t in enumerate(sentence.tokens)
        if i < mark.last and sentence.clause[i] == sentence.clause[mark.first]
    )
