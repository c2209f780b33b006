"""Parts against wholes within a draft: longs and shorts of one subject make its total; in: claims on liquidations, out: verdicts.

Needs no archive. Judges only what the figures have left open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from newsgen.check.factcheck.binding import frame_level
from newsgen.check.factcheck.claims import Claimed
from newsgen.check.factcheck.fit import hedge_of
from newsgen.check.factcheck.frames import FAR, Frame
from newsgen.check.factcheck.scene import Scene
from newsgen.check.factcheck.subjects import whom
from newsgen.check.reader.numerals import Numeral
from newsgen.market import Unit

__all__ = ["against_sums"]

_TOLERANCE = Decimal("0.01")
_Key = tuple[str, str, str]


def against_sums(told: Sequence[tuple[Scene, Numeral, Claimed]]) -> list[Claimed]:
    """The claims, with totals contradicted that their own parts do not add up to."""
    parts: dict[_Key, dict[str, Decimal]] = {}
    wholes: list[tuple[int, _Key]] = []
    for i, (scene, numeral, claim) in enumerate(told):
        key, side = _part(scene, numeral)
        if side in ("long", "short") and claim.truth != "contradicted":
            parts.setdefault(key, {}).setdefault(side, numeral.value)
        elif key[0] and not side:
            wholes.append((i, key))
    claims = [c for _, _, c in told]
    for i, key in wholes:
        sides = parts.get(key, {})
        if len(sides) == 2 and claims[i].truth == "unknown":
            claims[i] = _added_up(told[i], sum(sides.values(), Decimal(0)))
    return claims


def _part(scene: Scene, numeral: Numeral) -> tuple[_Key, str]:
    """Block, subject and venue of an amount of liquidations, and its side; empty when it is none."""
    frame = next((f for f in scene.words.frames if "liquidations.total_24h" in f.figures), None)
    none = (("", "", ""), "")
    if frame is None or Unit.USD not in numeral.units or not _speaks_of(scene, numeral, frame):
        return none
    who = whom(scene, numeral.first, frame)
    if len(who.subjects) != 1 or not who.sure or scene.windows(numeral):
        return none
    sides, own = scene.sentence.sides(numeral)
    venues = ",".join(sorted({m.key for m in scene.sentence.of("venue")}))
    return ((scene.block.where, who.subjects[0], venues), next(iter(sides)) if own and sides else "")


def _speaks_of(scene: Scene, numeral: Numeral, frame: Frame) -> bool:
    return frame.from_ <= numeral.value and frame_level(scene, numeral.first, frame, carry=False) < FAR


def _added_up(told: tuple[Scene, Numeral, Claimed], total: Decimal) -> Claimed:
    scene, numeral, claim = told
    hedge = hedge_of(scene, numeral).key
    slack = total * _TOLERANCE + numeral.step / 2
    above = hedge in ("more_than", "above", "passed", "at_least") and total >= numeral.value
    if above or abs(total - numeral.value) <= slack:
        return claim
    message = f"longs and shorts of this text make ${total / 1_000_000:,.1f} million together"
    return replace(claim, kind="sum", truth="contradicted", message=message)
