"""A View: all that was known at a moment, and nothing later; in: an archive's columns, out: of each series the one that is to be used.

No network, disk or clock; knows no figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from newsgen.market._columns import Load, Run
from newsgen.market._units import Absent, check_aware, iso, to_epoch

# How old the newest reading of a source may be before another one is asked: prices and what derives from them ten minutes, what comes
# once a day a little over a day, what rests over a long weekend five days (editorial.md section 1).
PATIENCE_S: Mapping[str, int] = {
    "spot": 600, "perp": 600, "aggregate": 1800, "market": 7200, "open_interest": 7200, "funding": 9 * 3600, "accounts": 7200,
    "dominance": 26 * 3600, "sentiment": 26 * 3600, "stablecoins": 26 * 3600, "etf": 5 * 86_400, "index": 5 * 86_400,
}  # fmt: skip
_JUDGED_BY: Mapping[str, tuple[str, ...]] = {"spot": ("spot.last", "spot.close"), "perp": ("perp.last", "perp.mark", "perp.close")}


class View:
    """All that was known at `as_of`, and nothing later.

    A series that several sources give is taken from one of them, the first in their order of precedence; where that one has fallen silent
    and another speaks, from the other.

    Args:
        as_of: The edition's cut-off, aware.
        load: Gives the columns of (series, subject), all windows, sources and venues; an archive's method.
        assets: The assets that the edition follows, most important first.
        precedence: Per series ("etf.net_flow") or family ("liq", "spot") the sources in order of preference.
        patience_s: Per family, how old a source's newest reading may be before it counts as silent.
    """

    def __init__(
        self,
        as_of: datetime,
        load: Load,
        assets: Sequence[str],
        precedence: Mapping[str, Sequence[str]] | None = None,
        patience_s: Mapping[str, int] = PATIENCE_S,
    ) -> None:
        self.as_of = check_aware(as_of, "as_of")
        self.as_of_s = to_epoch(self.as_of)
        self.assets = tuple(assets)
        self._load = load
        self.precedence = dict(precedence or {})
        self.patience_s = patience_s
        self._silent: dict[tuple[str, str], frozenset[str]] = {}
        self._runs: dict[tuple[str | None, ...], tuple[Run, ...]] = {}  # by all that was asked
        self._preferred: dict[tuple[str, ...], Run | Absent] = {}  # one article asks a hundred times for forty runs

    def at(self, moment: datetime) -> View:
        """The same archive as it was known at another moment."""
        return View(moment, self._load, self.assets, self.precedence, self.patience_s)

    def runs(self, series: str, subject: str, *, window: str | None = None, source: str | None = None,
             venue: str | None = None) -> tuple[Run, ...]:  # fmt: skip
        """The known, non-empty columns that match, in order of the sources' precedence."""
        asked = (series, subject, window, source, venue)
        found = self._runs.get(asked)
        if found is None:
            found = self._runs[asked] = self._narrowed(self._all_runs(series, subject), window, source, venue)
        return found

    def _all_runs(self, series: str, subject: str) -> tuple[Run, ...]:
        key = (series, subject, None, None, None)
        if key not in self._runs:
            known = [run for column in self._load(series, subject) if len(run := column.until(self.as_of_s))]
            self._runs[key] = tuple(known if len(known) < 2 else self._ranked(series, subject, known))
        return self._runs[key]

    @staticmethod
    def _narrowed(found: tuple[Run, ...], window: str | None, source: str | None, venue: str | None) -> tuple[Run, ...]:
        if window is not None:
            found = tuple([r for r in found if r.key.window == window])
        if source is not None:
            found = tuple([r for r in found if r.key.source == source])
        return found if venue is None else tuple([r for r in found if r.key.venue == venue])

    def _ranked(self, series: str, subject: str, runs: Sequence[Run]) -> list[Run]:
        sources = {r.key.source for r in runs}
        silent = self._silent_ones(series, subject, runs) if len(sources) > 1 else frozenset()
        order = self.precedence.get(series, self.precedence.get(series.partition(".")[0], ()))
        return sorted(runs, key=lambda r: (r.key.source in silent, _rank(order, r.key.source), r.key))

    def _silent_ones(self, series: str, subject: str, runs: Sequence[Run]) -> frozenset[str]:
        """The sources whose newest reading is too old while another's is not. A family that is judged as one (`spot`: bars and ticker
        of one exchange belong together) asks its own series."""
        family = series.partition(".")[0]
        judged = _JUDGED_BY.get(family)
        key = (family if judged else series, subject)
        if key not in self._silent:
            shown = runs if judged is None else [r for name in judged for c in self._load(name, subject) if len(r := c.until(self.as_of_s))]
            self._silent[key] = _silent(shown, self.as_of_s, self.patience_s.get(family, 0))
        return self._silent[key]

    def source_of(self, series: str, subject: str) -> str | Absent:
        """The source whose columns of a series come first; for a family that is judged as one, of all its series."""
        run = self.run(series, subject)
        return run if isinstance(run, Absent) else run.key.source

    def run(self, series: str, subject: str, **narrow: str) -> Run | Absent:
        """The preferred column that matches, or Absent with what is missing."""
        key = (series, subject, *narrow, *narrow.values())
        found = self._preferred.get(key)
        if found is None:
            found = self._preferred[key] = self._prefer(series, subject, narrow)
        return found

    def _prefer(self, series: str, subject: str, narrow: Mapping[str, str]) -> Run | Absent:
        found = self.runs(series, subject, **narrow)
        if found:
            return found[0]
        detail = ", ".join(f"{k} {v}" for k, v in narrow.items())
        return Absent(f"no {series} of {subject}" + (f" ({detail})" if detail else "") + f" known at {iso(self.as_of)}")


def _silent(runs: Sequence[Run], as_of_s: int, patience_s: int) -> frozenset[str]:
    newest: dict[str, int] = {}
    for run in runs:
        newest[run.key.source] = max(newest.get(run.key.source, 0), run.at(-1))
    late = {source for source, at in newest.items() if as_of_s - at > patience_s}
    return frozenset(late) if patience_s and len(late) < len(newest) else frozenset()


def _rank(order: Sequence[str], source: str) -> int:
    return order.index(source) if source in order else len(order)
