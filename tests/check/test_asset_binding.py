"""A price belongs to its asset."""

from __future__ import annotations

import check_factories as F

from newsgen.check import all_checks, check
from newsgen.market import Figure, Unit
from newsgen.story import Verdict

LAST = F.figure("price.last", "BTC", "121467.24", Unit.USD)


def judge(*figures: Figure) -> Verdict:
    return check(
        F.one_sentence("Bitcoin traded at $121,467 and had been at its high hours before.", *figures),
        words=F.reader_words(),
        checks=[all_checks()["asset_binding"]],
    )


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
