"""From value to print: the one place that rounds; in: a Figure and a HouseStyle, out: text.

Amounts are printed without their sign: the words around carry the direction. Hedges ("more than", "nearly") are chosen here
from the exact value and the rounding, so they cannot be false (editorial.md section 5). Does not mark (ledger.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from newsgen.market import Unit
from newsgen.write.style import HouseStyle

__all__ = [
    "clock", "coins", "count", "day", "day_month", "hedge", "index_points", "level", "money", "month", "ordinal", "percent", "price",
    "released", "round_significant", "stamp", "times",
]  # fmt: skip


def round_significant(value: Decimal, digits: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The value rounded to so many significant digits."""
    if value == 0:
        return Decimal(0)
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), rounding)


def _grouped(value: Decimal, style: HouseStyle) -> str:
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    thousands, decimal = style.number.thousands, style.number.decimal
    return text if (thousands, decimal) == (",", ".") else text.translate({ord(","): thousands, ord("."): decimal})


def money(value: Decimal, style: HouseStyle, digits: int | None = None) -> str:
    """An amount in words of scale: 748300000 -> $748 million; with digits=4 -> $748.3 million."""
    rounded = round_significant(abs(value), digits or style.money.digits)
    step = min(max(rounded.adjusted() // 3, 0), len(style.money.scales))
    if step < 2:
        return style.money.symbol + _grouped(rounded, style)
    return style.money.symbol + _grouped(rounded.scaleb(-3 * step), style) + style.money.scales[step - 1]


def price(value: Decimal, style: HouseStyle) -> str:
    """A price: whole dollars from 1,000, two decimals from 1, four significant figures below."""
    value = abs(value)
    small, cents = round_significant(value, 4), value.quantize(Decimal("0.01"))
    if small < 1:  # the rounded price says which band it is in: 999.995 is $1,000, and 0.99996 is $1.00
        return style.money.symbol + _grouped(small, style)
    if cents < 1000:
        return style.money.symbol + f"{cents:f}".replace(".", style.number.decimal)
    return style.money.symbol + _grouped(value.quantize(Decimal(1)), style)


def level(value: Decimal, style: HouseStyle) -> str:
    """A round level, without the zeros that a price of its size has: $150; with both of its cents where it has any: $2.50."""
    value = abs(value)
    one_decimal = value == value.quantize(Decimal("0.1")) != value.to_integral_value()
    cents = f"{value:.2f}".replace(".", style.number.decimal)
    return style.money.symbol + (cents if one_decimal else _grouped(value, style))


def percent(value: Decimal, style: HouseStyle, *, of_whole: bool = True) -> str:
    """A percentage without sign: one decimal below ten, whole from ten up; ".0" dropped. Of a whole, almost all is not 100%: 99.6%."""
    value = abs(value)
    if of_whole and Decimal("99.5") <= value < 100:
        return _grouped(min(value.quantize(Decimal("0.1")), Decimal("99.9")), style) + style.percent.sign
    places = Decimal(1) if value >= style.percent.whole_from - Decimal("0.05") else Decimal("0.1")
    return _grouped(value.quantize(places), style) + style.percent.sign


def count(value: Decimal, style: HouseStyle, *, figures: bool = False) -> str:
    """A whole number: a word up to nine, figures from ten; always figures where asked (headlines)."""
    whole = abs(int(value))
    if not figures and whole < len(style.number.words):
        return style.number.words[whole]
    return _grouped(Decimal(whole), style)


def ordinal(value: Decimal, style: HouseStyle, *, figures: bool = False) -> str:
    """first ... ninth, 10th, 21st."""
    whole = abs(int(value))
    if not figures and whole < len(style.number.ordinals):
        return style.number.ordinals[whole]
    suffixes = style.number.ordinal_suffixes
    suffix = suffixes.get(str(whole % 100)) or suffixes.get(str(whole % 10)) if whole % 100 in (11, 12, 13) else None
    return f"{whole}{suffix or suffixes.get(str(whole % 10), suffixes['default'])}"


def coins(value: Decimal, style: HouseStyle) -> str:
    """A number of coins, at most two decimals."""
    return _grouped(abs(value).quantize(Decimal("0.01"), ROUND_HALF_EVEN), style)


def index_points(value: Decimal, style: HouseStyle) -> str:
    """The level of an index as published: 6305.6 -> 6,305.60."""
    text = _grouped(abs(value), style)
    whole, point, places = text.partition(style.number.decimal)
    return f"{whole}{point}{places:0<2}" if point and whole else text


def released(value: Decimal, unit: Unit, style: HouseStyle) -> str:
    """A number of a release without its sign: a percentage as it came, a count in words of scale from a million."""
    if unit is Unit.PCT:
        return _grouped(abs(value), style) + style.percent.sign
    if unit is Unit.COUNT and abs(value) >= 1_000_000:
        return money(value, style).removeprefix(style.money.symbol)
    return _grouped(abs(value), style)


def times(value: Decimal, style: HouseStyle) -> str:
    """A multiple: one decimal below ten."""
    return _grouped(abs(value).quantize(Decimal("0.1") if abs(value) < 10 else Decimal(1)), style)


def hedge(value: Decimal, digits: int, bound: str) -> tuple[str, Decimal]:
    """Choose a round number near the value, and the approximator that is true of the two.

    Returns:
        The approximator's key ("" when the round number is exact) and the round number.
    """
    value = value.copy_abs()  # abs() rounds to the precision in force
    if bound == "at_least":
        return "at_least", round_significant(value, digits, ROUND_DOWN)
    below = round_significant(value, digits, ROUND_FLOOR)
    above = round_significant(value, digits, ROUND_CEILING)
    if below == value:
        return "", below
    if value >= above * Decimal("0.9975"):
        return "nearly", above
    if value < below * Decimal("1.05"):
        return "more_than", below
    near = round_significant(value, digits + 1)
    if abs(value - near) > value * Decimal("0.02"):
        near = round_significant(value, digits + 2)
    return ("about" if near != value else ""), near


def day(value: date, as_of: datetime, style: HouseStyle) -> str:
    """A date for the reader: its weekday within the last days, else month and day, with the year if it is another."""
    dates = style.dates
    today = as_of.astimezone(ZoneInfo(dates.zone)).date()
    if timedelta(0) <= today - value <= timedelta(days=dates.weekday_within_days):
        return dates.weekdays[value.weekday()]
    return day_month(value, as_of, style)


def day_month(value: date, as_of: datetime, style: HouseStyle) -> str:
    """Month and day, with the year if it is another than the reader's."""
    dates = style.dates
    today = as_of.astimezone(ZoneInfo(dates.zone)).date()
    form = dates.day if value.year == today.year else dates.day_year
    return form.format(month=dates.months_with_day[value.month - 1], day=value.day, year=value.year)


def month(value: date, style: HouseStyle) -> str:
    """Month and year."""
    return style.dates.month_year.format(month=style.dates.months[value.month - 1], year=value.year)


def clock(moment: datetime, style: HouseStyle) -> str:
    """A clock time in the readers' zone with UTC in brackets: 8:02 a.m. ET (12:02 UTC)."""
    dates = style.dates
    local = moment.astimezone(ZoneInfo(dates.zone))
    utc = moment.astimezone(UTC).strftime("%H:%M")
    label = dates.zone_labels.get(local.tzname() or "", local.tzname() or "")
    if dates.zone == "UTC":
        return dates.same.format(utc=utc)
    return dates.both.format(local=_local_clock(local, style), label=label, utc=utc)


def stamp(moment: datetime, style: HouseStyle) -> str:
    """Day, year and clock time of a moment, for the head of a page: July 14, 2025, 8:02 a.m. ET (12:02 UTC)."""
    local = moment.astimezone(ZoneInfo(style.dates.zone))
    day_year = style.dates.day_year.format(month=style.dates.months_with_day[local.month - 1], day=local.day, year=local.year)
    return f"{day_year}, {clock(moment, style)}"


def _local_clock(local: datetime, style: HouseStyle) -> str:
    dates = style.dates
    if local.minute == 0 and local.hour in (0, 12):
        return dates.midnight if local.hour == 0 else dates.noon
    form = dates.clock if local.minute else dates.clock_whole
    return form.format(
        hour12=local.hour % 12 or 12,
        hour=f"{local.hour:02d}",
        minute=f"{local.minute:02d}",
        half=dates.halves[local.hour >= 12],
    )
