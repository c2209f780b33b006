"""Hyperliquid: two parallel lists, coins at the mark, rates per hour, delisted coins."""

from __future__ import annotations

import json
from decimal import Decimal

from newsgen.gather import parse_payload, sources
from newsgen.market import Unit
from tests.gather.wire import NOW, body, changed, faulty, one, wire

FILE = "meta_and_asset_ctxs.json"
CASES = [("contexts", {}, FILE)]


def test_context_i_belongs_to_name_i() -> None:
    """The example's values do not match its names: 688.11 coins at 14.3161 are 9,851.05 dollars; 0.0000125 an hour is 0.01 % in eight."""
    found = parse_payload("hyperliquid", "contexts", {}, body("hyperliquid", FILE), NOW)
    assert {r.key.subject for r in found} == {"BTC", "ETH"}  # the third is not followed
    assert (one(found, "perp.mark", "BTC").value, one(found, "perp.mark", "ETH").value) == (Decimal("14.3161"), Decimal("6.0436"))
    usd = one(found, "open_interest.usd", "BTC")
    assert (usd.value, usd.unit, usd.observed_at) == (Decimal("9851.05"), Unit.USD, NOW)
    assert one(found, "open_interest.coins", "ETH").value == Decimal("1882.55")
    assert one(found, "funding.rate_8h", "BTC", "8h").value == Decimal("0.01")


def test_lists_of_two_lengths_are_refused() -> None:
    """Else every value after the gap would stand under another coin's name."""
    faulty("hyperliquid", "contexts", {}, changed("hyperliquid", FILE, lambda d: d[1].pop(0)), "[1]")
    faulty("hyperliquid", "contexts", {}, wire([{"universe": []}]), "body")
    faulty("hyperliquid", "contexts", {}, wire({"universe": []}), "body")


def test_a_delisted_coin_has_no_readings() -> None:
    sent = changed("hyperliquid", FILE, lambda d: d[1][0].update(midPx=None, premium=None, impactPxs=None))
    assert {r.key.subject for r in parse_payload("hyperliquid", "contexts", {}, sent, NOW)} == {"ETH"}


def test_missing_fields_are_named_and_new_ones_ignored() -> None:
    faulty("hyperliquid", "contexts", {}, changed("hyperliquid", FILE, lambda d: d[1][1].pop("funding")), "[1][1].funding")
    faulty("hyperliquid", "contexts", {}, changed("hyperliquid", FILE, lambda d: d[1][1].update(openInterest="-5")), "[1][1].openInterest")
    assert len(parse_payload("hyperliquid", "contexts", {}, changed("hyperliquid", FILE, lambda d: d[1][0].update(new=1)), NOW)) == 8


def test_one_question_is_a_post_that_weighs_twenty() -> None:
    source = sources()["hyperliquid"]
    [asked] = source.requests(("BTC", "ETH"))
    assert (asked.cost, source.endpoints["contexts"].method, dict(source.endpoints["contexts"].fixed)) == (
        20,
        "POST",
        {"type": "metaAndAssetCtxs"},
    )
    assert json.loads(body("hyperliquid", FILE))[0]["universe"][0]["name"] == "BTC"
