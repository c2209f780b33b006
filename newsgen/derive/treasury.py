"""Bitcoin that companies keep; in: announcements and vendors' lists of holdings, out: the last purchase with cost, rank and worth.

The market's figures are those of the company that announced last, of several the one that bought most: the very same figures, no copies.
The archive may lack an announcement: a rank in history is stated only where the coins that no announcement explains are fewer than the
purchase itself. A price that bitcoin did not have in the months before is a slip of the list, and left out together with the cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from newsgen.derive._figure import COMPANY, DAY, MARKET, Compute, computed, exact, from_reading, history, ref, session_of
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import known_of, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, from_epoch, to_epoch

__all__ = ["FIGURES"]

_COIN = "BTC"
_COMPANIES = ("Strategy", "Metaplanet", "MARA")
_NEWS_S = 3 * DAY
_WEEKLY_S = 8 * DAY  # how old weekly data may be (editorial.md section 1)
_LISTED_S = 26 * 3600  # a list is read every hour
_BOUGHT_WITHIN_DAYS = 95  # what is announced was bought since the last report, a quarter ago at most
_AVERAGE_OFF = 0.1  # how far an average may lie beyond the closes of that time
_VALUE_OFF = Decimal("0.03")  # amount x price = value (editorial.md section 7, check 8)


def _reading(ask: Ask, series: str, company: str, max_age_s: int) -> Reading | Absent:
    run = ask.view.run(series, company, venue=_COIN)
    if isinstance(run, Absent):
        return run
    if ask.view.as_of_s - run.at(-1) > max_age_s:
        return Absent(f"the last announcement of {company} is of {session_of(run.at(-1))}")
    return run.reading(-1)


def _purchase(ask: Ask, company: str) -> Reading | Absent:
    reading = _reading(ask, "treasury.purchase", company, _NEWS_S)
    if isinstance(reading, Reading) and reading.value <= 0:
        return Absent(f"the last announcement of {company} was no purchase")
    return reading


def _part(ask: Ask, series: str, company: str) -> Reading | Absent:
    """A reading of the same announcement as the last purchase."""
    bought = _purchase(ask, company)
    if isinstance(bought, Absent):
        return bought
    run = ask.view.run(series, company, venue=_COIN, source=bought.key.source)
    if isinstance(run, Absent):
        return run
    i = run.index_of(to_epoch(bought.observed_at))
    return run.reading(i) if i >= 0 else Absent(f"the announcement of {company} gives no {series}: the last is of {session_of(run.at(-1))}")


def _amount(ask: Ask, company: str) -> Figure | Absent:
    bought = _purchase(ask, company)
    return bought if isinstance(bought, Absent) else from_reading("treasury.last_purchase", company, bought)


def _cost(name: str, series: str) -> Compute:
    """What was paid, in all or a coin; absent where it cannot be right."""

    def compute(ask: Ask, company: str) -> Figure | Absent:
        reading = _part(ask, series, company)
        if isinstance(reading, Absent):
            return reading
        slip = ask.memo(("slip of", company), lambda: _slip(ask, company))
        return Absent(slip) if slip else from_reading(name, company, reading)

    return compute


def _slip(ask: Ask, company: str) -> str:
    """Why coins, price and cost of an announcement cannot all be right; "" when they can."""
    coins, price, cost = (_part(ask, f"treasury.{s}", company) for s in ("purchase", "purchase_price", "purchase_usd"))
    if isinstance(coins, Absent) or isinstance(price, Absent):
        return ""
    if isinstance(cost, Reading) and abs(coins.value * price.value - cost.value) > cost.value * _VALUE_OFF:
        return f"the announcement of {company} contradicts itself: coins and average price do not make the cost"
    low, high = _closes_of_the_quarter(ask, to_epoch(coins.observed_at))
    if low and not low * (1 - _AVERAGE_OFF) <= float(price.value) <= high * (1 + _AVERAGE_OFF):
        return f"the announcement of {company} names a price that bitcoin did not have in the {_BOUGHT_WITHIN_DAYS} days before"
    return ""


def _closes_of_the_quarter(ask: Ask, until: int) -> tuple[float, float]:
    """The lowest and highest daily close in which the coins can have been bought; zeros where none is known."""
    run = ask.view.run("spot.close", _COIN, window="1d")
    known = None if isinstance(run, Absent) else known_of(run).until(until).after(until - _BOUGHT_WITHIN_DAYS * DAY)
    return (min(known.values), max(known.values)) if known else (0.0, 0.0)


def _at(ask: Ask, company: str) -> Figure | Absent:
    reading = _purchase(ask, company)
    if isinstance(reading, Absent):
        return reading
    return history("treasury.last_purchase_at", company, Unit.DATE, session_of(to_epoch(reading.observed_at)), "session(i1)", [reading])


def _holdings(ask: Ask, company: str) -> Figure | Absent:
    reading = _reading(ask, "treasury.holdings", company, _WEEKLY_S)
    return reading if isinstance(reading, Absent) else from_reading("treasury.holdings", company, reading)


def _after(ask: Ask, company: str) -> Figure | Absent:
    reading = _part(ask, "treasury.holdings", company)
    return reading if isinstance(reading, Absent) else from_reading("treasury.holdings_after", company, reading)


def _of_figures(name: str, unit: Unit, formula: str, first: tuple[str, str], second: tuple[str, str]) -> Compute:
    """A figure made from two others, each given as name and subject; "" is the company."""

    def compute(ask: Ask, company: str) -> Figure | Absent:
        one, other = (ask.figure(figure, subject or company) for figure, subject in (first, second))
        if isinstance(one, Absent) or isinstance(other, Absent):
            return one if isinstance(one, Absent) else other
        return computed(name, company, unit, formula, [one, other])

    return compute


def _share(ask: Ask, company: str) -> Figure | Absent:
    held, supply = ask.figure("treasury.holdings_after", company), ask.view.run("reference.supply", _COIN)
    if isinstance(held, Absent) or isinstance(supply, Absent):
        return held if isinstance(held, Absent) else supply if isinstance(supply, Absent) else Absent("")
    if ask.view.as_of_s - supply.at(-1) > _WEEKLY_S:
        return Absent("the supply of bitcoin is not known of the past eight days")
    return computed("treasury.supply_share", company, Unit.PCT, "share(i1, i2)", [held, supply.reading(-1)])


@dataclass(frozen=True, slots=True)
class _Announcements(Piece):
    """Announcements come when they come: whether one is missing is told by the holdings."""

    def points(self, after: int, until: int) -> tuple[int, float]:
        return 1, 1.0


def _largest_since(ask: Ask, company: str) -> Figure | Absent:
    name, present = "treasury.purchase_largest_since", ask.figure("treasury.last_purchase", company)
    run = ask.view.run("treasury.purchase", company, venue=_COIN)
    if isinstance(present, Absent) or isinstance(run, Absent):
        return present if isinstance(present, Absent) else run if isinstance(run, Absent) else Absent("")
    known = known_of(run).until(run.at(-1) - 1)
    if not len(known):
        return Absent(f"{name} of {company}: no earlier announcement")
    observed = known.track.at
    piece = _Announcements(known, 0, lambda i: [run.reading(run.index_of(observed[i]))])
    past = Past((piece,), (ref(run, run.at(-1) - 1),), "i1", session_of)
    found = past.newest_beyond(present.number, low=False)
    lacking = _unexplained(ask, company, run, run.index_of(observed[found[1]]) if found else 0)
    if lacking is None or abs(lacking) >= present.number:
        return Absent(f"{name} of {company}: the announcements since then do not explain its holdings")
    return since(ask, name, company, present, past, at=session_of(run.at(-1)))


def _unexplained(ask: Ask, company: str, bought: Run, first: int) -> Decimal | None:
    """Coins by which the holdings grew since an announcement beyond what was announced; None when they are not known."""
    held = ask.view.run("treasury.holdings", company, venue=_COIN, source=bought.key.source)
    if isinstance(held, Absent):
        return None
    begin, end = held.index_of(bought.at(first)), held.index_of(bought.at(-1))
    if begin < 0 or end < 0:
        return None
    return held.decimal(end) - held.decimal(begin) - exact([bought.reading(i) for i in range(first + 1, len(bought))])


def _added(ask: Ask, company: str) -> Figure | Absent:
    """Coins by which the holdings on a vendor's list grew in three days."""
    for run in ask.view.runs("treasury.holdings", company, venue=_COIN):
        before = run.index_at(run.at(-1) - _NEWS_S)
        if ask.view.as_of_s - run.at(-1) <= _LISTED_S and before >= 0 and run.at(-1) - run.at(before) <= _NEWS_S + DAY:
            grown = run.decimal(-1) - run.decimal(before)
            if grown <= 0:
                return Absent(f"the holdings of {company} have not grown in three days")
            return computed("treasury.holdings_added", company, Unit.COINS, "i1 - i2", [run.reading(-1), run.reading(before)],
                            window_start=from_epoch(run.at(before)), window_end=from_epoch(run.at(-1)))  # fmt: skip
    return Absent(f"no list tells the holdings of {company} now and three days ago")


