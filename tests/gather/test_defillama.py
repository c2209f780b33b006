"""DefiLlama: every peg in dollars, days as text and as numbers, a running day that is a part, coins by their id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.defillama import SOURCE
from newsgen.market import Completeness, Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

COINS, CHARTS, CHAINS, HISTORY = "stablecoins.json", "stablecoincharts_all.json", "chains_v2.json", "historical_chain_tvl.json"
CASES = [("stablecoins", {}, COINS), ("stablecoincharts", {}, CHARTS), ("chains", {}, CHAINS), ("historical_chain_tvl", {}, HISTORY)]


def test_the_supply_of_all_stablecoins_adds_every_peg() -> None:
    """20 August 2026: 305,441,594,434 against the dollar and 26 other pegs of 1,553,430,206 dollars, of which 758,028,761 are euros."""
    readings = parse_payload("defillama", "stablecoincharts", {}, body("defillama", CHARTS), NOW)
    assert [(iso(r.observed_at), r.value) for r in readings] == [
        ("2026-08-20T00:00:00Z", 305441594434 + 1553430206), ("2026-08-21T00:00:00Z", 307984541624),
        ("2026-08-22T00:00:00Z", 308246116119), ("2026-09-10T00:00:00Z", 310488876905),
    ]  # fmt: skip
    assert {(r.key.series, r.key.subject, r.key.window, r.unit, r.origin.completeness, r.known_at) for r in readings} == {
        ("stablecoins.supply", "market", "1d", Unit.USD, Completeness.FINAL, NOW)
    }


def test_a_peg_without_a_value_makes_the_sum_a_part_but_the_dollar_must_have_one() -> None:
    gone = changed("defillama", CHARTS, lambda d: d[0]["totalCirculatingUSD"].update(peggedEUR=None))
    first = parse_payload("defillama", "stablecoincharts", {}, gone, NOW)[0]
    assert (first.value, first.origin.completeness) == (306995024640 - 758028761, Completeness.PARTIAL)
    for value in (None, "", -1):
        sent = changed("defillama", CHARTS, lambda d, v=value: d[0]["totalCirculatingUSD"].update(peggedUSD=v))
        faulty("defillama", "stablecoincharts", {}, sent, "[0].totalCirculatingUSD.peggedUSD")
    faulty(
        "defillama", "stablecoincharts", {}, changed("defillama", CHARTS, lambda d: d[1]["totalCirculatingUSD"].update(total=1)),
        "[1].totalCirculatingUSD.total",
    )  # fmt: skip
    new = changed("defillama", CHARTS, lambda d: d[0]["totalCirculatingUSD"].update(peggedHKD=5))
    assert parse_payload("defillama", "stablecoincharts", {}, new, NOW)[0].value == 306995024645


@pytest.mark.parametrize(("hour", "state"), [(0, Completeness.PARTIAL), (23, Completeness.PARTIAL), (24, Completeness.FINAL)])
def test_the_running_day_is_a_part(hour: int, state: Completeness) -> None:
    at = datetime(2026, 9, 10, tzinfo=UTC) + timedelta(hours=hour)
    readings = parse_payload("defillama", "stablecoincharts", {}, body("defillama", CHARTS), at)
    assert [r.origin.completeness for r in readings] == [Completeness.FINAL] * 3 + [state]


def test_value_locked_by_day_leaves_out_the_old_and_what_is_not_of_midnight() -> None:
    """1785542400 is midnight UTC of 1 August 2026; 1785653400 is 06:50 of the second, the value of then. The first row is of 2017."""
    readings = parse_payload("defillama", "historical_chain_tvl", {}, body("defillama", HISTORY), NOW)
    assert [(iso(r.observed_at), r.value) for r in readings] == [
        ("2026-08-01T00:00:00Z", Decimal("84211350112.5")), ("2026-08-02T00:00:00Z", Decimal("85120044871.25")),
    ]  # fmt: skip
    assert {(r.key.series, r.key.subject, r.key.window, r.unit) for r in readings} == {("defi.tvl", "market", "1d", Unit.USD)}
    then = parse_payload("defillama", "historical_chain_tvl", {}, body("defillama", HISTORY), datetime(2026, 8, 2, 7, tzinfo=UTC))
    assert [r.origin.completeness for r in then] == [Completeness.FINAL, Completeness.PARTIAL]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"date": 1785542400000}, "date"),  # milliseconds
        ({"date": 1830297600}, "date"),  # 2028
        ({"date": None}, "date"),
        ({"tvl": -1}, "tvl"),
        ({"tvl": None}, "tvl"),
        ({"tvl": "much"}, "tvl"),
    ],
)
def test_a_bad_field_of_a_day_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("defillama", "historical_chain_tvl", {}, changed("defillama", HISTORY, lambda d: d[1].update(fields)), f"[1].{field}")


def test_value_locked_now_is_the_sum_of_the_chains() -> None:
    """BSC 5783275632.698368, Ethereum 53437934368.27132, Solana 6550471273.958398, Bitcoin 4455072269.769323, Moonbeam 78092.03487566055,
    Harmony 9397.403712981159, and two chains of nothing: 70226841034.135997641709."""
    (total,) = parse_payload("defillama", "chains", {}, body("defillama", CHAINS), NOW)
    assert (total.key.series, total.key.subject, total.key.window) == ("defi.tvl", "market", "")
    assert (total.value, total.unit, total.observed_at) == (Decimal("70226841034.135997641709"), Unit.USD, NOW)
    assert total.origin.completeness is Completeness.FINAL
    empty = changed("defillama", CHAINS, lambda d: d[5].update(tvl=None))
    (part,) = parse_payload("defillama", "chains", {}, empty, NOW)
    assert (part.value, part.origin.completeness) == (total.value - Decimal("78092.03487566055"), Completeness.PARTIAL)


def test_a_chain_counts_once_though_its_token_stands_for_two() -> None:
    faulty("defillama", "chains", {}, changed("defillama", CHAINS, lambda d: d.append(d[1])), "[8].name")
    faulty("defillama", "chains", {}, changed("defillama", CHAINS, lambda d: d[0].update(tvl=-1)), "[0].tvl")
    faulty("defillama", "chains", {}, changed("defillama", CHAINS, lambda d: d[0].pop("tvl")), "[0].tvl")
    faulty("defillama", "chains", {}, changed("defillama", CHAINS, lambda d: d[0].pop("name")), "[0].name")


def test_single_coins_are_known_by_their_id() -> None:
    readings = parse_payload("defillama", "stablecoins", {}, body("defillama", COINS), NOW)
    assert {(r.key.series, r.key.subject, r.key.window): (r.value, r.unit, r.observed_at) for r in readings} == {
        ("stablecoins.supply", "USDT", ""): (120000000000, Unit.USD, NOW),
        ("stablecoins.supply", "USDC", ""): (Decimal("72873769590.19"), Unit.USD, NOW),
    }
    twin = changed("defillama", COINS, lambda d: d["peggedAssets"][2].update(symbol="USDT"))
    assert one(parse_payload("defillama", "stablecoins", {}, twin, NOW), "stablecoins.supply", "USDT").value == 120000000000


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"symbol": "USDE"}, "peggedAssets[0].symbol"),
        ({"pegType": "peggedEUR"}, "peggedAssets[0].symbol"),
        ({"id": "77"}, "peggedAssets"),  # then Tether is missing
        ({"id": 1}, "peggedAssets[0].id"),
        ({"circulating": {}}, "peggedAssets[0].circulating.peggedUSD"),
        ({"circulating": {"peggedUSD": -5}}, "peggedAssets[0].circulating.peggedUSD"),
        ({"circulating": None}, "peggedAssets[0].circulating"),
    ],
)
def test_a_bad_field_of_a_coin_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("defillama", "stablecoins", {}, changed("defillama", COINS, lambda d: d["peggedAssets"][0].update(fields)), field)


def test_what_is_missing_is_named_and_what_is_new_is_ignored() -> None:
    faulty("defillama", "stablecoins", {}, wire({"chains": []}), "peggedAssets")
    for name in ("date", "totalCirculatingUSD"):
        faulty("defillama", "stablecoincharts", {}, changed("defillama", CHARTS, lambda d, n=name: d[2].pop(n)), f"[2].{name}")
    for endpoint in ("stablecoincharts", "chains", "historical_chain_tvl"):
        faulty("defillama", endpoint, {}, b"[]", "body")
        faulty("defillama", endpoint, {}, wire({"rows": []}), "body")
    more = changed("defillama", CHAINS, lambda d: d[0].update(new={}))
    assert len(parse_payload("defillama", "chains", {}, more, NOW)) == 1


@pytest.mark.parametrize("endpoint", [c[0] for c in CASES])
@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ({"message": "Internal server error"}, SourceUnavailable, "Internal"),
        ({"error": "rate limit exceeded"}, SourceUnavailable, "rate limit"),
        ({"message": "Protocol is not in our database"}, SourceRefused, "not in our database"),
        ({"message": None}, SourceRefused, "without a word"),
    ],
)
def test_a_refusal_is_told_by_its_words(endpoint: str, answer: Any, error: type[GatherError], says: str) -> None:
    faulty("defillama", endpoint, {}, wire(answer), says, error=error)
    faulty("defillama", endpoint, {}, b"<html>Just a moment...</html>", "bot wall", error=SourceRefused)


def test_what_a_round_asks() -> None:
    asked = SOURCE.requests(("BTC", "ETH"))
    assert [(SOURCE.endpoints[r.endpoint].host, SOURCE.endpoints[r.endpoint].path, dict(r.params)) for r in asked] == [
        ("https://stablecoins.llama.fi", "/stablecoins", {}), ("https://stablecoins.llama.fi", "/stablecoincharts/all", {}),
        ("", "/v2/chains", {}), ("", "/v2/historicalChainTvl", {}),
    ]  # fmt: skip
    assert all(SOURCE.endpoints[r.endpoint].every_s >= 3600 for r in asked)
