"""12 Completeness: what is preliminary or lacks a part is told as such; in: the desk, out: warnings.

A note in the foot will do. Which funds and venues belong to a sum is known from the days before: those that usually report. Needs the View
for that; without it only the marks of the figures are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check._check import DAY_S, Check, Desk
from newsgen.check._facts import Fact
from newsgen.market import Completeness, to_epoch
from newsgen.story import Finding

__all__ = ["CHECK"]

_MARKED = {Completeness.PRELIMINARY: "preliminary", Completeness.PARTIAL: "partial"}
_LOOK_BACK_S, _OFTEN = 12 * DAY_S, 3  # a fund that told of so many sessions of these days belongs to the sum


def completeness(desk: Desk) -> Iterator[Finding]:
    """Marks without words, and parts that are missing without a name."""
    yield from _unmarked(desk)
    for fact in desk.facts:
        if fact.figure.told_at is not None:
            continue
        kind, missing = _missing(desk, fact)
        silent = [name for name in missing if not _is_named(desk, name)]
        if silent:
            message = f"{fact.describe()} lacks the {kind} {', '.join(silent)}, and the text does not say so"
            yield desk.finding("completeness", "figures", message, [fact], severity="warn")


def _unmarked(desk: Desk) -> Iterator[Finding]:
    text = "\n".join([*(t.text for _, t in desk.article.texts()), desk.article.disclosure]).lower()
    for state, key in _MARKED.items():
        facts = [f for f in desk.facts if f.figure.completeness is state]
        if facts and not any(word in text for word in desk.words.completeness.get(key, ())):
            message = f"{facts[0].describe()} is {state}, and neither text nor foot says so"
            yield desk.finding("completeness", "disclosure", message, facts, severity="warn")


def _missing(desk: Desk, fact: Fact) -> tuple[str, list[str]]:
    """What a sum should hold and does not: funds of a session, venues of a total over several."""
    if fact.name in ("etf.net_flow_day", "etf.session"):
        return "funds", sorted(_silent_funds(desk, fact))
    if fact.figure.scope == "venues":
        return "venues", sorted(_silent_venues(desk, fact))
    return "", []


def _silent_funds(desk: Desk, fact: Fact) -> Iterator[str]:
    """Funds that told of most sessions before this one, and not of it."""
    if desk.view is None:
        return
    at = to_epoch(fact.figure.observed_at)
    runs = desk.view.runs("etf.fund_flow", fact.figure.subject)
    told = {run.key.venue for run in runs if run.index_of(at) >= 0}
    if not told:
        return  # a source of totals only
    for run in runs:
        before = run.index_at(at - 1) - run.index_at(at - _LOOK_BACK_S)
        if run.key.venue not in told and before >= _OFTEN:
            yield run.key.venue


def _silent_venues(desk: Desk, fact: Fact) -> Iterator[str]:
    """Venues whose streams were followed in the past day, and are no part of the sum."""
    at = to_epoch(fact.figure.observed_at)
    for run in desk.view.runs("liq.followed_s", "market") if desk.view is not None else ():
        i = run.index_at(at)
        if i >= 0 and at - run.at(i) <= DAY_S and run.key.venue not in fact.venues:
            yield run.key.venue


def _is_named(desk: Desk, name: str) -> bool:
    names = {name, *desk.words.funds.get(name, ()), *desk.words.venues.get(name, ())}
    text = "\n".join([*(t.text for _, t in desk.article.texts()), desk.article.disclosure])
    return any(n in text for n in names)


CHECK = Check("completeness", 12, "What is preliminary or lacks a part is told as such.", completeness, "warn")
