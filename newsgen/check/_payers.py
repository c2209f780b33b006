"""Who pays funding to whom, against the sign of the rate; in: the desk, out: findings.

Longs pay where the rate is positive, shorts where it is negative. A sentence is held against its own rates, and where it tells none
against the latest one. A sentence that speaks of both cases, or of rates of both signs, is general and contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check._check import Desk
from newsgen.check._facts import Fact
from newsgen.check.reader import Sentence
from newsgen.check.reader.words import Payments
from newsgen.story import Finding

__all__ = ["payer_findings"]

_LATEST = "funding.last_annualised"
_RATES = frozenset({_LATEST, "funding.last_8h", "funding.annualised", "funding.rate_8h", "funding.average_1y", "funding.least_3",
                    "funding.most_3"})  # fmt: skip
_NEAR = 2  # tokens between "holding" or "paid by" and the side


def payer_findings(desk: Desk, check: str) -> Iterator[Finding]:
    """Sentences that let the wrong side pay, or give the rate the wrong sign."""
    latest = desk.facts_named(_LATEST)
    if not latest:
        return
    words = desk.words.payments
    for i, sentence in enumerate(desk.sentences):
        if sentence.vocabulary.isdisjoint(words.metric | words.verbs | words.holding):
            continue
        rates = [f for c in desk.claims[i] for f in c.fits if f.name in _RATES] or latest
        signs = {_sign(f) for f in rates}
        said = [_named(sentence, words), _payers(sentence, words), {-s for s in _receivers(sentence, words)}]
        if len(signs) == 1 and all(len(s) < 2 for s in said) and any(s and s != signs for s in said):
            message = f"{rates[0].describe()} is paid by {'longs' if signs == {1} else 'shorts'}, and the text says otherwise"
            yield desk.finding(check, sentence, message, rates)
        elif len(said[1]) == 1 and said[1] == {-s for s in said[2]}:
            yield desk.finding(check, sentence, "the text lets one side pay itself", rates)


def _sign(fact: Fact) -> int:
    return 1 if fact.figure.number > 0 else -1


def _named(sentence: Sentence, words: Payments) -> set[int]:
    """The signs that the sentence names."""
    return {sign for sign, said in ((1, words.positive), (-1, words.negative)) if not said.isdisjoint(sentence.vocabulary)}


def _payers(sentence: Sentence, words: Payments) -> set[int]:
    """The sides that pay in the sentence, as the sign that the rate then has."""
    tokens = [t.lower for t in sentence.tokens]
    found: set[int] = set()
    verbs = [i for i, t in enumerate(tokens) if t in words.verbs]
    sides = sentence.of("side")
    about = not words.metric.isdisjoint(tokens)
    for mark in sides:
        before = tokens[max(0, mark.first - _NEAR - 1) : mark.first]
        paid_by = len(before) > 1 and before[-2] in words.verbs and before[-1] in words.by
        held = not words.holding.isdisjoint(before) or (about and not words.burden.isdisjoint(before[-1:]))
        pays = any(v >= mark.last and _subject_of(sentence, mark.first, v, verbs, tokens, words) for v in verbs)
        if paid_by or held or pays:
            found.add(_SIGNS[mark.key])
    return found


_SIGNS = {"long": 1, "short": -1}


def _receivers(sentence: Sentence, words: Payments) -> set[int]:
    """The sides that are paid."""
    tokens = [t.lower for t in sentence.tokens]
    verbs = [i for i, t in enumerate(tokens) if t in words.verbs]
    return {_SIGNS[m.key] for m in sentence.of("side") if verbs and m.first > verbs[0] and _receives(m.first, verbs, tokens, words)}


def _subject_of(sentence: Sentence, side: int, verb: int, verbs: list[int], tokens: list[str], words: Payments) -> bool:
    """Whether the side before a verb is the one that does it: the nearest one that no verb before has made the receiver."""
    if tokens[verb + 1 : verb + 2] and tokens[verb + 1] in words.by:
        return False
    givers = [m.first for m in sentence.of("side") if m.last <= verb and not _receives(m.first, verbs, tokens, words)]
    return bool(givers) and givers[-1] == side


def _receives(side: int, verbs: list[int], tokens: list[str], words: Payments) -> bool:
    """Whether a side stands right after a verb of paying, or after "to"."""
    before = tokens[side - 1 : side]
    if not words.to.isdisjoint(before) or (words.by.isdisjoint(before) and any(0 < side - v <= _NEAR for v in verbs)):
        return True
    return any(v < side and words.relative >= {*tokens[v + 1 : side]} for v in verbs)  # "pay those who are long"
