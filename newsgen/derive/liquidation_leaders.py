"""What stands out among liquidations: the largest single order, and the asset that leads; in: figures by asset, out: figures of the market.

The label is the asset, where it is known; the scope is that of the amount. The table of assets is of one source and one moment: a vendor's
totals over venues, else those on the one venue with a long series, and only where bitcoin, ether and a third asset are in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from newsgen.derive._figure import DAY, MARKET, Compute, computed, history, numbered
from newsgen.derive._tracks import Known, Track, known_of, trail_of
from newsgen.derive._venue import ASSETS, VENUE
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Trail, Unit

__all__ = ["FIGURES"]

_LEAST = 3  # assets that make a table


# The largest order


def _largest_order(ask: Ask) -> Figure | Absent:
    return ask.memo("largest order", lambda: _find_order(ask))


def _find_order(ask: Ask) -> Figure | Absent:
    """Of the market's and each asset's; the market's own first where they are the same order."""
    found = [ask.figure("liquidations.largest_order_24h", subject) for subject in ("market", *ask.view.assets)]
    known = [f for f in found if isinstance(f, Figure)]
    return max(known, key=lambda f: f.number) if known else Absent("no largest order of the past 24 hours is known")


def _order(ask: Ask, subject: str) -> Figure | Absent:
    order = _largest_order(ask)
    if isinstance(order, Absent):
        return order
    asset = "" if order.subject == "market" else order.subject
    return computed("liquidations_order.largest", subject, Unit.USD, "i1", [order], window="24h", scope=order.scope, label=asset,
                    window_end=order.window_end)  # fmt: skip


def _order_asset(ask: Ask, subject: str) -> Figure | Absent:
    order = ask.figure("liquidations_order.largest", subject)
    if isinstance(order, Absent) or not order.label:
        return order if isinstance(order, Absent) else Absent("the source does not say of which asset the largest order was")
    return history("liquidations_order.asset", subject, Unit.TEXT, order.label, "label(i1)", [order], label=order.label)


def _order_share(ask: Ask, subject: str) -> Figure | Absent:
    """Of the total of the same source over the same venues, of the order's asset or of the market."""
    order = _largest_order(ask)
    whole = order if isinstance(order, Absent) else ask.figure("liquidations.total_24h", order.subject)
    if isinstance(order, Absent) or isinstance(whole, Absent):
        return whole if isinstance(whole, Absent) else Absent("")
    if order.source != whole.source or "at_least" in (order.bound, whole.bound) or order.number > whole.number:
        return Absent("the largest order and the total are not from one source, or one of them is a lower bound")
    return computed("liquidations_order.of_total_pct", subject, Unit.PCT, "share(i1, i2)", [order, whole], window="24h",
                    label="" if order.subject == "market" else order.subject)  # fmt: skip


# The asset that leads


@dataclass(frozen=True, slots=True)
class _Table:
    """The totals of assets, of one source and moment."""

    family: Literal["liquidations", "liquidations_venue"]
    totals: Mapping[str, Figure]

    @property
    def leader(self) -> str:
        return max(self.totals, key=lambda asset: self.totals[asset].number)


def _table(ask: Ask) -> _Table | Absent:
    return ask.memo("liquidations table", lambda: _find_table(ask))


def _find_table(ask: Ask) -> _Table | Absent:
    for family in ("liquidations", "liquidations_venue"):
        totals = {a: f for a in ask.view.assets if isinstance(f := ask.figure(f"{family}.total_24h", a), Figure) and f.scope != "venues"}
        first = totals.get("BTC")
        if first is None:
            continue
        same = {a: f for a, f in totals.items() if (f.source, f.scope, f.window_end) == (first.source, first.scope, first.window_end)}
        if len(same) >= _LEAST and "ETH" in same:
            return _Table("liquidations" if family == "liquidations" else "liquidations_venue", same)
    found = ask.figure("liquidations_venue.total_24h", "BTC")
    return found if isinstance(found, Absent) else Absent("liquidations of bitcoin, ether and a third asset are not known from one source")


