"""One asset against bitcoin: the gap, since when not as wide, and whether bitcoin is flat; worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from newsgen.market import Absent
from tests.derive.market_of import DAY, Market, agrees, at, figure, reason, value

D = Decimal
NOON, NOW = at("2025-07-14 12:00"), "2025-07-14 12:05"


def pair(solana: Sequence[float], bitcoin: Sequence[float]) -> Market:
    """Daily closes of both up to midnight, at whole hundreds so that changes are easy."""
    market = Market(("BTC", "ETH", "SOL"))
    market.bars("BTC", "1d", at("2025-07-14"), bitcoin)
    return market.bars("SOL", "1d", at("2025-07-14"), solana)


MIDNIGHT = "2025-07-14 00:05"


def test_gap_is_the_change_less_that_of_bitcoin() -> None:
    """Up 15 percent against up 2; then down 10 against up 2."""
    book = pair([100, 115], [100, 102]).book(MIDNIGHT)
    gap = figure(book, "outlier.gap_24h", "SOL")
    assert (gap.value, gap.label) == (D(13), "BTC")
    assert agrees(book, gap)
    assert value(pair([100, 90], [100, 102]).book(MIDNIGHT), "outlier.gap_24h", "SOL") == D(-12)


def test_bitcoin_has_no_gap_and_an_asset_without_a_change_has_none() -> None:
    book = pair([100, 115], [100, 102]).book(MIDNIGHT)
    assert reason(book, "outlier.gap_24h", "BTC") == "bitcoin is what other assets are set against"
    assert "no spot bars of ETH" in reason(book, "outlier.gap_24h", "ETH")
    alone = Market(("BTC", "SOL")).bars("SOL", "1d", at("2025-07-14"), [100, 115])
    assert "no spot bars of BTC" in reason(alone.book(MIDNIGHT), "outlier.gap_24h", "SOL")


def test_the_two_changes_end_together() -> None:
    uneven = (
        Market(("BTC", "SOL")).bars("BTC", "1h", NOON, [100.0] * 30).bars("SOL", "1h", NOON + 300, [100.0] * 30).book("2025-07-14 12:06")
    )
    assert reason(uneven, "outlier.gap_24h", "SOL") == "the 24 hours of SOL and of bitcoin do not end together"


def test_since_when_the_gap_was_not_as_wide() -> None:
    """Forty days ago 120 against 105: fifteen points. Today 112 against 101: eleven."""
    flat = [100.0] * 39
    book = pair([100, 120, *flat, 112], [100, 105, *flat, 101]).book(MIDNIGHT)
    since = figure(book, "outlier.lead_widest_since", "SOL")
    assert since.value == date(2025, 6, 3)  # the days end with July 13
    assert since.record
    assert since.record.rival_value == D(15)
    assert agrees(book, since)
    assert reason(book, "outlier.lag_widest_since", "SOL") == "SOL did not do worse than bitcoin"


def test_a_lag_is_set_against_lags_and_never_before_is_a_record() -> None:
    flat = [100.0] * 39
    book = pair([100, 120, *flat, 85], [100, 100, *flat, 100]).book(MIDNIGHT)
    since = figure(book, "outlier.lag_widest_since", "SOL")
    assert since.value == date(2025, 6, 4)  # from 120 back to 100: 16.7 percent
    near = pair([*flat, 80, 80, 68], [*flat, 100, 100, 100]).book(MIDNIGHT)
    assert "at least as small on 2025-07-11 (-20)" in reason(near, "outlier.lag_widest_since", "SOL")
    record = figure(pair([*flat, 80], [*flat, 100]).book(MIDNIGHT), "outlier.lag_widest_since", "SOL").record
    assert record
    assert (record.is_record, record.covers_life) == (True, False)


def test_gaps_at_the_same_clock_time_follow_those_of_utc_days() -> None:
    """Hourly bars of five days; a gap of 15 points on a UTC day long before them."""
    market = pair([100, 115, *[100.0] * 60], [100, 100, *[100.0] * 60])
    market.bars("BTC", "1h", NOON, [100.0] * 120).bars("SOL", "1h", NOON, [*[100.0] * 119, 112.0])
    book = market.book(NOW)
    since = figure(book, "outlier.lead_widest_since", "SOL")
    assert since.value == date(2025, 5, 14)  # sixty flat days follow it, the last is July 13
    assert agrees(book, since)
    trail = book.trail("outlier.gap_24h", "SOL")
    assert not isinstance(trail, Absent)
    assert trail.at[-1] == NOON - DAY
    assert trail.last_beyond(14) == at("2025-05-15")


def test_bitcoin_is_flat_below_a_quarter_of_its_usual_day() -> None:
    """Changes of 1 and about -1 percent in turn have a deviation of about 1: 0.2 is flat, 0.3 is not."""
    swings = [100.0, 101.0] * 16
    for last, flat in ((101.2, True), (101.3, False), (100.8, True), (100.7, False)):
        book = Market(("BTC",)).bars("BTC", "1d", at("2025-07-14"), [*swings, last]).book(MIDNIGHT)
        made = figure(book, "outlier.bitcoin_flat", "market")
        assert made.value is flat, last
        assert agrees(book, made)
    assert "daily changes of BTC" in reason(pair([100, 115], [100, 102]).book(MIDNIGHT), "outlier.bitcoin_flat", "SOL")
