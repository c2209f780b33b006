"""Of whom a sentence speaks; in: a scene and an amount or word of it, out: the subjects that may be meant, and whether that is sure.

A name in the segment comes first, then one of the clause, then of the sentence, then what was named last before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from newsgen.check.factcheck.frames import Frame
from newsgen.check.factcheck.scene import Scene
from newsgen.check.reader.bind import Mark

__all__ = ["Whom", "names_a_stranger", "whom"]

_KINDS = {"assets": "asset", "indices": "index", "companies": "company", "markets": "market", "funds": "fund"}
_ATTACHED = 2  # words between a name and what it is attached to: "ether shorts", "shorts in BTC"


class Whom(NamedTuple):
    """The subjects that may be meant, the likeliest first."""

    subjects: tuple[str, ...]
    sure: bool
    every: bool = False  # one of these it is: what is false of each of them is false


def whom(scene: Scene, token: int, frame: Frame) -> Whom:
    """The subjects of a frame for what stands at a token."""
    if frame.of == ("market",):
        return Whom(("market",), True)
    if "market" in frame.of:
        return _asset_or_market(scene, token)
    if _by_pronoun(scene, token):
        return _carried(scene, frame)
    named = _of_kind(scene, scene.sentence.of("subject") if frame.of == ("company",) or frame.anyone else _nearest(scene, token), frame.of)
    if named:
        return Whom(named, len(named) == 1, every=True)
    own = [m for m in scene.sentence.of("subject") if scene.sentence.segment[m.first] == scene.sentence.segment[token]]
    if names_a_stranger(scene, token):
        return Whom((), False)
    if [m for m in own if m.key != "market"] and frame.of != ("company",):
        return Whom(_recent(scene, frame), False) if frame.of_funds else Whom((), False)
    before = _of_kind(scene, [m for m in scene.sentence.of("subject") if m.last <= token], frame.of)
    carried = _carried(scene, frame)
    if before or not carried.subjects:
        everywhere = before or _of_kind(scene, scene.sentence.of("subject"), frame.of)
        return Whom(everywhere, len(everywhere) == 1)
    return carried


def _by_pronoun(scene: Scene, token: int) -> bool:
    """ "Its gain of 72% is half of bitcoin's": a pronoun before the amount, and no name before it in the sentence."""
    segment = scene.sentence.segment
    own = [i for i in range(token) if segment[i] == segment[token]]
    said = [i for i in own if scene.lower[i] in scene.words.cues.pronouns]
    return bool(said) and scene.before is not None and not any(m.first < token for m in scene.sentence.of("subject"))


def _nearest(scene: Scene, token: int) -> list[Mark]:
    """The names of the token's segment, the nearest before it first; else those before it in its clause, else all of its clause."""
    sentence = scene.sentence
    marks = sentence.of("subject")
    own = [m for m in marks if sentence.segment[m.first] == sentence.segment[token]]
    if own:
        right_before = [m for m in own if m.last <= token]
        return right_before[-1:] or own
    clause = [m for m in marks if sentence.clause[m.first] == sentence.clause[token]]
    before = [m for m in clause if m.last <= token]
    return before[::-1] or clause  # of several the last is the likeliest, and none is sure


def _of_kind(scene: Scene, marks: Iterable[Mark], kinds: tuple[str, ...]) -> tuple[str, ...]:
    kind_of = scene.words.reader.kind_of_subject
    return tuple(dict.fromkeys(m.key for m in marks if _KINDS[kind_of[m.key]] in kinds))


def _carried(scene: Scene, frame: Frame) -> Whom:
    """What was named before: of one name it is sure that it is meant; of others each may be."""
    recent = _recent(scene, frame)
    if scene.subject not in recent or frame.of_funds:
        return Whom(recent, False)
    same = scene.before is not None and scene.before.block is scene.block and bool(scene.before.sentence.of("subject"))
    if scene.alone and same and not scene.words.cues.pronouns.isdisjoint(scene.lower):
        return Whom((scene.subject,), True)
    return Whom(tuple(dict.fromkeys((scene.subject, *recent))), scene.alone and len(recent) == 1, every=True)


def _recent(scene: Scene, frame: Frame) -> tuple[str, ...]:
    kind_of = scene.words.reader.kind_of_subject
    return tuple(s for s in scene.recent if _KINDS.get(kind_of.get(s, "")) in frame.of)