def _part(name: str, part: Literal["total", "long", "short"], asset: str = "") -> Compute:
    """An amount of the leading asset, or of a given one."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        table = _table(ask)
        if isinstance(table, Absent):
            return table
        own = asset or table.leader
        found = ask.figure(f"{table.family}.{part}_24h", own)
        if isinstance(found, Absent):
            return found
        return computed(name, subject, Unit.USD, "i1", [found], window="24h", window_start=found.window_start, window_end=found.window_end,
                        scope=found.scope, side=found.side, label=own)  # fmt: skip

    return compute


def _leader_name(ask: Ask, subject: str) -> Figure | Absent:
    leader = ask.figure("liquidations_table.leader", subject)
    if isinstance(leader, Absent):
        return leader
    return history("liquidations_table.leader_name", subject, Unit.TEXT, leader.label, "label(i1)", [leader], label=leader.label)


def _over_bitcoin(ask: Ask, subject: str) -> Figure | Absent:
    leader, bitcoin = ask.figure("liquidations_table.leader", subject), ask.figure("liquidations_table.bitcoin", subject)
    if isinstance(leader, Absent) or isinstance(bitcoin, Absent):
        return leader if isinstance(leader, Absent) else bitcoin
    return computed("liquidations_table.over_bitcoin_pct", subject, Unit.PCT, "pct_change(i1, i2)", [leader, bitcoin], window="24h",
                    scope=leader.scope, label=leader.label)  # fmt: skip


def _share(ask: Ask, subject: str) -> Figure | Absent:
    """Of the sum over the table."""
    table, leader = _table(ask), ask.figure("liquidations_table.leader", subject)
    if isinstance(table, Absent) or isinstance(leader, Absent):
        return table if isinstance(table, Absent) else leader if isinstance(leader, Absent) else Absent("")
    whole = numbered("sum", len(table.totals), 2)
    return computed("liquidations_table.leader_share", subject, Unit.PCT, f"share(i1, {whole})", [leader, *table.totals.values()],
                    window="24h", scope=leader.scope, label=leader.label)  # fmt: skip


def _leader_move(ask: Ask, subject: str) -> Figure | Absent:
    table = _table(ask)
    move = table if isinstance(table, Absent) else ask.figure("price.change_24h", table.leader)
    if isinstance(move, Absent):
        return move
    return computed("liquidations_table.leader_price_change", subject, Unit.PCT, "i1", [move], window="24h",
                    window_start=move.window_start, window_end=move.window_end, label=move.subject)  # fmt: skip


def _trail(ask: Ask, subject: str) -> Trail | Absent:
    """By how much the largest of the others lay above bitcoin, or below it, on UTC days of the venue."""
    found = _table(ask)
    if isinstance(found, Absent):
        return found
    sums = {a: total for a in ASSETS if (total := _days(ask, a))}
    if "BTC" not in sums or len(sums) < _LEAST:
        return Absent(f"no daily liquidations by asset on {VENUE}")
    bitcoin = sums.pop("BTC")
    shared = sorted(set(bitcoin).intersection(*sums.values()))
    rows = [(at, (max(s[at] for s in sums.values()) / bitcoin[at] - 1) * 100) for at in shared if bitcoin[at] > 0]
    track = Track([at for at, _ in rows], [v for _, v in rows])
    return trail_of([Known(track, 0, len(rows))], ask.view.as_of_s - DAY)


def _days(ask: Ask, asset: str) -> dict[int, float]:
    """Both sides of each UTC day."""
    runs = [ask.view.run(f"liq.{side}", asset, window="1d", venue=VENUE) for side in ("long", "short")]
    known = [known_of(run) for run in runs if isinstance(run, Run)]
    if len(known) < 2:
        return {}
    longs, shorts = (dict(zip(k.at, k.values, strict=True)) for k in known)
    return {at: longs[at] + shorts[at] for at in longs.keys() & shorts.keys()}


_NO_ORDER = "No largest order by a named source in the past ten minutes."
_NO_TABLE = "Bitcoin, ether and a third asset are not known from one source that gives all venues, nor on the one venue."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str, trail: Any = None) -> FigureSpec:
    return FigureSpec(name, unit, meaning, MARKET, absent, compute, "24h", example, trail)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("liquidations_order.largest", Unit.USD, "The largest single order that is known; the label is its asset.", _order, "98100000",
          _NO_ORDER),
    _spec("liquidations_order.asset", Unit.TEXT, "The asset of that order.", _order_asset, "BTC", "As for the order, or nobody says."),
    _spec("liquidations_order.of_total_pct", Unit.PCT, "That order in percent of all liquidations of its asset, or of the market.",
          _order_share, "13.1", "As for the order, or it and the total are not from one source, or one is a lower bound."),
    _spec("liquidations_table.leader", Unit.USD, "Liquidations of the asset with the most (see label).",
          _part("liquidations_table.leader", "total"), "91000000", _NO_TABLE),
    _spec("liquidations_table.leader_long", Unit.USD, "Longs of that asset.", _part("liquidations_table.leader_long", "long"), "61000000",
          _NO_TABLE),
    _spec("liquidations_table.leader_short", Unit.USD, "Shorts of that asset.", _part("liquidations_table.leader_short", "short"),
          "30000000", _NO_TABLE),
    _spec("liquidations_table.leader_name", Unit.TEXT, "Which asset that is.", _leader_name, "ETH", _NO_TABLE),
    _spec("liquidations_table.leader_share", Unit.PCT, "Its liquidations in percent of those of all assets in the table.",
          _share, "47.2", _NO_TABLE),
    _spec("liquidations_table.leader_price_change", Unit.PCT, "The 24-hour change of its price.", _leader_move, "-6.1",
          "As for the leader, or no change of its price."),
    _spec("liquidations_table.bitcoin", Unit.USD, "Liquidations of bitcoin in the same table.",
          _part("liquidations_table.bitcoin", "total", "BTC"), "52000000", _NO_TABLE),
    _spec("liquidations_table.over_bitcoin_pct", Unit.PCT, "By how much the leader's are larger than bitcoin's.", _over_bitcoin, "75",
          "As for the leader, or bitcoin had none.", _trail),
)  # fmt: skip