def _filing(ask: Ask, company: str) -> Figure | Absent:
    run = ask.view.run("treasury.filing", company)
    if isinstance(run, Absent):
        return run
    if ask.view.as_of_s - run.at(-1) > _NEWS_S:
        return Absent(f"the last filing of {company} is of {session_of(run.at(-1))}")
    return history("treasury.filing_at", company, Unit.DATE, session_of(run.at(-1)), "session(i1)", [run.reading(-1)])


def _in_the_news(ask: Ask) -> str | Absent:
    """The company whose purchase is the newest, of several the largest; where none announced one, the one that added most."""
    for name in ("treasury.last_purchase", "treasury.holdings_added"):
        told = [(company, f) for company in _COMPANIES if isinstance(f := ask.figure(name, company), Figure)]
        if told:
            return max(told, key=lambda t: (name.endswith("purchase") and session_of(to_epoch(t[1].observed_at)), t[1].number))[0]
    return Absent("no company has announced a purchase in the past three days, and none has added coins")


def _company(ask: Ask, subject: str) -> str | Absent:
    return ask.memo("company in the news", lambda: _in_the_news(ask)) if subject == "market" else subject


def _trail(series: str) -> Callable[[Ask, str], Trail | Absent]:
    """The announcements before the last."""

    def make(ask: Ask, subject: str) -> Trail | Absent:
        company = _company(ask, subject)
        run = company if isinstance(company, Absent) else ask.view.run(series, company, venue=_COIN)
        return run if isinstance(run, Absent) else trail_of([known_of(run)], run.at(-1) - 1)

    return make