def _asset_or_market(scene: Scene, token: int) -> Whom:
    """Liquidations are of an asset where its name is attached to them or to the amount; else they may be the market's too."""
    sentence = scene.sentence
    clause = [m for m in sentence.of("subject") if sentence.clause[m.first] == sentence.clause[token]]
    own = [m for m in clause if sentence.segment[m.first] == sentence.segment[token]]
    assets = _of_kind(scene, own, ("asset",))
    if any(m.key == "market" for m in own):
        return Whom(("market",), True)
    attached = _of_kind(scene, [m for m in own if _is_attached(scene, m, token)], ("asset",))
    if attached:
        return Whom(attached, len(attached) == 1)
    before = [m for m in clause if m.last <= token and _is_attached(scene, m, token)]
    if before and not own:
        last = before[-1].key
        return Whom(_of_kind(scene, before[-1:], ("asset",)) if last != "market" else ("market",), True)
    if any(m.key == "market" for m in clause):
        return Whom(("market", *assets), True)
    if assets or names_a_stranger(scene, token):
        return Whom(("market", *assets), False)
    others = _of_kind(scene, sentence.of("subject"), ("asset",))
    carried = _of_kind_names(scene, (scene.subject,)) if not others and _before_is_of_liquidations(scene) else ()
    return Whom(("market", *others, *carried), not carried, every=bool(carried))


def _of_kind_names(scene: Scene, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(n for n in names if scene.words.reader.kind_of_subject.get(n) == "assets")


def _before_is_of_liquidations(scene: Scene) -> bool:
    before = scene.before
    if before is None or not before.sentence.of("side"):
        return False
    return scene.subject in {m.key for m in before.sentence.of("subject")} and not any(
        m.key == "market" for m in before.sentence.of("subject")
    )


def _is_attached(scene: Scene, mark: Mark, token: int) -> bool:
    """Whether a name stands beside a word of side or of liquidations, or right before the amount: "ether shorts", "in ether"."""
    lower = scene.lower
    reach = range(max(0, mark.first - _ATTACHED - 1), min(len(lower), mark.last + _ATTACHED + 1))
    sides = {i for m in scene.sentence.of("side") for i in range(m.first, m.last)}
    forced = scene.words.sets["forced"]
    beside = any(i in sides or forced.holds(lower[i]) for i in reach)
    amount = next((n for n in scene.sentence.numerals if n.first == token), None)
    after = amount is not None and 0 <= mark.first - amount.last <= _ATTACHED
    return (beside and not _owns_a_verb(scene, mark)) or 0 <= token - mark.last <= 1 or after


def _owns_a_verb(scene: Scene, mark: Mark) -> bool:
    """ "bitcoin's rise liquidated", "bitcoin rose": the name belongs to the move, not to the positions."""
    after = mark.last
    if after < len(scene.lower) and scene.lower[after] in scene.words.cues.possessive:
        after += 1
    return any(m.first == after and m.kind == "direction" for m in scene.sentence.marks)


def names_a_stranger(scene: Scene, token: int) -> bool:
    """Whether the segment names, in capitals, what the reader does not know: its price must not be taken for another's."""
    sentence = scene.sentence
    known = {i for m in sentence.marks for i in range(m.first, m.last)} | {i for d in sentence.days for i in range(d.first, d.last)}
    numbers = {i for n in sentence.numerals for i in range(n.first, n.last)}
    plain = scene.words.guards.plain
    for i, printed in enumerate(sentence.tokens):
        if sentence.segment[i] != sentence.segment[token] or i in known or i in numbers or not printed.text[0].isupper():
            continue
        if printed.text not in plain and printed.text not in scene.words.reader.months and not _opens(scene, i):
            return True
    return False


def _opens(scene: Scene, i: int) -> bool:
    """Whether a capital is but that of a sentence's first word, which no verb follows."""
    sentence = scene.sentence
    if i or sentence.tokens[i].text.isupper():
        return False
    following = [m for m in sentence.marks if m.first in (1, 2) and m.kind == "direction"]
    return not following and (len(scene.lower) < 2 or scene.lower[1] not in scene.words.cues.verbs_of_names)
