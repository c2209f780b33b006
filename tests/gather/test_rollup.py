"""Streamed liquidations by the minute: sums worked by hand, gaps, what comes twice or late, memory that stays bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from newsgen.gather import _rollup
from newsgen.gather._rollup import Rollup
from newsgen.gather._source import ForcedOrder
from newsgen.market import Completeness, Reading, Unit, iso

D = Decimal
NOON = datetime(2025, 7, 14, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def rollup(start: float = 0) -> Rollup:
    return Rollup("binance_futures", "binance", "Binance", ("BTC", "ETH"), at(start))


def order(seconds: float, usd: str = "100", asset: str = "BTC", side: str = "long", name: str = "") -> ForcedOrder:
    return ForcedOrder(at(seconds), asset, side, D(usd), D(1), name or f"{asset}{side}{seconds}{usd}")  # type: ignore[arg-type]


def hear(held: Rollup, first: float, last: float, step: float = 1) -> None:
    """Connected from the first to the last second."""
    seconds = first
    while seconds <= last:
        held.heard(at(seconds))
        seconds += step


def told(readings: list[Reading]) -> dict[str, dict[str, Decimal]]:
    """By minute's end: what each series says."""
    found: dict[str, dict[str, Decimal]] = {}
    for r in readings:
        found.setdefault(iso(r.observed_at)[11:16], {})[f"{r.key.series.removeprefix('liq.')} {r.key.subject}"] = r.value
    return found


def test_a_minute_is_the_sum_of_its_orders_by_asset_and_side() -> None:
    held = rollup()
    held.take([order(1, "100.10"), order(2, "0.20"), order(30, "7", side="short"), order(59.999, "5", "ETH"), order(60, "9")], at(60))
    hear(held, 0, 70)
    readings = held.close(at(70))
    assert told(readings) == {
        "12:01": {"followed_s market": D(60), "bucket_long BTC": D("100.30"), "bucket_short BTC": D(7), "bucket_long ETH": D(5)}
    }
    long = next(r for r in readings if r.key.series == "liq.bucket_long" and r.key.subject == "BTC")
    assert long.key == ("liq.bucket_long", "BTC", "1m", "binance_futures", "binance")
    assert (long.unit, long.origin.bound, long.origin.completeness, long.origin.source_name, long.origin.endpoint) == (
        Unit.USD, "at_least", Completeness.FINAL, "Binance", "stream")  # fmt: skip
    assert (long.observed_at, long.known_at) == (at(60), at(70))
    followed = readings[0]
    assert (followed.key.series, followed.unit, followed.origin.bound) == ("liq.followed_s", Unit.COUNT, "exact")


def test_a_quiet_minute_has_no_buckets_and_is_followed() -> None:
    held = rollup()
    hear(held, 0, 66)
    assert told(held.close(at(66))) == {"12:01": {"followed_s market": D(60)}}


def test_an_asset_that_is_not_followed_is_left_out() -> None:
    held = rollup()
    held.take([order(1, asset="DOGE")], at(1))
    hear(held, 0, 66)
    assert told(held.close(at(66))) == {"12:01": {"followed_s market": D(60)}}
    assert held.counts == {}


def test_a_gap_shorter_than_a_minute_is_seen_and_the_buckets_are_partial() -> None:
    held = rollup()
    hear(held, 0, 20)
    held.lost()
    hear(held, 23.5, 70)
    held.take([order(10)], at(70))
    readings = held.close(at(70))
    assert told(readings)["12:01"] == {"followed_s market": D(56), "bucket_long BTC": D(100)}  # 60 s less 3.5 s, whole seconds
    assert {r.origin.completeness for r in readings} == {Completeness.PARTIAL}


def test_the_first_minute_is_followed_from_the_first_word() -> None:
    held = rollup(17)
    hear(held, 17, 70)
    assert told(held.close(at(70)))["12:01"] == {"followed_s market": D(43)}


