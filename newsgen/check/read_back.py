"""18 Read-back: parse the finished text; every amount, date and word of side, window and direction must be a figure's.

In: the desk. Out: findings. Catches a changed number, and a right number beside a changed asset, side, window or direction.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check._amounts import amount_findings, window_findings
from newsgen.check._check import Check, Desk
from newsgen.check._directions import direction_findings
from newsgen.check._facts import Fact
from newsgen.check._moments import dated_facts, day_findings
from newsgen.check._names import one_subject_findings, one_whole_findings, source_findings, subject_findings, venue_findings
from newsgen.check._orders import flow_findings, level_findings, peak_findings
from newsgen.check._pairs import pair_findings, path_findings
from newsgen.check._payers import payer_findings
from newsgen.check._ranks import rank_findings
from newsgen.check._records import record_findings
from newsgen.check._sides import side_findings, total_findings
from newsgen.story import Finding

__all__ = ["CHECK"]


def read_back(desk: Desk) -> Iterator[Finding]:
    """Read every sentence against the figures."""
    for i, sentence in enumerate(desk.sentences):
        claims = desk.claims[i]
        dated = dated_facts(desk, sentence)
        told = [f for c in claims for f in c.fits]
        facts: list[Fact] = [*told, *(f for found in dated.values() for f in found)]
        yield from amount_findings(desk, sentence, claims)
        yield from day_findings(desk, "read_back", sentence, claims, dated)
        yield from side_findings(desk, sentence, [*told, *(f for found in dated.values() for f in found if f.days)])
        yield from total_findings(desk, sentence, claims)
        yield from window_findings(desk, sentence, claims, facts)
        yield from subject_findings(desk, sentence, claims)
        yield from one_subject_findings(desk, sentence, claims)
        yield from one_whole_findings(desk, sentence, claims)
        yield from venue_findings(desk, sentence, told)
        yield from source_findings(desk, sentence, told)
        yield from rank_findings(desk, "read_back", sentence, claims, dated)
        yield from direction_findings(desk, "read_back", sentence, claims, dated)
        yield from pair_findings(desk, "read_back", sentence, claims)
        yield from level_findings(desk, "read_back", sentence, claims)
        yield from flow_findings(desk, "read_back", sentence, claims)
        yield from peak_findings(desk, "read_back", sentence, claims)
    yield from path_findings(desk, "read_back")
    yield from payer_findings(desk, "read_back")
    yield from record_findings(desk, "read_back")
    yield from attribution_findings(desk)
    yield from falsehood_findings(desk)


def attribution_findings(desk: Desk) -> Iterator[Finding]:
    """Sources named in the text that the article does not use."""
    used = {s.casefold() for s in desk.sources}
    attribution = desk.words.attribution
    for sentence in desk.sentences:
        for pattern in attribution.regexes if any(cue in sentence.text for cue in attribution.cues) else ():
            for match in pattern.finditer(sentence.text):
                for name in attribution.names(match.group(1)):
                    if not any(name.casefold() in one or one in name.casefold() for one in used):
                        yield desk.finding("read_back", sentence, f'"{name}" is no source of this article')


def falsehood_findings(desk: Desk) -> Iterator[Finding]:
    """Sentences on mechanics that are never true: static text that somebody changed."""
    for falsehood in desk.words.falsehoods:
        for sentence, _ in desk.search(falsehood):
            yield desk.finding("read_back", sentence, f"this cannot be: {falsehood.why}")


CHECK = Check("read_back", 18, "Every amount, date and word about them is a figure's, and every named source is used.", read_back)
