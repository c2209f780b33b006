"""Farside: the flow pages in their own markup, millions of dollars, negatives in brackets, dashes for the session in progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.market import from_epoch
from newsgen.testing._wire import Scene, Wire, Write

__all__ = ["WIRE"]

_NEW_YORK = ZoneInfo("America/New_York")
_DAYS = 14


def _cell(value: Decimal | None) -> str:
    if value is None:
        text = "-"
    else:
        shown = f"{abs(value) / 1_000_000:,.1f}"
        text = f'<span class="redFont">({shown})</span>' if value < 0 else shown
    return f'<td><div align="right"><span class="tabletext">{text}</span></div></td>'


def _head(names: Sequence[str]) -> str:
    cells = "".join(f'<th><div align="right"><span class="tabletext">{n}</span></div></th>' for n in names)
    return f'<tr bgcolor="#eaeffa"><th><span class="tabletext">&nbsp;&nbsp;</span></th>{cells}</tr>'


def _row(day: date, values: Sequence[Decimal | None]) -> str:
    return f'<tr><td><span class="tabletext">{day:%d %b %Y}</span></td>{"".join(map(_cell, values))}</tr>'


def _page(asset: str, title: str) -> Write:
    def write(scene: Scene, params: Mapping[str, str]) -> bytes:
        total = scene.run("etf.net_flow", asset)
        funds = [r for r in scene.view.runs("etf.fund_flow", asset) if r.key.source == "farside"]
        days: dict[date, Sequence[Decimal | None]] = {}
        for i in range(max(0, len(total) - _DAYS), len(total)) if total else ():
            assert total is not None
            at = total.at(i)
            values = [f.decimal(j) if (j := f.index_of(at)) >= 0 else None for f in funds]
            days[from_epoch(at).astimezone(_NEW_YORK).date()] = [*values, total.decimal(i)]
        today = scene.at.astimezone(_NEW_YORK).date()
        if today.weekday() < 5:
            days.setdefault(today, [None] * (len(funds) + 1))
        rows = [_row(day, values) for day, values in days.items()]
        head = _head([*(f.key.venue for f in funds), "Total"])
        page = [
            '<!DOCTYPE html>',
            f'<html lang="en-GB"><head><meta charset="UTF-8"><title>{title} &#8211; Farside Investors</title></head><body>',
            f"<h1>{title} (US$m)</h1>", '<table class="etf">', "<thead>", head, "</thead>", "<tbody>", *rows, _row_named("Total", funds),
            "</tbody>", "</table></body></html>",
        ]  # fmt: skip
        return "\n".join(page).encode()

    return write


def _row_named(name: str, funds: Sequence[object]) -> str:
    return f'<tr><td><span class="tabletext">{name}</span></td>{_cell(Decimal(1_000_000)) * (len(funds) + 1)}</tr>'


WIRE = Wire({"btc": _page("BTC", "Bitcoin ETF Flow"), "eth": _page("ETH", "Ethereum ETF Flow")})
