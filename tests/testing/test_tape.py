"""What was true at each moment: the way of the price, bars of any length, forced orders that come to their buckets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from newsgen.market import from_epoch
from newsgen.testing.market import Bar, Tape

H4, DAY = timedelta(hours=4), timedelta(days=1)
RISES = datetime(2025, 7, 14, 4, tzinfo=UTC)  # open 120,750.25, high 123,218, low 120,557.63, close 122,736.04; 6,981.8 coins
FALLS = datetime(2025, 7, 14, 8, tzinfo=UTC)  # open 122,736.04, high 122,769.19, low 121,355.55, close 121,467.24


def _bar(tape: Tape, asset: str, start: datetime, span: timedelta) -> Bar:
    bar = tape.bar(asset, start, start + span)
    assert bar is not None
    return bar


# The way of the price


@pytest.mark.parametrize(
    ("at", "price"),
    [
        (RISES, "120750.24"),  # the last trade: the bar before closed there
        (RISES + timedelta(seconds=1), "120750.21"),  # 120,750.25 - 192.62 / 4,800 = 120,750.2099
        (RISES + timedelta(minutes=40), "120653.94"),  # half of the way to the low: (120,750.25 + 120,557.63) / 2 = 120,653.94
        (RISES + timedelta(minutes=80), "120557.63"),  # a third: the low, since the bar closes higher
        (RISES + timedelta(minutes=120), "121887.82"),  # (120,557.63 + 123,218) / 2 = 121,887.815, to even
        (RISES + timedelta(minutes=160), "123218"),
        (RISES + H4, "122736.04"),
        (FALLS + timedelta(minutes=80), "122769.19"),  # the high first, since the bar closes lower
        (FALLS + timedelta(minutes=160), "121355.55"),
    ],
)
def test_the_price_goes_from_open_to_one_extreme_to_the_other_to_close(tape: Tape, at: datetime, price: str) -> None:
    assert tape.price("BTC", at) == Decimal(price)


def test_an_asset_without_shorter_bars_takes_the_way_of_its_day(tape: Tape) -> None:
    day = datetime(2025, 7, 14, tzinfo=UTC)  # DOGE: 0.19855, 0.21097, 0.19464, 0.19749: closes lower, so the high comes at 08:00
    assert tape.price("DOGE", day + timedelta(hours=8)) == Decimal("0.21097")
    assert tape.price("DOGE", day + timedelta(hours=16)) == Decimal("0.19464")


def test_other_venues_quote_a_little_beside_binance(tape: Tape) -> None:
    assert tape.price("BTC", RISES, "coinbase") == Decimal("120786.47")  # 120,750.24 x 1.0003 = 120,786.465..., to the cent
    quoted = {venue: tape.price("BTC", RISES, venue) for venue in ("binance", "kraken", "okx", "bybit", "nobody knows it")}
    assert len(set(quoted.values())) == 5
    assert all(p is not None and abs(p / Decimal("120750.25") - 1) < Decimal("0.0005") for p in quoted.values())
    assert quoted["nobody knows it"] == tape.price("BTC", RISES, "nobody knows it")


def test_where_the_history_has_no_bar_there_is_no_price(tape: Tape) -> None:
    assert tape.price("BTC", datetime(2031, 1, 1, tzinfo=UTC)) is None
    assert tape.price("SHIB", RISES) is None
    assert tape.bar("BTC", datetime(2025, 8, 31, 20, tzinfo=UTC), datetime(2025, 9, 1, 1, tzinfo=UTC)) is None


# Bars


@pytest.mark.parametrize("asset", ["BTC", "ETH"])
def test_bars_of_four_hours_are_those_of_the_history(tape: Tape, asset: str) -> None:
    told = _columns(tape, asset, "4h", ("open", "high", "low", "close", "volume_base"))
    assert len(told) > 2700
    for end, values in told.items():
        bar = _bar(tape, asset, from_epoch(end - 14_400), H4)
        assert (bar.open, bar.high, bar.low, bar.close, bar.volume_base) == values


@pytest.mark.parametrize("asset", ["BTC", "ETH", "SOL", "XRP", "DOGE", "BNB"])
def test_bars_of_a_day_are_those_of_the_history_with_its_dollars(tape: Tape, asset: str) -> None:
    told = _columns(tape, asset, "1d", ("open", "high", "low", "close", "volume_quote"))
    assert len(told) > 600
    for end, values in list(told.items())[-500:]:
        bar = _bar(tape, asset, from_epoch(end - 86_400), DAY)
        assert (bar.open, bar.high, bar.low, bar.close, bar.volume_quote) == values


def _columns(tape: Tape, asset: str, window: str, parts: tuple[str, ...]) -> dict[int, tuple[Decimal, ...]]:
    found: dict[int, list[Decimal]] = {}
    for part in parts:
        for column in tape.load(f"spot.{part}", asset):
            if column.key.window == window and column.key.source == "binance":
                for at, value in zip(column.observed, column.values, strict=True):
                    found.setdefault(at, []).append(Decimal(value))
    return {at: tuple(values) for at, values in found.items() if len(values) == len(parts)}


def test_hours_of_a_bar_come_to_it(tape: Tape) -> None:
    hours = [_bar(tape, "BTC", RISES + timedelta(hours=k), timedelta(hours=1)) for k in range(4)]
    assert hours[0].open == Decimal("120750.25")
    assert max(h.high for h in hours) == hours[2].high == Decimal(123_218)
    assert min(h.low for h in hours) == hours[1].low == Decimal("120557.63")
    assert hours[3].close == Decimal("122736.04")
    assert [a.close for a in hours[:3]] == [b.open for b in hours[1:]]
    assert [h.volume_base for h in hours] == [Decimal("1745.45")] * 4  # 6,981.8 / 4


def test_the_running_bar_is_the_last_and_holds_what_has_passed(tape: Tape) -> None:
    bars = tape.bars("BTC", H4, RISES + timedelta(minutes=80), 3)
    assert [b.start for b in bars] == [int((RISES - k * H4).timestamp()) for k in (2, 1, 0)]
    last = bars[-1]
    assert last.end == int((RISES + H4).timestamp())
    assert (last.open, last.high, last.low, last.close) == tuple(map(Decimal, ("120750.25", "120750.25", "120557.63", "120557.63")))
    assert last.volume_base == Decimal("2327.267")  # a third of 6,981.8


# Forced orders

SHORTS = Decimal(102_469_333)  # of bitcoin at Binance in the four hours from 04:00


def test_orders_come_to_the_bucket_of_the_history_to_the_cent(tape: Tape) -> None:
    orders = [o for o in tape.orders("binance", RISES, RISES + H4) if o.asset == "BTC"]
    for side, told in (("short", SHORTS), ("long", Decimal(116_964))):
        assert sum(o.usd for o in orders if o.side == side).quantize(Decimal("0.01")) == told
        assert tape.closed_by_force("binance", "BTC", side, RISES) == told


def test_orders_are_in_order_priced_by_the_tape_and_few_of_them_large(tape: Tape) -> None:
    orders = tape.orders("binance", RISES, RISES + H4)
    assert orders == sorted(orders)
    shorts = sorted((o.usd for o in orders if (o.asset, o.side) == ("BTC", "short")), reverse=True)
    assert len(shorts) == 200
    assert sum(shorts[:20]) > SHORTS * Decimal("0.3")
    for order in orders[::20]:
        assert order.price == tape.price(order.asset, from_epoch(-(-order.at_ms // 1000)))


def test_an_order_is_told_once_however_time_is_cut(tape: Tape) -> None:
    cut = [o for k in range(48) for o in tape.orders("bybit", RISES + k * timedelta(minutes=5), RISES + (k + 1) * timedelta(minutes=5))]
    assert cut == tape.orders("bybit", RISES, RISES + H4)
    at = from_epoch(0) + timedelta(milliseconds=cut[5].at_ms)
    assert cut[5] in tape.orders("bybit", at - timedelta(seconds=1), at)  # up to and with the end
    assert cut[5] not in tape.orders("bybit", at, at + timedelta(seconds=1))


@pytest.mark.parametrize(("venue", "share"), [("bybit", "0.8"), ("okx", "0.5"), ("elsewhere", "0.1")])
def test_other_venues_close_a_fixed_share(tape: Tape, venue: str, share: str) -> None:
    told = sum(o.usd for o in tape.orders(venue, RISES, RISES + H4) if (o.asset, o.side) == ("BTC", "short"))
    assert told.quantize(Decimal("0.01")) == (SHORTS * Decimal(share)).quantize(Decimal("0.01"))


def test_before_the_buckets_begin_a_sixth_of_the_day_is_closed(tape: Tape) -> None:
    """2024-08-05: shorts of bitcoin at Binance on the whole day, divided by six."""
    [day] = [
        Decimal(c.values[c.observed.index(int(datetime(2024, 8, 6, tzinfo=UTC).timestamp()))]) for c in tape.load("liq.short", "BTC")
        if c.key.window == "1d"
    ]  # fmt: skip
    closed = tape.closed_by_force("binance", "BTC", "short", datetime(2024, 8, 5, 8, tzinfo=UTC))
    assert closed == (day / 6).quantize(Decimal("0.01")) > 1_000_000


def test_where_the_history_has_nothing_a_little_is_closed_always_the_same(tape: Tape) -> None:
    little = [tape.closed_by_force("binance", "DOGE", "long", RISES + k * H4) for k in range(20)]
    assert all(Decimal(5_000) <= usd <= Decimal(150_000) for usd in little)
    assert len(set(little)) > 10
    assert little == [Tape(tape.load).closed_by_force("binance", "DOGE", "long", RISES + k * H4) for k in range(20)]
    assert tape.closed_by_force("binance", "DOGE", "long", datetime(2031, 1, 1, tzinfo=UTC)) == 0


# Published values


def test_a_value_is_told_only_once_it_was_known(tape: Tape) -> None:
    morning = datetime(2025, 7, 14, 0, 9, tzinfo=UTC)
    assert tape.latest("etf.net_flow", "BTC", morning) == Decimal(1_029_600_000)  # of July 11
    assert tape.latest("etf.net_flow", "BTC", datetime(2025, 7, 15, 6, 1, tzinfo=UTC)) == Decimal(297_400_000)  # of July 14
    assert tape.latest("index.close", "SP500", datetime(2025, 7, 14, 20, 14, tzinfo=UTC)) == Decimal("6259.75")
    assert tape.latest("index.close", "SP500", datetime(2025, 7, 14, 20, 16, tzinfo=UTC)) == Decimal("6268.56")
    assert tape.latest("index.close", "NOTHING", morning) is None


def test_a_tape_of_a_users_own_files(tmp_path: Path) -> None:
    (tmp_path / "crypto_daily_ohlcv.csv").write_text(
        "date,asset,open_usd,high_usd,low_usd,close_usd,volume_base,volume_quote_usd\n2025-01-01,BTC,100,130,90,120,10,1000\n"
    )
    own = Tape.of_files(tmp_path)
    day = datetime(2025, 1, 1, tzinfo=UTC)
    assert own.price("BTC", day + timedelta(hours=8)) == 90
    assert own.bar("BTC", day, day + DAY) == Bar(*(int((day + k * DAY).timestamp()) for k in (0, 1)), *map(Decimal, (100, 130, 90, 120)),
                                                 Decimal(10), Decimal(1000), 11)  # fmt: skip