def test_a_gap_of_minutes_is_told_minute_by_minute() -> None:
    held = rollup()
    hear(held, 0, 61)
    held.lost()
    assert told(held.close(at(300))) == {
        "12:01": {"followed_s market": D(60)},
        "12:02": {"followed_s market": D(1)},
        "12:03": {"followed_s market": D(0)},
        "12:04": {"followed_s market": D(0)},
    }
    hear(held, 300, 366)
    assert told(held.close(at(366))) == {"12:05": {"followed_s market": D(0)}, "12:06": {"followed_s market": D(60)}}


def test_silence_is_no_proof_of_a_connection() -> None:
    held = rollup()
    hear(held, 0, 50)
    assert held.close(at(100)) == []  # connected, and not heard since the minute's end
    held.lost()
    assert told(held.close(at(100)))["12:01"] == {"followed_s market": D(50)}
    asleep = rollup()
    asleep.heard(at(0))
    asleep.heard(at(91))  # nobody listens so long without a word: the machine slept
    assert told(asleep.close(at(91)))["12:01"] == {"followed_s market": D(0)}


def test_an_order_that_comes_twice_counts_once() -> None:
    held = rollup()
    held.take([order(1), order(1)], at(2))
    held.lost()
    held.take([order(1), order(2)], at(3))
    hear(held, 0, 66)
    assert told(held.close(at(66)))["12:01"]["bucket_long BTC"] == D(200)
    assert held.counts == {"taken": 2, "repeated": 2}


def test_grace_is_given_and_then_the_minute_is_closed() -> None:
    held = rollup()
    hear(held, 0, 64.9, 0.1)
    assert held.close(at(64.9)) == []
    held.take([order(59)], at(64.9))
    hear(held, 65, 66)
    assert told(held.close(at(65)))["12:01"]["bucket_long BTC"] == D(100)
    held.take([order(59.5, "1"), order(59)], at(66))
    held.take([order(61)], at(66))
    hear(held, 66, 126)
    assert told(held.close(at(126))) == {"12:02": {"followed_s market": D(60), "bucket_long BTC": D(100)}}
    assert held.counts == {"taken": 2, "late": 2}


def test_an_order_far_ahead_of_the_clock_is_left_out() -> None:
    held = rollup()
    held.take([order(301), order(300)], at(0))
    assert held.counts == {"ahead": 1, "taken": 1}


def test_a_minute_of_which_something_could_not_be_read_was_not_followed() -> None:
    held = rollup()
    held.take([order(5)], at(5))
    held.unreadable(at(6))
    hear(held, 0, 126)
    readings = held.close(at(126))
    assert told(readings) == {"12:01": {"followed_s market": D(0), "bucket_long BTC": D(100)}, "12:02": {"followed_s market": D(60)}}
    assert [r.origin.completeness for r in readings] == [Completeness.PARTIAL, Completeness.PARTIAL, Completeness.FINAL]


def test_the_end_keeps_the_running_minute_as_far_as_it_went() -> None:
    held = rollup()
    hear(held, 0, 80)
    held.take([order(70)], at(80))
    readings = held.flush(at(80))
    assert told(readings) == {"12:01": {"followed_s market": D(60)}, "12:02": {"followed_s market": D(20), "bucket_long BTC": D(100)}}
    assert readings[-1].known_at == readings[-1].observed_at == at(120)  # never known before it was over
    assert readings[-1].origin.completeness is Completeness.PARTIAL
    assert held.flush(at(81)) == []


def test_memory_is_bounded_whatever_comes(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(_rollup, "MOST_ORDERS", 10)
    held = rollup()
    held.take([order(1, name=str(i)) for i in range(25)], at(1))
    for minute in range(-100, 200):
        held.take([order(minute * 60, name="x")], at(0))
    assert len(held._minutes) <= 6
    assert held.counts["crowded"] == 16  # fifteen of the crowd, and the one of the minute loop that fell into it
    hear(held, 0, 66)
    assert told(held.close(at(66)))["12:01"] == {"followed_s market": D(0), "bucket_long BTC": D(1000)}
    held.lost()
    assert len(held.close(at(10 * 86_400))) == 1440  # the gap of ten days is told for the last one


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    held = rollup()
    hear(held, 0, 70)
    assert len(held.close(at(70))) == 1
    held.heard(at(30))
    hear(held, 30, 126)
    assert told(held.close(at(126)))["12:02"]["followed_s market"] == D(60)
