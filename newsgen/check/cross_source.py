"""13 Cross-source: what a second source says of the same; in: the desk, out: findings that name both values.

Only readings of one series, subject, window and moment are set against each other. Sources differ: beyond a tolerance the editor is told,
and a price that is far from every other exchange's holds the article. Where flows or liquidations differ, the paragraph that tells the
number names its source, else the article is held. Needs the View; without it nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from newsgen.check._check import Check, Desk
from newsgen.market import Reading, Run, View, iso, to_epoch
from newsgen.story import Finding, Severity

__all__ = ["CHECK"]


class Tolerance(NamedTuple):
    """How far two sources may lie apart. Units: percent of the printed value."""

    warn: Decimal
    block: Decimal | None = None
    apart_s: int = 0  # how far their moments may lie apart
    named: bool = False  # beyond it the source stands beside the number


# Flows and liquidations: editorial.md section 1; prices: section 7, rule 9.
_TOLERANCES = {
    "etf.net_flow": Tolerance(Decimal(5), named=True),
    "etf.fund_flow": Tolerance(Decimal(5), named=True),
    "liq": Tolerance(Decimal(30), None, 600, named=True),
    "spot.last": Tolerance(Decimal(1), Decimal(3), 60),
    "spot.close": Tolerance(Decimal(1), Decimal(3)),
    "spot.high": Tolerance(Decimal(1), Decimal(3)),
    "spot.low": Tolerance(Decimal(1), Decimal(3)),
    "aggregate.price": Tolerance(Decimal(1), Decimal(3), 600),
    "index.close": Tolerance(Decimal("0.5"), Decimal(3)),
    "market.cap": Tolerance(Decimal(5), None, 3600),
    "dominance.btc": Tolerance(Decimal(3), None, 3600),
    "stablecoins.supply": Tolerance(Decimal(5), None, 86_400),
}
_BY_VENUE = frozenset({"liq", "etf"})  # where another venue is another thing; one asset's price is the same thing everywhere


def cross_source(desk: Desk) -> Iterator[Finding]:
    """Set every reading that the article rests on against other sources' readings of the same."""
    if desk.view is None:
        return
    for reading in desk.article.readings.values():
        tolerance = _TOLERANCES.get(reading.key.series) or _TOLERANCES.get(reading.key.series.partition(".")[0])
        if tolerance is None or not reading.value:
            continue
        others = list(_others(desk.view, reading, tolerance.apart_s))
        far = [(o, _apart(reading, o)) for o in others if _apart(reading, o) > tolerance.warn]
        if far:
            used = tuple(name for name, f in desk.article.figures.items() if any(i is reading for i in f.inputs))
            unnamed = tolerance.named and not _is_named(desk, reading, used)
            yield _finding(reading, *max(far, key=lambda f: f[1]), tolerance, used, alone=len(far) == len(others), unnamed=unnamed)


def _is_named(desk: Desk, reading: Reading, used: tuple[str, ...]) -> bool:
    """Whether a paragraph that tells a figure of the reading names its source; what no text tells needs no name."""
    places = {desk.sentences[i].where for i, claims in desk.claims.items() if any(f.id in used for c in claims for f in c.fits)}
    told = {where: text.text for where, text in desk.article.texts() if where in places}
    bodies = {where: text for where, text in told.items() if where.startswith("paragraphs")}
    return not told or (bool(bodies) and any(reading.origin.source_name in text for text in bodies.values()))


def _others(view: View, reading: Reading, apart_s: int) -> Iterator[Reading]:
    """What other sources say of the same, nearest in time."""
    key, at = reading.key, to_epoch(reading.observed_at)
    for run in view.runs(key.series, key.subject, window=key.window):
        same_thing = run.key.venue == key.venue or key.series.partition(".")[0] not in _BY_VENUE
        if run.key.source != key.source and same_thing and (found := _near(run, at, apart_s)) is not None:
            yield found


def _near(run: Run, at: int, apart_s: int) -> Reading | None:
    i = run.index_at(at + apart_s)
    return run.reading(i) if i >= 0 and abs(run.at(i) - at) <= apart_s else None


def _apart(a: Reading, b: Reading) -> Decimal:
    """The distance in percent of the first."""
    return abs(b.value / a.value - 1) * 100


def _finding(reading: Reading, other: Reading, apart: Decimal, tolerance: Tolerance, used: tuple[str, ...], *, alone: bool,
             unnamed: bool) -> Finding:  # fmt: skip
    """It blocks where no source agrees with the printed one, or where the text does not say whose number it is."""
    block = tolerance.block is not None and apart > tolerance.block and alone
    severity: Severity = "block" if block or unnamed else "warn"
    limit = tolerance.block if block else tolerance.warn
    what = f"{reading.key.series} of {reading.key.subject}" + (f" ({reading.key.window})" if reading.key.window else "")
    message = (f"{what} at {iso(reading.observed_at)}: {reading.origin.source_name} says {reading.value:,f} {reading.unit} and "
               f"{other.origin.source_name} {other.value:,f}, {apart:.1f}% apart, more than {limit}%"
               + (": name the source beside the number" if unnamed else ""))  # fmt: skip
    return Finding("cross_source", severity, "figures", message, used)


CHECK = Check(
    "cross_source",
    13,
    "No second source contradicts what is printed; where one does, the text names its own, and a price does not stand alone.",
    cross_source,
    "warn",
)
