"""mempool.space: milliseconds beside seconds, integers above 2^63, a bare number, fees the right way round."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.mempool_space import SOURCE
from newsgen.market import Unit
from tests.gather.wire import NOW, body, changed, faulty, wire

RETARGET, FEES, HASHRATE = "difficulty_adjustment.json", "fees_recommended.json", "hashrate_3d.json"
CASES = [("difficulty_adjustment", {}, RETARGET), ("fees", {}, FEES), ("hashrate", {}, HASHRATE)]


def test_the_retarget_is_in_milliseconds_and_the_one_before_in_seconds() -> None:
    """1786256956920 milliseconds are 06:29:16.92 UTC of 9 August 2026; in epoch seconds 1786256956.92."""
    readings = parse_payload("mempool_space", "difficulty_adjustment", {}, body("mempool_space", RETARGET), NOW)
    assert {r.key.series: (r.value, r.unit) for r in readings} == {
        "network.difficulty_change": (Decimal("-2.0994769221320375"), Unit.PCT),
        "network.blocks_to_retarget": (1220, Unit.COUNT),
        "network.retarget_at": (Decimal("1786256956.92"), Unit.COUNT),
    }
    assert {(r.key.subject, r.key.window, r.observed_at) for r in readings} == {("BTC", "", NOW)}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"estimatedRetargetDate": 1786256956}, "estimatedRetargetDate"),  # seconds
        ({"previousTime": 1785019866000}, "previousTime"),  # milliseconds
        ({"estimatedRetargetDate": 1785019865000}, "estimatedRetargetDate"),  # before the one before
        ({"estimatedRetargetDate": 1801000000000}, "estimatedRetargetDate"),  # half a year after it
        ({"previousTime": 1830297600}, "previousTime"),  # ahead of the fetch
        ({"remainingBlocks": 2017}, "remainingBlocks"),
        ({"remainingBlocks": -1}, "remainingBlocks"),
        ({"remainingBlocks": 12.5}, "remainingBlocks"),
        ({"difficultyChange": None}, "difficultyChange"),
        ({"difficultyChange": "up"}, "difficultyChange"),
    ],
)
def test_a_bad_field_of_the_retarget_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("mempool_space", "difficulty_adjustment", {}, changed("mempool_space", RETARGET, lambda d: d.update(fields)), field)


def test_a_hash_rate_keeps_every_digit() -> None:
    """252,033,247,355,212,300,000 hashes a second: more than 2^63, and more than a float tells apart from its neighbour."""
    readings = parse_payload("mempool_space", "hashrate", {}, body("mempool_space", HASHRATE), NOW)
    assert {r.key.series: (r.value, r.unit) for r in readings} == {
        "network.hashrate": (252033247355212300000, Unit.COUNT),
        "network.difficulty": (Decimal("31251101365711.12"), Unit.COUNT),
    }
    exact = changed("mempool_space", HASHRATE, lambda d: d.update(currentHashrate=952033247355212300001))
    assert parse_payload("mempool_space", "hashrate", {}, exact, NOW)[0].value == 952033247355212300001
    for fields in ({"currentHashrate": 0}, {"currentDifficulty": None}, {"currentHashrate": 10**25}):
        sent = changed("mempool_space", HASHRATE, lambda d, f=fields: d.update(f))
        faulty("mempool_space", "hashrate", {}, sent, next(iter(fields)))


def test_fees_of_the_next_block_and_of_an_hour() -> None:
    readings = parse_payload("mempool_space", "fees", {}, body("mempool_space", FEES), NOW)
    assert {r.key.series: (r.value, r.unit) for r in readings} == {
        "network.fee_fast": (20, Unit.COUNT), "network.fee_hour": (6, Unit.COUNT),
    }  # fmt: skip
    assert {(r.key.subject, r.observed_at) for r in readings} == {("BTC", NOW)}
    for fields, field in (({"fastestFee": 5}, "fastestFee"), ({"hourFee": 0}, "hourFee"), ({"fastestFee": None}, "fastestFee")):
        faulty("mempool_space", "fees", {}, changed("mempool_space", FEES, lambda d, f=fields: d.update(f)), field)
    part = changed("mempool_space", FEES, lambda d: d.update(fastestFee=1.25, hourFee=0.5))
    assert [r.value for r in parse_payload("mempool_space", "fees", {}, part, NOW)] == [Decimal("1.25"), Decimal("0.5")]


def test_the_height_is_a_bare_number() -> None:
    (height,) = parse_payload("mempool_space", "height", {}, b"840000", NOW)
    assert (height.key.series, height.key.subject, height.value, height.unit) == ("network.height", "BTC", 840000, Unit.COUNT)
    for sent in (b"0", b"-1", b"12.5", b"true", b"null", b"[840000]", b"block", b""):
        faulty("mempool_space", "height", {}, sent, "body")


@pytest.mark.parametrize(
    ("endpoint", "file", "names"),
    [
        ("difficulty_adjustment", RETARGET, ("difficultyChange", "remainingBlocks", "estimatedRetargetDate", "previousTime")),
        ("fees", FEES, ("fastestFee", "hourFee")),
        ("hashrate", HASHRATE, ("currentHashrate", "currentDifficulty")),
    ],
)
def test_what_is_missing_is_named_and_what_is_new_is_ignored(endpoint: str, file: str, names: tuple[str, ...]) -> None:
    for name in names:
        faulty("mempool_space", endpoint, {}, changed("mempool_space", file, lambda d, n=name: d.pop(n)), name)
    whole = parse_payload("mempool_space", endpoint, {}, body("mempool_space", file), NOW)
    more = parse_payload("mempool_space", endpoint, {}, changed("mempool_space", file, lambda d: d.update(new=[1])), NOW)
    assert [r.value for r in more] == [r.value for r in whole]
    assert len(whole) >= 2
    faulty("mempool_space", endpoint, {}, b"[]", "")


@pytest.mark.parametrize("endpoint", ["difficulty_adjustment", "fees", "hashrate", "height"])
@pytest.mark.parametrize(
    ("sent", "error", "says"),
    [
        (b"Too Many Requests", SourceUnavailable, "too many requests"),
        (b"Service Unavailable", SourceUnavailable, "unavailable"),
        (wire({"error": "Internal server error"}), SourceUnavailable, "Internal"),
        (wire({"error": "Invalid interval"}), SourceRefused, "Invalid interval"),
        (b"<html>Attention Required!</html>", SourceRefused, "bot wall"),
    ],
)
def test_a_refusal_is_told_by_its_words(endpoint: str, sent: bytes, error: type[GatherError], says: str) -> None:
    faulty("mempool_space", endpoint, {}, sent, says, error=error)


def test_what_a_round_asks() -> None:
    asked = SOURCE.requests(("ETH", "BTC"))
    assert [(SOURCE.endpoints[r.endpoint].path, dict(r.params)) for r in asked] == [
        ("/api/v1/difficulty-adjustment", {}), ("/api/v1/fees/recommended", {}), ("/api/v1/mining/hashrate/3d", {}),
        ("/api/blocks/tip/height", {}),
    ]  # fmt: skip
    assert SOURCE.requests(("ETH",)) == []
    assert SOURCE.calls / SOURCE.per_s * 60 < 10
