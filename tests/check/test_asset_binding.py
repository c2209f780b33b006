"""A price belongs to its asset."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import check_factories as F

from newsgen.check import all_checks, check
from newsgen.market import Figure, Origin, Reading, SeriesKey, Unit, View
from newsgen.store.memory import MemoryArchive
from newsgen.story import Verdict
from tests.derive.market_of import Market, at

LAST = F.figure("price.last", "BTC", "121467.24", Unit.USD)


def judge(*figures: Figure, view: View | None = None) -> Verdict:
    return check(
        F.one_sentence("Bitcoin traded at $121,467 and had been at its high hours before.", *figures),
        words=F.reader_words(),
        view=view,
        checks=[all_checks()["asset_binding"]],
    )


def bars(**closes: str) -> View:
    """One bar of each length: {"1h": "121000"}; the day's ended twelve hours ago, the hour's just now."""
    archive = MemoryArchive()
    ends = {"_1d": F.AS_OF - timedelta(hours=12), "_1h": F.AS_OF}
    for window, price in closes.items():
        for series in ("spot.close", "spot.low", "spot.high"):
            key = SeriesKey(series, "BTC", window[1:], "binance", "binance")
            archive.add([Reading(key, Decimal(price), Unit.USD, ends[window], ends[window], Origin("klines", "Binance spot"))])
    return View(F.AS_OF, archive.load, ("BTC",))


def closes(before: str, now: str) -> View:
    """The close of a day ago and that of now."""
    archive, key = MemoryArchive(), SeriesKey("spot.close", "BTC", "1d", "binance", "binance")
    for price, end in ((before, F.AS_OF - timedelta(days=1)), (now, F.AS_OF)):
        archive.add([Reading(key, Decimal(price), Unit.USD, end, end, Origin("klines", "Binance spot"))])
    return View(F.AS_OF, archive.load, ("BTC",))


def test_the_newest_bar_tells_the_price_however_short_it_is() -> None:
    last = F.figure("price.last", "BTC", "90000", Unit.USD)
    assert judge(last, view=bars(_1d="60000", _1h="90000")).findings == ()
    assert judge(last, view=bars(_1d="90000", _1h="60000")).findings == ()  # it was there within the day
    assert judge(last, view=bars(_1h="60000")).decision == "hold"


def test_an_extreme_of_the_days_own_bars_is_within_reach_up_to_the_half() -> None:
    low = F.figure("price.low_24h", "BTC", "99000", Unit.USD)
    assert judge(low, view=bars(_1d="99000", _1h="121467")).findings == ()
    far = F.figure("price.low_24h", "BTC", "50000", Unit.USD)
    assert judge(far, view=bars(_1d="50000", _1h="121467")).decision == "hold"


def test_an_extreme_near_a_close_of_the_day_is_no_stray_tick_however_far_the_coin_has_gone() -> None:
    low = F.figure("price.low_24h", "BTC", "30000", Unit.USD)
    assert judge(low, view=closes("31000", "122000")).findings == ()
    assert judge(low, view=closes("121000", "122000")).decision == "hold"


def test_a_price_of_another_asset_is_stopped() -> None:
    high = F.figure("price.high_24h", "BTC", "3080", Unit.USD)  # ether's
    assert "far from the last price of BTC" in judge(LAST, high).findings[0].message


def test_a_price_within_reach_passes() -> None:
    assert judge(LAST, F.figure("price.high_24h", "BTC", "123218", Unit.USD)).findings == ()


def test_a_record_of_long_ago_may_be_far() -> None:
    assert judge(LAST, F.figure("price.ath_previous", "BTC", "69000", Unit.USD)).findings == ()


def test_a_market_smaller_than_bitcoin_is_stopped() -> None:
    market = F.figure("market.cap", "market", "2000000000000", Unit.USD)
    assert judge(market, F.figure("aggregate.cap", "BTC", "2400000000000", Unit.USD)).decision == "hold"
    assert judge(market, F.figure("aggregate.cap", "BTC", "1200000000000", Unit.USD)).findings == ()


def test_a_price_of_a_wild_day_may_be_farther() -> None:
    low = F.figure("price.low_24h", "BTC", "99000", Unit.USD)  # 18 percent below the last price
    assert judge(LAST, low).decision == "hold"
    assert judge(LAST, low, F.change("BTC", "24h", "-11")).findings == ()


def test_a_price_of_another_day_is_one_that_the_asset_had_then() -> None:
    """The bar of July 11 ends at midnight after it; the days beside it count too."""
    market = Market().bars("BTC", "1d", at("2025-07-13"), [111_000, 116_000, 117_500, 117_400], spread=1000)
    view, day = market.view("2025-07-14 12:02"), F.figure("price.ath_previous_at", "BTC", date(2025, 7, 11), Unit.DATE)

    def told(value: str) -> Verdict:
        return judge(F.figure("price.ath_previous", "BTC", value, Unit.USD), day, view=view)

    assert told("118869.98").findings == ()
    assert told("98000").findings == ()  # 115,000 less 15 % is 97,750
    assert "is told of 2025-07-11, when BTC was at 115,000 to 118,500" in told("97000").findings[0].message
    assert told("3040.15").decision == "hold"
    assert judge(F.figure("price.ath_previous", "BTC", "3040.15", Unit.USD), view=view).findings == ()  # of no day that is named
