"""The market as a server: who is where, what was asked, how often, and each way to fail as it arrives at gather."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from newsgen.errors import BadPayload, GatherError, KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather import Gathered, Request, gather, sources
from newsgen.gather._http import Caps
from newsgen.testing._faults import Faults
from newsgen.testing.market import KINDS, Fault, RehearsalMarket, SteppedClock, Tape, wires
from tests.testing.ask import NOON, QUICK, asked, market_of, values

FEAR = {"alternative_me": [Request("fng", {"limit": "2"})]}
BARS = {"binance": [Request("klines", {"symbol": "BTCUSDT", "interval": "4h", "limit": "8"})]}
DAY = {"binance": [Request("ticker_24hr", {"symbol": "BTCUSDT"})]}


def both(market: RehearsalMarket) -> Gathered:
    """Fear and greed, which the fault strikes, and bars, which it does not."""
    return asked(market, ["alternative_me", "binance"], {**FEAR, **BARS})


# Who answers what


def test_a_round_of_every_source_brings_readings_and_no_failure(tape: Tape) -> None:
    names = sorted(wires())
    with market_of(tape) as market:
        found = asyncio.run(gather(names, ("BTC", "ETH"), market.clock, base_urls=market.base_urls, caps=Caps(pace=1e6), contact="a@b.org"))
    assert [str(f) for f in found.failures] == []
    assert {r.key.source for r in found.readings} == set(names)
    assert set(market.calls) == set(names)


def test_every_wire_belongs_to_a_source_and_answers_every_endpoint_of_it() -> None:
    for name, wire in wires().items():
        assert set(wire.endpoints) == set(sources()[name].endpoints), name
        assert (wire.stream is None) is (sources()[name].stream is None), name


def test_what_nothing_serves_is_404_in_json(tape: Tape) -> None:
    with market_of(tape) as market, httpx.Client(trust_env=False) as client:
        for address in (f"{market.base_urls['okx']}/api/v9/nothing", f"http://127.0.0.1:{market.port}/nobody/x"):
            answer = client.get(address)
            assert (answer.status_code, answer.json()) == (404, {"error": "no such path"})
    assert [(c.source, c.endpoint) for c in market.log] == [("okx", ""), ("nobody", "")]


def test_async_too(tape: Tape) -> None:
    async def run() -> Gathered:
        async with market_of(tape) as market:
            return await gather(["alternative_me"], ("BTC",), market.clock, base_urls=market.base_urls)

    assert set(values(asyncio.run(run()).readings, "sentiment.fear_greed").values()) == {Decimal(74)}


def test_the_log_has_every_question_with_its_moment(tape: Tape) -> None:
    with market_of(tape, faults=[Fault("server_error", "alternative_me", times=1)]) as market:
        both(market)
    assert market.calls == {"alternative_me": 2, "binance": 1}
    bars = next(c for c in market.log if c.source == "binance")
    assert (bars.at, bars.endpoint, bars.params, bars.fault) == (NOON, "klines", BARS["binance"][0].params, "")
    assert [c.fault for c in market.log if c.source == "alternative_me"] == ["server_error", ""]


def test_most_in_counts_the_calls_of_any_window() -> None:
    from newsgen.testing.market import Call

    market = RehearsalMarket(Tape(lambda series, subject: []), SteppedClock(NOON))
    market.log += [Call(arrived, NOON, "okx", "ticker", {}) for arrived in (0.0, 0.4, 0.9, 1.0, 1.3, 9.0)]
    assert market.most_in("okx", 1.0) == 4  # 0.4, 0.9, 1.0, 1.3; 0.0 and 1.0 are a whole second apart
    assert market.most_in("okx", 100.0) == 6
    assert market.most_in("kraken", 1.0) == 0


def test_a_rate_limit_holds_at_the_server(tape: Tape) -> None:
    """Farside allows two calls a minute; the clock by which it counts runs 600 times as fast: two in 0.1 s."""
    with market_of(tape) as market:
        asked(market, ["farside"], {"farside": [Request("btc")] * 6}, Caps(pace=600))
        assert market.calls["farside"] == 6
        assert market.most_in("farside", 0.1) == 2


def test_a_source_can_be_slow(tape: Tape) -> None:
    with market_of(tape, delays={"alternative_me": 0.3}) as market:
        began = time.monotonic()
        assert not both(market).failures
        assert 0.3 <= time.monotonic() - began < 0.9


# Each way to fail


CLASSES: dict[str, type[GatherError]] = {
    "too_many": SourceUnavailable, "server_error": SourceUnavailable, "region": RegionRefused, "key_rejected": KeyRefused,
    "hang": SourceUnavailable, "trickle": SourceUnavailable, "cut": SourceUnavailable, "html": BadPayload, "half": BadPayload,
    "stale": SourceUnavailable,
}  # fmt: skip


@pytest.mark.parametrize("kind", CLASSES)
def test_a_fault_becomes_an_error_of_our_tree_and_harms_no_other_source(tape: Tape, kind: Any) -> None:
    with market_of(tape, faults=[Fault(kind, "alternative_me")]) as market:
        found = both(market)
    [failure] = found.failures
    assert type(failure) is CLASSES[kind]
    assert (failure.source, failure.endpoint) == ("alternative_me", "fng")
    assert {r.key.source for r in found.readings} == {"binance"}
    assert len(values(found.readings, "spot.close")) == 7  # eight bars asked for, one still open


@pytest.mark.parametrize("kind", ["too_many", "server_error", "cut", "hang"])
def test_what_passes_is_asked_again(tape: Tape, kind: Any) -> None:
    with market_of(tape, faults=[Fault(kind, "alternative_me", times=1)]) as market:
        assert not both(market).failures
    assert market.calls["alternative_me"] == 2


@pytest.mark.parametrize("kind", ["region", "key_rejected"])
def test_what_a_person_must_mend_is_not_asked_again(tape: Tape, kind: Any) -> None:
    with market_of(tape, faults=[Fault(kind, "alternative_me")]) as market:
        assert len(both(market).failures) == 1
    assert market.calls["alternative_me"] == 1


def test_retry_after_is_waited_for(tape: Tape) -> None:
    with market_of(tape, faults=[Fault("too_many", "alternative_me", times=1, retry_after_s=0.4)]) as market:
        both(market)
    first, second = (c.arrived for c in market.log if c.source == "alternative_me")
    assert 0.4 <= second - first < 2


@pytest.mark.parametrize(
    ("source", "kind", "error"),
    [("okx", "region", RegionRefused), ("okx", "too_many", SourceUnavailable), ("bybit", "too_many", SourceUnavailable)],
)
def test_a_provider_refuses_in_its_own_words(tape: Tape, source: str, kind: Any, error: type[GatherError]) -> None:
    """OKX refuses a region with HTTP 200 and code 51155, Bybit says with 403 that it is asked too often."""
    with market_of(tape, faults=[Fault(kind, source)]) as market:
        found = asked(market, [source])
    assert {type(f) for f in found.failures} == {error}
    assert not found.readings


def test_stale_data_is_what_was_true_then(tape: Tape) -> None:
    """Two minutes are within what a cache may add; what is older says so in `age` and is refused."""
    with market_of(tape, faults=[Fault("stale", "binance", hours=1 / 30)]) as market:
        late = asked(market, ["binance"], DAY)
    assert values(late.readings, "spot.last") == {NOON - timedelta(minutes=2): tape.price("BTC", NOON - timedelta(minutes=2))}


def test_a_renamed_field_is_named_and_the_others_are_read(tape: Tape) -> None:
    """The payload is {name, data: [{value, value_classification, timestamp, time_until_update}], metadata}: most names are needed."""
    problems = set()
    for seed in range(12):
        with market_of(tape, seed=seed, faults=[Fault("renamed", "alternative_me")]) as market:
            found = both(market)
        assert {type(f) for f in found.failures} <= {BadPayload}
        problems |= {f.field for f in found.failures if isinstance(f, BadPayload)}
        assert values(found.readings, "spot.close")
    assert {p.rpartition(".")[2] for p in problems} >= {"value", "timestamp", "metadata"}


def test_a_bad_tick_is_ten_times_the_price_of_the_asset(tape: Tape) -> None:
    price = tape.price("BTC", NOON)
    assert price is not None
    with market_of(tape, faults=[Fault("bad_tick", "binance")]) as market:
        ticker, bars = asked(market, ["binance"], DAY), asked(market, ["binance"], BARS)
    assert values(ticker.readings, "spot.last") == {NOON: price * 10}
    assert values(ticker.readings, "spot.high") == {NOON: price * 10}
    highs = values(bars.readings, "spot.high", window="4h")
    assert highs[NOON.replace(hour=12, minute=0)] == Decimal("122769.19") * 10
    assert highs[NOON.replace(hour=8, minute=0)] == Decimal(123_218)


def test_a_bad_tick_strikes_one_asset_of_many(tape: Tape) -> None:
    with market_of(tape, faults=[Fault("bad_tick", "coingecko")]) as market:
        found = asked(market, ["coingecko"], {"coingecko": [Request("coins_markets", {"ids": "ethereum,bitcoin"})]})
    price = {a: tape.price(a, NOON, "coingecko") for a in ("BTC", "ETH")}
    assert price["ETH"] is not None
    assert values(found.readings, "aggregate.price", subject="ETH") == {NOON: price["ETH"] * 10}
    assert values(found.readings, "aggregate.price", subject="BTC") == {NOON: price["BTC"]}


# When a fault strikes


def test_a_fault_strikes_only_between_its_moments(tape: Tape) -> None:
    fault = Fault("server_error", since=NOON, until=NOON + timedelta(minutes=10))
    with market_of(tape, NOON - timedelta(seconds=1), faults=[fault]) as market:
        clock, failed = market.clock, []
        assert isinstance(clock, SteppedClock)
        for step in (0, 1, 599, 1):
            clock.advance(timedelta(seconds=step))
            failed.append(len(both(market).failures))
    assert failed == [0, 2, 2, 0]


def test_a_fault_strikes_only_its_endpoint(tape: Tape) -> None:
    with market_of(tape, faults=[Fault("region", "binance", "klines")]) as market:
        found = asked(market, ["binance"])
    assert {f.endpoint for f in found.failures} == {"klines", "klines_back"}  # one address, two names
    assert {r.key.window for r in found.readings} == {"", "24h", "day"}


def test_chances_come_out_the_same_in_every_run_whatever_comes_first(tape: Tape) -> None:
    questions = [Request("klines", {"symbol": "BTCUSDT", "interval": "4h", "limit": str(k)}) for k in range(1, 41)]

    def run(seed: int, asks: list[Request]) -> set[tuple[str, str]]:
        with market_of(tape, seed=seed, faults=[Fault("region", chance=0.3)]) as market:
            asked(market, ["binance"], {"binance": asks}, Caps())
        return {(c.params["limit"], c.fault) for c in market.log}

    first = run(1, questions)
    assert len(first) == 40
    assert first == run(1, questions[::-1]) != run(2, questions)


def test_a_question_is_the_same_whenever_it_is_asked(tape: Tape) -> None:
    """Kraken is asked for candles since a moment before the call: the chances go by how often."""

    def run(at: datetime) -> list[str]:
        with market_of(tape, at, seed=4, faults=[Fault("region", "kraken", chance=0.5)]) as market:
            for _ in range(8):
                asked(market, ["kraken"], {"kraken": [Request("ohlc", {"pair": "XBTUSD", "interval": "240"})]})
        return [c.fault for c in market.log]

    first = run(NOON)
    assert set(first) == {"region", ""}
    assert first == run(NOON - timedelta(days=1))


def test_a_chance_is_near_its_share() -> None:
    faults = Faults([Fault("region", chance=0.1)], seed=7)
    struck = sum(faults.draw("binance", "klines", NOON, str(k % 10)) is not None for k in range(5000))
    assert 440 <= struck <= 560  # 500, and three standard deviations of 21


def test_all_kinds_of_faults_at_once_never_get_out_of_gather(tape: Tape) -> None:
    faults = [Fault(kind, chance=0.08) for kind in KINDS if kind not in ("hang", "trickle")]
    with market_of(tape, seed=3, faults=faults) as market:
        found = asked(market, ["binance", "okx", "coingecko", "yahoo", "farside", "alternative_me", "coinglass"], caps=QUICK)
    assert {c.fault for c in market.log} >= {"too_many", "region", "cut", "html", "stale", ""}
    assert found.readings
    assert all(isinstance(f, GatherError) for f in found.failures)
    assert {type(f) for f in found.failures} <= {SourceUnavailable, SourceRefused, RegionRefused, KeyRefused, BadPayload}


def test_a_post_has_its_parameters_in_the_body(tape: Tape) -> None:
    with market_of(tape) as market:
        found = asked(market, ["hyperliquid"])
    assert not found.failures
    assert {c.endpoint for c in market.log} >= {"contexts"}
    assert all(json.dumps(dict(c.params)) for c in market.log)
