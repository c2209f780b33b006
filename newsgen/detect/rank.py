"""Who leads: conflicts, absorption, families; in: pitches, out: the same with roles and reasons, strongest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from newsgen.detect.rule import Rule
from newsgen.story import Pitch

__all__ = ["rank"]

FLOOR_BRIEF = Decimal(45)
MAX_SUPPORTS = 3


def rank(pitches: Sequence[Pitch], rules: Mapping[str, Rule]) -> tuple[Pitch, ...]:
    """Give each pitch its role, and those that lost the reason.

    The lead has the highest score of at least a brief's. A support adds another family; at most three.
    """
    fired = sorted((p for p in pitches if p.fired), key=lambda p: (not rules[p.angle].file.leads, -p.score, p.angle, p.subject))
    silent = sorted((p for p in pitches if not p.fired), key=lambda p: (p.angle, p.subject))
    by_subject: dict[str, list[Pitch]] = {}
    for pitch in fired:
        by_subject.setdefault(pitch.subject, []).append(pitch)
    placed: list[Pitch] = []
    lead: Pitch | None = None
    supports: list[Pitch] = []
    for pitch in fired:
        reason = _told(pitch) or _absorbed(pitch, _about(pitch, fired, by_subject), rules) or _disturbed(pitch, fired, rules)
        if reason:
            placed.append(pitch.with_role("rejected", reason))
        elif lead is None and (pitch.score >= FLOOR_BRIEF or rules[pitch.angle].file.leads):
            due = rules[pitch.angle].file.leads
            lead = pitch.with_role("lead", "due by schedule" if due else f"the highest score of {len(fired)} that fired")
            placed.append(lead)
        elif lead is None:
            placed.append(pitch.with_role("rejected", f"scores {pitch.score}, a brief needs {FLOOR_BRIEF}"))
        else:
            placed.append(_support(pitch, lead, supports, rules))
    return (*placed, *silent)


def _told(pitch: Pitch) -> str:
    """Why a pitch adds nothing to what the site has told. It absorbs others all the same: its story stands."""
    return pitch.step.reason if pitch.step and pitch.step.kind == "silent" else ""


def _support(pitch: Pitch, lead: Pitch, supports: list[Pitch], rules: Mapping[str, Rule]) -> Pitch:
    own = () if rules[lead.angle].file.leads else (lead.family,)  # a wrap has the news of every family
    if pitch.family in (*own, *(s.family for s in supports)):
        return pitch.with_role("rejected", f"another angle of the family {pitch.family} is told already")
    if len(supports) >= MAX_SUPPORTS:
        return pitch.with_role("rejected", f"there are {MAX_SUPPORTS} supports already")
    chosen = pitch.with_role("support", f"adds the family {pitch.family}")
    supports.append(chosen)
    return chosen


def _about(pitch: Pitch, fired: Sequence[Pitch], by_subject: Mapping[str, Sequence[Pitch]]) -> Sequence[Pitch]:
    """The pitches that speak of the same thing: of one subject, or of the market that holds it."""
    return fired if pitch.subject == "market" else [*by_subject.get("market", ()), *by_subject[pitch.subject]]


def _absorbed(pitch: Pitch, others: Sequence[Pitch], rules: Mapping[str, Rule]) -> str:
    absorbing = [o for o in others if pitch.angle in rules[o.angle].file.conflict.absorbs]
    if not absorbing:
        return ""
    strongest = min(absorbing, key=lambda p: (-p.score, p.angle, p.subject))
    return f"absorbed by {strongest.angle} of {strongest.subject}"


def _disturbed(pitch: Pitch, fired: Sequence[Pitch], rules: Mapping[str, Rule]) -> str:
    bar = rules[pitch.angle].file.conflict.needs_no_other_above
    if bar is None:
        return ""
    louder = [p for p in fired if p.angle != pitch.angle and p.score >= bar and not rules[p.angle].file.leads]
    return f"{louder[0].angle} of {louder[0].subject} scores {louder[0].score}, so the day is not quiet" if louder else ""