_NONE = "No purchase announced in the past three days, or not with it."


def _spec(name: str, unit: Unit, meaning: str, make: Compute, example: str, absent: str = _NONE, **more: Any) -> FigureSpec:
    full = f"treasury.{name}"

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        if subject != "market":
            return make(ask, subject)
        company = _company(ask, subject)
        return company if isinstance(company, Absent) else ask.figure(full, company)

    return FigureSpec(full, unit, meaning, COMPANY | MARKET, absent, compute, "", example, **more)


_COINS, _USD, _PRICE = "treasury.purchase", "treasury.purchase_usd", "treasury.purchase_price"
_SLIP = "As for the purchase, or coins, price and cost do not fit each other or bitcoin's price in the 95 days before."

FIGURES: tuple[FigureSpec, ...] = (
    _spec("last_purchase", Unit.COINS, "Coins bought, as announced.", _amount, "4225", trail=_trail(_COINS)),
    _spec("last_purchase_usd", Unit.USD, "What they cost.", _cost("treasury.last_purchase_usd", _USD), "472000000", _SLIP,
          trail=_trail(_USD)),
    _spec("last_purchase_price", Unit.USD, "Their average price.", _cost("treasury.last_purchase_price", _PRICE), "111716", _SLIP),
    _spec("last_purchase_at", Unit.DATE, "The New York date of the announcement.", _at, "2025-07-14"),
    _spec("holdings", Unit.COINS, "Coins held, as last announced.", _holdings, "601550", "No announcement in the past eight days."),
    _spec("holdings_after", Unit.COINS, "Coins held after the last purchase, as announced with it.", _after, "601550"),
    _spec("holdings_worth", Unit.USD, "These holdings at bitcoin's last price.",
          _of_figures("treasury.holdings_worth", Unit.USD, "i1 * i2", ("treasury.holdings_after", ""), ("price.last", _COIN)),
          "73270000000", "As for the holdings, or no last price of bitcoin."),
    _spec("price_gap_pct", Unit.PCT, "Bitcoin's last price against the average of the last purchase.",
          _of_figures("treasury.price_gap_pct", Unit.PCT, "pct_change(i1, i2)", ("price.last", _COIN),
                      ("treasury.last_purchase_price", "")),
          "9", "As for the average price, or no last price of bitcoin."),
    _spec("supply_share", Unit.PCT, "These holdings in percent of all bitcoin in circulation.", _share, "3.02",
          "As for the holdings, or no supply of the past eight days."),
    _spec("purchase_largest_since", Unit.DATE, "The last announcement of at least as many coins.", _largest_since, "2025-03-31",
          "As many within 30 days, or the announcements since then do not explain the holdings."),
    _spec("holdings_added", Unit.COINS, "Coins added in three days to what a vendor's list says the company holds.", _added, "4225",
          "No list of now and of three days ago, or nothing was added."),
    _spec("filing_at", Unit.DATE, "The New York date of the last form 8-K of the past three days.", _filing, "2025-07-14",
          "No form 8-K filed in the past three days."),
)  # fmt: skip
