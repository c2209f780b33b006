"""10 Superlatives: who leads is the arg-max of the set; in: the desk, out: findings.

A "largest" with a date is a history statement (`recompute.py`); here stand those over a list: assets, funds, orders.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from newsgen.check._check import Check, Desk
from newsgen.check._facts import Fact
from newsgen.check.reader import Sentence
from newsgen.market import Reading
from newsgen.story import Finding

__all__ = ["CHECK"]


def superlatives(desk: Desk) -> Iterator[Finding]:
    """Check the largest fund, and sentences that say who led."""
    for fact in desk.facts_named("etf.top_fund"):
        larger = _larger_fund(desk, fact)
        if larger is not None:
            message = f"{fact.describe()} at {fact.figure.label} is called the largest, and {larger.key.venue} had {larger.value}"
            yield desk.finding("superlatives", "figures", message, [fact])
    for i, sentence in enumerate(desk.sentences):
        if sentence.of("led") and not any(d.minute is None for d in sentence.days):
            yield from _leaders(desk, sentence, [f for c in desk.claims[i] for f in c.fits])


def _larger_fund(desk: Desk, top: Fact) -> Reading | None:
    """A fund of the same asset and session with a larger flow, from the inputs, the readings or the view."""
    figure = top.figure
    flows = [r for r in (*figure.inputs, *desk.article.readings.values()) if isinstance(r, Reading)]
    if desk.view is not None:
        flows += [run.reading(-1) for run in desk.view.runs("etf.fund_flow", figure.subject)]
    for flow in flows:
        same = flow.key.series == "etf.fund_flow" and flow.key.subject == figure.subject and flow.observed_at == figure.observed_at
        sources = {i.key.source for i in figure.inputs if isinstance(i, Reading)}
        if same and flow.key.source in sources and abs(flow.value) > (top.value or Decimal(0)):
            return flow
    return None


def _leaders(desk: Desk, sentence: Sentence, told: list[Fact]) -> Iterator[Finding]:
    """The first named subject of a sentence that says who led must have the largest figure of that name."""
    for fact in told:
        rivals = [f for f in desk.facts_named(fact.name) if f.figure.subject != "market" and f.value is not None and fact.value is not None]
        larger = [f for f in rivals if (f.value or 0) > (fact.value or 0) and f.figure.scope == fact.figure.scope]
        if fact.figure.subject != "market" and larger:
            message = f"{larger[0].describe()} is larger than {fact.describe()}"
            yield desk.finding("superlatives", sentence, message, [fact, larger[0]])
            return


CHECK = Check("superlatives", 10, "Who is said to lead has the largest value of the set.", superlatives)
