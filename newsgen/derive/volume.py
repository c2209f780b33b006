"""Spot volume on Binance; in: daily and rolling volumes, out: dollars, ratio to thirty days, percentile of ninety."""

from __future__ import annotations

from decimal import Decimal

from newsgen.derive._figure import DAY, FRESH_S, from_reading, history, percentile_below, spec_kinds, year_trail
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit

__all__ = ["FIGURES"]

ASSET = spec_kinds["asset"]


def _present(ask: Ask, asset: str) -> Reading | Absent:
    """A rolling 24-hour volume, or the UTC day that has just ended."""
    for window in ("24h", "1d"):
        run = ask.view.run("spot.volume_quote", asset, window=window)
        if isinstance(run, Run) and ask.view.as_of_s - run.observed[-1] <= FRESH_S:
            return run.reading(-1)
    return Absent(f"no 24-hour volume of {asset} that ended in the past ten minutes")


def _past(ask: Ask, asset: str, days: int) -> tuple[Run, list[float]] | Absent:
    """The UTC days that ended before the present 24 hours began."""
    run = ask.view.run("spot.volume_quote", asset, window="1d")
    present = _present(ask, asset)
    if isinstance(run, Absent) or isinstance(present, Absent):
        return run if isinstance(run, Absent) else present if isinstance(present, Absent) else Absent("")
    end = int(present.observed_at.timestamp())
    values = [v for at, v in zip(run.observed, run.floats, strict=True) if end - (days + 1) * DAY < at <= end - DAY]
    if len(values) < 0.95 * days:
        return Absent(f"only {len(values)} of {days} daily volumes of {asset}")
    return run, values


def _quote(ask: Ask, asset: str) -> Figure | Absent:
    found = _present(ask, asset)
    return found if isinstance(found, Absent) else from_reading("volume.quote_24h", asset, found, window="24h")


def _ratio(ask: Ask, asset: str) -> Figure | Absent:
    volume, past = ask.figure("volume.quote_24h", asset), _past(ask, asset, 30)
    if isinstance(volume, Absent) or isinstance(past, Absent):
        return volume if isinstance(volume, Absent) else past if isinstance(past, Absent) else Absent("")
    run, values = past
    ratio = Decimal(str(round(float(volume.number) / (sum(values) / len(values)), 6)))
    _ = run
    return history("volume.ratio_30d", asset, Unit.RATIO, ratio, "mean_ratio(i1, 30)", [volume], window="24h")


def _percentile(ask: Ask, asset: str) -> Figure | Absent:
    volume, past = ask.figure("volume.quote_24h", asset), _past(ask, asset, 90)
    if isinstance(volume, Absent) or isinstance(past, Absent):
        return volume if isinstance(volume, Absent) else past if isinstance(past, Absent) else Absent("")
    value = Decimal(str(round(percentile_below(past[1], float(volume.number)), 4)))
    return history("volume.percentile_90d", asset, Unit.PCT, value, "percentile(i1, 90)", [volume], window="24h")


def _trail(ask: Ask, asset: str) -> Trail | Absent:
    run, present = ask.view.run("spot.volume_quote", asset, window="1d"), _present(ask, asset)
    if isinstance(run, Absent) or isinstance(present, Absent):
        return run if isinstance(run, Absent) else present if isinstance(present, Absent) else Absent("")
    return year_trail(run.observed, run.floats, int(present.observed_at.timestamp()) - DAY)


_NONE = "No volume for 24 hours that ended in the past ten minutes."

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("volume.quote_24h", Unit.USD, "Spot volume of 24 hours on Binance.", ASSET, _NONE, _quote, "24h", "", _trail),
    FigureSpec("volume.ratio_30d", Unit.RATIO, "That volume over the mean of the 30 days before.", ASSET, _NONE, _ratio, "24h"),
    FigureSpec("volume.percentile_90d", Unit.PCT, "Percent of the 90 days before with less volume.", ASSET, _NONE, _percentile, "24h"),
)
