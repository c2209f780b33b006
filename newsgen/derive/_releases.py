"""The releases of economic data that are followed, and what calendars say of them; in: a release and a moment, out: readings.

A release is one of a closed list, known by the names that calendars give it; where a calendar says how important it is, only the highest
counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from newsgen.market import Ask, Reading, Unit

__all__ = ["RELEASES", "counts", "reading_of", "unit_of"]

_HIGHEST = 3
# The releases that are followed, the one that is told first where several come at once; each with its names in calendars.
RELEASES: Mapping[str, tuple[str, ...]] = {
    "FED_RATE": ("USD Federal Funds Rate", "United States Fed Interest Rate Decision"),
    "PAYROLLS": ("USD Non-Farm Employment Change", "United States Nonfarm Payrolls"),
    "CORE_CPI_MM": ("USD Core CPI m/m", "United States Core CPI (MoM)"),
    "CPI_MM": ("USD CPI m/m", "United States CPI (MoM)"),
    "CPI_YY": ("USD CPI y/y", "United States CPI (YoY)"),
    "CORE_PCE_MM": ("USD Core PCE Price Index m/m", "United States Core PCE Price Index (MoM)"),
    "GDP_QQ": ("USD Advance GDP q/q", "United States GDP (QoQ)"),
    "PPI_MM": ("USD PPI m/m", "United States PPI (MoM)"),
    "RETAIL_MM": ("USD Retail Sales m/m", "United States Retail Sales (MoM)"),
    "JOBLESS_RATE": ("USD Unemployment Rate", "United States Unemployment Rate"),
    "ISM_SERVICES": ("USD ISM Services PMI", "United States ISM Non-Manufacturing PMI"),
    "ISM_FACTORIES": ("USD ISM Manufacturing PMI", "United States ISM Manufacturing PMI"),
    "JOB_OPENINGS": ("USD JOLTS Job Openings", "United States JOLTS Job Openings"),
    "ADP": ("USD ADP Non-Farm Employment Change", "United States ADP Nonfarm Employment Change"),
    "CLAIMS": ("USD Unemployment Claims", "United States Initial Jobless Claims"),
}


def reading_of(ask: Ask, series: str, name: str, at: int) -> Reading | None:
    """What a calendar says of the event of a name at a moment; the first in the sources' order that says anything."""
    for run in ask.view.runs(f"calendar.{series}", name):
        i = run.index_of(at)
        if i >= 0:
            return run.reading(i)
    return None


def counts(ask: Ask, key: str, at: int) -> bool:
    """Whether no calendar calls the release less than highly important."""
    found = [r for name in RELEASES[key] if (r := reading_of(ask, "importance", name, at)) is not None]
    return all(r.value >= _HIGHEST for r in found)


def unit_of(reading: Reading) -> Unit:
    """The unit of a number as its source writes it: percent, thousands or more are a count, else that of an index."""
    last = reading.origin.label.strip()[-1:]
    return Unit.PCT if last == "%" else Unit.COUNT if last in ("K", "M", "B") else Unit.INDEX
