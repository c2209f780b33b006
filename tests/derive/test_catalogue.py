"""The catalogue as a whole: names, words, page, and what holds for every figure on a busy little archive."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgen import derive
from newsgen.derive._coverage import load_coverage
from newsgen.detect import load_rules
from newsgen.discover import templates_root
from newsgen.errors import PluginError
from newsgen.market import Absent, Figure, Reading, SeriesRef, Unit
from newsgen.plan import load_forms
from tests.derive.figures_page import page
from tests.derive.market_of import DAY, HOUR, Market, agrees, at, everything
from tests.derive.test_etf_flows import flows
from tests.derive.test_liquidations_venue import buckets, utc_days

CORE = """
price.last price.high_24h price.low_24h price.range_24h price.high_day price.low_day price.close_day price.change_1h price.change_24h
price.change_7d price.change_30d price.change_90d price.change_365d price.change_mtd price.change_ytd price.ath price.ath_at
price.below_ath_pct price.is_ath price.highest_close_since price.lowest_close_since price.streak_days price.streak_change
price.zscore_24h level.crossed_up level.crossed_down level.nearest_above level.nearest_below volume.quote_24h volume.ratio_30d
liquidations.total_24h liquidations.long_24h liquidations.short_24h liquidations.long_share_24h liquidations.short_share_24h
liquidations.largest_order_24h liquidations.traders_24h liquidations_venue.total_24h liquidations_venue.long_24h
liquidations_venue.short_24h liquidations_venue.short_share_24h liquidations_venue.percentile_90d liquidations_venue.largest_since
etf.net_flow_day etf.net_flow_week etf.streak_days etf.streak_total etf.cumulative etf.largest_inflow_since
etf.largest_outflow_since etf.top_fund open_interest.usd open_interest.change_24h funding.rate_8h funding.annualised options.dvol
options.put_call options.max_pain sentiment.fear_greed sentiment.change_1d sentiment.zone dominance.btc market.cap
market.cap_change_24h index.close index.change_day index.below_record_pct stablecoins.supply stablecoins.change_7d
treasury.last_purchase treasury.holdings
"""


def test_every_core_name_of_the_contracts_is_there() -> None:
    assert set(CORE.split()) <= set(derive.catalogue())


def test_each_entry_says_in_sentences_what_it_is_and_when_it_is_absent() -> None:
    for spec in derive.catalogue().values():
        assert re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", spec.name), spec.name
        assert spec.meaning.endswith(".") and spec.meaning[0].isupper(), spec.name
        assert spec.absent_when.endswith("."), spec.name
        assert spec.of, spec.name


# Not measured by a rule: their past orders the body and finds the counter-fact.
RANKED_FOR_SURPRISE = frozenset({
    "dominance.btc", "options.dvol_change_day", "options.dvol_close", "sentiment.fear_greed", "stablecoins.supply",
    "treasury.last_purchase", "volume.quote_24h",
})  # fmt: skip


def test_ranked_figures_are_those_that_rules_rank_and_those_that_order_the_body() -> None:
    ranked = {n for n, s in derive.catalogue().items() if s.trail}
    measured = {rule.file.measure.figure for rule in load_rules((templates_root(),), derive.catalogue(), {})}
    counters = {name.partition("=")[2] for form in load_forms(templates_root() / "forms").values() for part in form.part
                for name in part.messages if "=" in name}  # fmt: skip
    assert len(ranked & measured) > 20 and ranked - measured - counters == RANKED_FOR_SURPRISE


def test_a_name_that_exists_twice_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = next(iter(derive.catalogue().values()))
    monkeypatch.setattr(derive, "load_constants", lambda *_: {"one": (spec,), "two": (spec,)})
    with pytest.raises(PluginError, match="exists twice"):
        derive.catalogue.__wrapped__()


def test_page_of_figures_is_the_catalogue() -> None:
    assert (Path(__file__).parents[2] / "docs/figures.md").read_text("utf-8") == page()


def test_coverage_states_its_evidence() -> None:
    covered = {(c.metric, c.subject): c for c in load_coverage().covers}
    assert str(covered["price", "BTC"].since) == "2010-07-13"
    assert "2,690.16 on 2017-12-18" in covered["index", "SP500"].evidence
    assert ("price", "XRP") not in covered
    assert ("price", "ETH") not in covered


NOON = at("2025-07-14 12:00")


def busy(shift: float = 0) -> Market:
    """Bars, liquidations, flows, an index and a purchase up to noon; later rows differ with `shift`."""
    market = Market(("BTC", "ETH"))
    wave = [100_000 + 40 * ((k * 7919) % 613) for k in range(6 * 130)]
    for asset, scale in (("BTC", 1.0), ("ETH", 0.03)):
        closes = [round(scale * w, 2) for w in wave] + [round(scale * (90_000 + shift), 2)] * 12
        market.bars(asset, "4h", NOON + 2 * DAY, closes, spread=scale * 300)
        daily = [round(scale * (80_000 + 50 * ((k * 31) % 97)), 2) for k in range(500)] + [round(scale * (70_000 + shift), 2)] * 2
        market.bars(asset, "1d", at("2025-07-16"), daily, spread=scale * 900)
        rows = [(at("2025-07-16") - DAY * k, 1e9 + 1e6 * ((k * 13) % 101) + shift * (k < 2)) for k in range(120, -1, -1)]
        market.rows("spot.volume_quote", asset, "1d", "binance", rows, venue="binance")
        flows(market, "2025-07-15", [float((k * 17) % 41 - 12) for k in range(300)] + [9 + shift] * 2, asset)
        buckets(market, asset, lambda k: (k * 37) % 53 + shift * (k < 2), end=NOON + 2 * DAY, short=20)
        utc_days(market, asset, [float((k * 29) % 67) for k in range(400)] + [500 + shift], end="2025-07-15", short=110)
    market.rows("index.close", "SP500", "session", "fred", [(at("2018-01-02") + 21 * HOUR + DAY * k, 3000 + k % 91) for k in range(2751)])
    market.rows("treasury.purchase", "Strategy", "", "strategy", [(NOON, 4225), (NOON + DAY, 7 + shift)], venue="BTC", unit=Unit.COINS)
    return market


@pytest.mark.parametrize("as_of", ["2025-07-14 12:02", "2025-07-14 00:00"])
def test_every_formula_gives_its_figure_again(as_of: str) -> None:
    book = busy().book(as_of)
    made = [f for f in everything(book).values() if isinstance(f, Figure) and f.formula]
    assert len(made) > 80
    assert [f"{f.name} {f.subject} {f.formula}" for f in made if not agrees(book, f)] == []


@given(st.sampled_from(["2025-07-14 12:02", "2025-07-14 00:05", "2025-07-13 20:00", "2025-07-14 08:11"]), st.integers(1, 9000))
@settings(max_examples=12, deadline=None)
def test_nothing_later_than_as_of_is_seen(as_of: str, shift: int) -> None:
    """What becomes known later, whatever it is, changes no figure."""
    now, other, cut = (everything(m.book(as_of)) for m in (busy(), busy(shift), busy().cut(as_of)))
    assert _shown(now) == _shown(other) == _shown(cut)


def _shown(figures: dict[tuple[str, str], Figure | Absent]) -> dict[tuple[str, str], object]:
    return {
        key: f.reason if isinstance(f, Absent) else (f.value, f.formula, f.source, f.record, f.observed_at, f.known_at, f.window_end)
        for key, f in figures.items()
    }


def test_inputs_are_never_younger_than_as_of() -> None:
    book = busy().book("2025-07-14 12:02")
    for f in everything(book).values():
        if isinstance(f, Figure):
            assert f.known_at <= book.view.as_of, f.name
            assert all(isinstance(i, SeriesRef) or i.known_at <= book.view.as_of for i in f.inputs), f.name
            assert all(i.until <= book.view.as_of_s for i in f.inputs if isinstance(i, SeriesRef)), f.name


def test_a_figure_knows_as_late_as_its_latest_input() -> None:
    book = busy().book("2025-07-14 12:02")
    change = book.get("price.change_24h", "BTC")
    assert isinstance(change, Figure)
    assert change.known_at == max(i.known_at for i in change.inputs if isinstance(i, Reading | Figure))
