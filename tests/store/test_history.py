"""History files: each layout read by hand, damage by file and line, the import that changes nothing twice."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from newsgen.errors import ConfigError
from newsgen.market import Column, Completeness, Reading, Run, SeriesKey, Unit, iso, parse_time, to_epoch
from newsgen.store.archive import SqlArchive
from newsgen.store.database import open_database
from newsgen.store.history import Loaded, import_history, read_history
from newsgen.store.layouts import LAYOUTS, layout_of
from newsgen.store.memory import MemoryArchive

DATA = Path(__file__).parent / "data" / "history"
SHARED = Path(__file__).parents[3] / "shared" / "history"
SAMPLES = Path(__file__).parents[2] / "samples" / "_history"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return read_history([DATA])


def readings(loaded: Loaded, *key: str) -> list[Reading]:
    (column,) = [c for c in loaded.columns if c.key == SeriesKey(*key)]
    return list(Run(column, range(len(column.observed))))


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# series/subject/window/source/venue | row | value, unit, observed_at, known_at, printed source
BY_HAND = [
    # A day ends at 24:00 UTC, which is 00:00 of the next.
    ("spot.close/BTC/1d/binance/binance", 0, "119086.64", "usd", "2025-07-14 00:00", "2025-07-14 00:00", "Binance spot"),
    ("spot.high/BTC/1d/binance/binance", 1, "123218", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "Binance spot"),
    ("spot.volume_base/XRP/1d/binance/binance", 0, "442537809.19999999", "coins", "2025-07-15 00:00", "2025-07-15 00:00", "Binance spot"),
    ("spot.volume_quote/BTC/1d/binance/binance", 1, "3299746181", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "Binance spot"),
    ("spot.trades/BTC/1d/binance/binance", 1, "4076133", "count", "2025-07-15 00:00", "2025-07-15 00:00", "Binance spot"),
    # The bar that starts at 08:00 closes at 12:00.
    ("spot.close/BTC/4h/binance/binance", 2, "121467.24", "usd", "2025-07-14 12:00", "2025-07-14 12:00", "Binance spot"),
    ("spot.close/ETH/4h/binance/binance", 0, "3051.72", "usd", "2025-07-14 12:00", "2025-07-14 12:00", "Binance spot"),
    ("perp.close/BTC/1h/binance/binance", 0, "121474.5", "usd", "2025-07-14 12:00", "2025-07-14 12:00", "Binance perpetuals"),
    ("perp.low/ETH/1h/binance/binance", 0, "3049.95", "usd", "2025-07-14 12:00", "2025-07-14 12:00", "Binance perpetuals"),
    ("perp.open/SOL/1h/binance/binance", 0, "167.51", "usd", "2025-07-14 12:00", "2025-07-14 12:00", "Binance perpetuals"),
    ("perp.volume_base/XRP/1h/binance/binance", 0, "82345006.40000001", "coins",
     "2025-07-14 12:00", "2025-07-14 12:00", "Binance perpetuals"),
    ("reference.high/BTC/1d/coinmarketcap/", 0, "0.0663", "usd", "2010-07-14 00:00", "2010-07-14 00:00", "CoinMarketCap"),
    ("reference.supply/BTC/1d/coinmarketcap/", 1, "19892418", "coins", "2025-07-15 00:00", "2025-07-15 00:00", "CoinMarketCap"),
    ("reference.cap/BTC/1d/coinmarketcap/", 1, "2384182852790", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "CoinMarketCap"),
    ("reference.close/BTC/1d/coinmetrics/", 0, "119871.0962", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "Coin Metrics"),
    ("reference.close/BTC/1d/coinbase/", 0, "119864", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "Coinbase"),
    ("reference.close/ETH/1d/coinbase/", 0, "13.18", "usd", "2016-05-19 00:00", "2016-05-19 00:00", "Coinbase"),
    ("liq.short/BTC/1d/coinglass/binance", 1, "112743388", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "CoinGlass"),
    ("liq.total/XRP/1d/coinglass/binance", 0, "3956583", "usd", "2025-07-14 00:00", "2025-07-14 00:00", "CoinGlass"),
    ("liq.bucket_long/BTC/4h/coinglass/binance", 0, "1239098", "usd", "2025-07-14 12:00", "2025-07-14 12:00", "CoinGlass"),
    ("liq.bucket_short/ETH/4h/coinglass/binance", 0, "1409621", "usd", "2025-07-14 12:00", "2025-07-14 12:00", "CoinGlass"),
    ("liq.long/BTC/1d/cryptoquant/all", 4, "52290000", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "Crypto Market Data"),
    # A stamp is its own moment; of a bare date the last second is the latest it can be of, and the next day the first to know it.
    ("liq.short/market/24h/reported/all", 2, "623300000", "usd", "2025-07-14 12:02", "2025-07-14 12:02", "AInvest"),
    ("liq.short/market/5h/reported/all", 0, "500000000", "usd", "2025-07-14 23:59", "2025-07-15 00:00", "Watcher.Guru"),
    ("liq.total/market/24h/reported/all", 0, "9010000000", "usd", "2021-05-19 23:59", "2021-05-20 00:00", "CoinGlass top-10 list"),
    ("liq.total/market/24h/reported/all", 2, "1250000000", "usd", "2025-07-11 08:17", "2025-07-11 08:17", "ainvest.com"),
    ("liq.largest_order/market/24h/reported/", 1, "98100000", "usd", "2025-07-14 12:02", "2025-07-14 12:02", "AInvest"),
    ("liq.short/ETH/24h/reported/all", 0, "52700000", "usd", "2025-07-14 12:02", "2025-07-14 12:02", "AInvest"),
    # A session ends at 16:00 New York: 20:00 UTC in summer, 21:00 in winter; its flows are known the day after at 06:00 UTC.
    ("etf.net_flow/BTC/session/farside/us", 0, "-149400000", "usd", "2025-01-10 21:00", "2025-01-11 06:00", "Farside Investors"),
    ("etf.net_flow/BTC/session/farside/us", 2, "1029600000", "usd", "2025-07-11 20:00", "2025-07-12 06:00", "Farside Investors"),
    ("etf.fund_flow/BTC/session/farside/IBIT", 2, "953500000", "usd", "2025-07-11 20:00", "2025-07-12 06:00", "Farside Investors"),
    ("etf.fund_flow/BTC/session/farside/BTC", 1, "81900000", "usd", "2025-07-10 20:00", "2025-07-11 06:00", "Farside Investors"),
    ("etf.fund_flow/ETH/session/farside/ETH", 0, "25500000", "usd", "2025-07-11 20:00", "2025-07-12 06:00", "Farside Investors"),
    ("index.close/SP500/session/fred/", 1, "6259.75", "index", "2025-07-11 20:00", "2025-07-11 20:15", "FRED"),
    ("index.close/NDX/session/fred/", 1, "22780.6", "index", "2025-07-11 20:00", "2025-07-11 20:15", "FRED"),
    ("index.close/VIX/session/fred/", 1, "17.48", "index", "2025-07-04 20:00", "2025-07-04 20:15", "FRED"),
    ("index.close/DXY/session/yahoo/", 1, "97.85", "index", "2025-07-11 20:00", "2025-07-11 20:15", "Yahoo Finance"),
    ("index.close/MSTR/session/yahoo/", 0, "434.58", "usd", "2025-07-11 20:00", "2025-07-11 20:15", "Yahoo Finance"),
    # July 11, 2025 is a Friday, so the next weekday is July 14; the broad dollar comes seven days later; gold is fixed at 15:00 London.
    ("index.close/US10Y/session/fred/", 1, "4.43", "pct", "2025-07-11 20:00", "2025-07-14 20:15", "FRED"),
    ("index.close/US10Y2Y/session/fred/", 1, "0.53", "points", "2025-07-11 20:00", "2025-07-14 20:15", "FRED"),
    ("index.close/FEDFUNDS/session/fred/", 1, "4.33", "pct", "2025-07-04 20:00", "2025-07-07 20:15", "FRED"),
    ("index.close/WTI/session/fred/", 0, "-36.98", "usd", "2020-04-20 20:00", "2020-04-21 20:15", "FRED"),
    ("index.close/USDBROAD/session/fred/", 1, "119.921", "index", "2025-07-11 20:00", "2025-07-18 20:15", "FRED"),
    ("index.close/GOLD/session/lbma/", 2, "3352.1", "usd", "2025-07-11 14:00", "2025-07-11 15:00", "LBMA"),
    ("sentiment.fear_greed/market/1d/alternative.me/", 0, "74", "index", "2025-07-14 00:00", "2025-07-14 00:10", "alternative.me"),
    ("funding.rate_8h/BTC/8h/coinglass/all", 0, "-0.028015", "pct", "2020-04-01 00:00", "2020-04-01 00:00", "CoinGlass"),
    ("open_interest.usd/BTC//coinglass/all", 0, "87888481875", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "CoinGlass"),
    ("stablecoins.supply/market//defillama/", 0, "256739000000", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "DefiLlama"),
    ("stablecoins.supply/USDC//coinglass/", 0, "63388899804", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "CoinGlass"),
    ("defi.tvl_gross/market//defillama/", 0, "234901000000", "usd", "2025-07-15 00:00", "2025-07-15 00:00", "DefiLlama"),
    ("dominance.btc/market//tradingview/", 0, "63.7605", "pct", "2025-07-15 00:00", "2025-07-15 00:00", "TradingView"),
    # 08:00 New York: 12:00 UTC in summer, 13:00 in winter.
    ("treasury.purchase/Strategy//strategy/BTC", 1, "4225", "coins", "2025-07-14 12:00", "2025-07-14 12:00", "Strategy"),
    ("treasury.purchase/Strategy//strategy/BTC", 0, "-704", "coins", "2022-12-22 13:00", "2022-12-22 13:00", "Strategy"),
    ("treasury.purchase_usd/Strategy//strategy/BTC", 1, "472000000", "usd", "2025-07-14 12:00", "2025-07-14 12:00", "Strategy"),
    ("treasury.holdings/Strategy//strategy/BTC", 1, "601550", "coins", "2025-07-14 12:00", "2025-07-14 12:00", "Strategy"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "row", "value", "unit", "observed", "known", "name"), BY_HAND)
def test_layout_gives_value_unit_and_moments(
    loaded: Loaded, key: str, row: int, value: str, unit: str, observed: str, known: str, name: str
) -> None:
    reading = readings(loaded, *key.split("/"))[row]
    assert (str(reading.value), reading.unit.value) == (value, unit)
    assert (f"{reading.observed_at:%Y-%m-%d %H:%M}", f"{reading.known_at:%Y-%m-%d %H:%M}") == (observed, known)
    assert reading.origin.source_name == name


def test_every_layout_has_a_reading_checked_by_hand_or_is_events(loaded: Loaded) -> None:
    checked = {SeriesKey(*key.split("/")) for key, *_ in BY_HAND}
    by_layout = {c.origins[0].endpoint for c in loaded.columns if c.key in checked}
    snapshots_and_events = {"liquidations_by_exchange_snapshots", "reference_events"}
    assert by_layout == {layout.prefix for layout in LAYOUTS} - snapshots_and_events
    assert loaded.refused == []


def test_empty_cell_and_a_zero_that_means_unknown_make_no_reading(loaded: Loaded) -> None:
    # July 4 is a holiday of the New York exchange; DEFI has no figures; open interest starts in 2024; a sale has no price.
    assert [iso(r.observed_at)[:10] for r in readings(loaded, "index.close", "SP500", "session", "fred", "")] == [
        "2020-04-20",
        "2025-07-11",
    ]
    assert not [c for c in loaded.columns if c.key.venue == "DEFI"]
    assert len(readings(loaded, "open_interest.usd", "BTC", "", "coinglass", "all")) == 1
    assert [r.value for r in readings(loaded, "treasury.purchase_price", "Strategy", "", "strategy", "BTC")] == [Decimal(111716)]


def test_fund_flows_are_marked_restated_and_bars_final(loaded: Loaded) -> None:
    assert readings(loaded, "etf.net_flow", "ETH", "session", "farside", "us")[0].origin.completeness is Completeness.RESTATED
    assert readings(loaded, "spot.close", "BTC", "4h", "binance", "binance")[0].origin.completeness is Completeness.FINAL


def test_traders_printed_as_more_than_are_a_lower_bound(loaded: Loaded) -> None:
    traders = readings(loaded, "liq.traders", "market", "24h", "reported", "all")
    assert [(r.value, r.origin.bound) for r in traders] == [(Decimal(237_000), "exact"), (Decimal(130_000), "at_least")]


def test_two_sites_of_one_bare_date_are_not_used(loaded: Loaded) -> None:
    # 1.01 and 1.24 billion, both "July 11": no one can say which was first. Those of that day with an hour are there.
    totals = readings(loaded, "liq.total", "market", "24h", "reported", "all")
    assert [int(r.value) for r in totals] == [9_010_000_000, 1_130_000_000, 1_250_000_000, 748_300_000]
    assert loaded.files["liquidations_reported.csv"].unused == 2


def test_snapshots_that_share_a_time_are_not_used(loaded: Loaded, tmp_path: Path) -> None:
    assert loaded.files["liquidations_by_exchange_snapshots.csv"].unused == 6
    assert not [c for c in loaded.columns if c.origins[0].endpoint == "liquidations_by_exchange_snapshots"]
    path = write(
        tmp_path, "liquidations_by_exchange_snapshots.csv", "snapshot_time_utc,window_hours,asset,exchange,long_liq_usd,short_liq_usd",
        "2025-07-14T09:30:00Z,4,BTC,All,5,6", "2025-07-14T09:30:00Z,4,BTC,OKX,1,2", "2025-07-14T09:30:00Z,4,BTC,OKX,1,3",
    )  # fmt: skip
    alone = read_history([path])
    assert [(c.key, c.values) for c in alone.columns] == [
        (SeriesKey("liq.long", "BTC", "4h", "coinglass", "all"), ["5"]),
        (SeriesKey("liq.short", "BTC", "4h", "coinglass", "all"), ["6"]),
    ]


def test_suspect_rows_are_never_used(tmp_path: Path) -> None:
    head = "date,asset,long_liq_usd,short_liq_usd,total_liq_usd,suspect_flag"
    path = write(
        tmp_path, "liquidations_btc_multi_exchange_daily.csv", head, "2025-07-14,BTC,10000,20000,30000,0", "2025-07-15,BTC,1,2,3,1"
    )
    loaded = read_history([path])
    assert {tuple(c.values) for c in loaded.columns} == {("10000",), ("20000",), ("30000",)}
    assert loaded.files[path.name].unused == 1


def test_events_are_kept_aside(loaded: Loaded) -> None:
    halving, launch, record = loaded.events
    assert (str(launch.day), launch.asset, launch.value) == ("2024-01-11", "BTC", None)
    assert (str(record.day), record.value, record.unit) == ("2018-01-04", Decimal("3.84"), "usd")
    assert (str(halving.day), halving.value, halving.unit) == ("2024-04-20", Decimal("3.125"), "btc_per_block")


# One good line, and the damage that stands in its place: file, header, good line, damaged line, what the refusal says.
BAR = "time_utc,open_usd,high_usd,low_usd,close_usd,volume_base"
GOOD_BAR = "2025-07-14T00:00:00Z,119086.65,121492.48,118905.18,120750.24,5418.533"
FUNDS = ("ibit", "fbtc", "bitb", "arkb", "btco", "ezbc", "brrr", "hodl", "btcw", "gbtc", "btc", "defi")
FLOW = "date,total_net_flow_usd," + ",".join(f"{fund}_net_flow_usd" for fund in FUNDS)
GOOD_FLOW = "2025-07-10,1175600000,448500000,324300000,77200000,268700000,0,0,0,15200000,0,-40200000,81900000,"
DAMAGE = [
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,123218,120557.63,122736.04", "5 cells, the header has 6"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,123218,120557.63,122736.04,1,2", "7 cells, the header has 6"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,123218,120557.63,12x736.04,1", "is no number: '12x736.04'"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,123218,120557.63,122_736,1", "close_usd is no number"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,123218,120557.63, 122736,1", "close_usd is no number"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,123218,120557.63,nan,1", "close_usd is no number: 'nan'"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,1e999,120557.63,122736,1", "high_usd is not finite"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,123218,120557.63,0,1", "close_usd is no price above 0: '0'"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,-120750.25,123218,120557.63,122736,1", "open_usd is no price above 0"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,123218,120557.63,122736,-1", "volume_base is below 0: '-1'"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,120557.63,123218,122736,1", "low_usd 123218 is above"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00Z,120750.25,123218,120557.63,123219,1", "123219 is above high_usd 123218"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-02-30T04:00:00Z,120750.25,123218,120557.63,122736,1", "time_utc: day is out of range"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T04:00:00,120750.25,123218,120557.63,122736,1", "no UTC time as"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, "2025-07-14T05:00:00Z,120750.25,123218,120557.63,122736,1", "no start of a 4-hour bar"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, '2025-07-14T04:00:00Z,"120750.25,123218,120557.63,122736,1', "a quote that is not closed"),
    ("btc_spot_4h.csv", BAR, GOOD_BAR, GOOD_BAR.replace("120750.24", "120750.25"),
     "spot.close of BTC at 2025-07-14T04:00:00Z is 120750.25, differs: line 2 has 120750.24"),
    ("etf_flows_btc_daily.csv", FLOW, GOOD_FLOW, GOOD_FLOW.replace("07-10,1175600000", "07-11,1275600000"),
     "total_net_flow_usd 1275600000 is not the sum of its parts, 1175600000"),
    ("liquidations_binance_daily.csv", "date,asset,long_liq_usd,short_liq_usd,total_liq_usd,exchange,source",
     "2025-07-13,BTC,1709138,5268845,6977983,Binance,coinglass_1d", "2025-07-14,BTC,1709138,5268845,6977993,Binance,coinglass_1d",
     "total_liq_usd 6977993 is not the sum of its parts, 6977983"),
    ("liquidations_binance_daily.csv", "date,asset,long_liq_usd,short_liq_usd,total_liq_usd,exchange,source",
     "2025-07-13,BTC,1709138,5268845,6977983,Binance,coinglass_1d", "2025-07-14,BTC,1709138,5268845,6977983,Bybit,coinglass_1d",
     "exchange is 'Bybit', the file's name says Binance"),
    ("crypto_daily_ohlcv.csv", "date,asset,open_usd,high_usd,low_usd,close_usd,volume_base,volume_quote_usd,trades_count",
     "2025-07-13,BTC,1,3,1,2,5,6,7", "2025-07-14,,1,3,1,2,5,6,7", "asset is no asset's name: ''"),
    ("crypto_daily_ohlcv.csv", "date,asset,open_usd,high_usd,low_usd,close_usd,volume_base,volume_quote_usd,trades_count",
     "2025-07-13,BTC,1,3,1,2,5,6,7", "2025-07-14,BTC,1,3,1,2,5,6,7.5", "trades_count is no whole number: '7.5'"),
    ("fear_greed_daily.csv", "date,fear_greed_index,quality", "2025-07-14,74,a", "2025-07-15,101,a", "fear_greed_index is above 100"),
    ("fear_greed_daily.csv", "date,fear_greed_index,quality", "2025-07-14,74,a", "20250715,70,a", "no date as 2025-07-14: '20250715'"),
    ("reference_events.csv", "date,asset,event_type,value,unit,note", "2024-04-20,BTC,halving,3.125,btc_per_block,n",
     "2028-04-20,BTC,halving,soon,btc_per_block,n", "value is no number: 'soon'"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "header", "good", "damaged", "said"), DAMAGE)
def test_damaged_line_is_refused_by_file_and_line_and_the_rest_loads(
    tmp_path: Path, name: str, header: str, good: str, damaged: str, said: str
) -> None:
    whole = read_history([write(tmp_path, name, header, good)])
    loaded = read_history([write(tmp_path, name, header, good, damaged)])
    (error,) = loaded.refused
    assert (error.file, error.line) == (name, 3)
    assert said in error.problem
    assert (loaded.columns, loaded.events) == (whole.columns, whole.events)
    assert whole.columns or whole.events
    assert loaded.files[name].lines == 2


def test_bytes_that_are_no_utf8_spoil_their_line_only(tmp_path: Path) -> None:
    path = tmp_path / "btc_spot_4h.csv"
    path.write_bytes(f"{BAR}\n2025-07-14T04:00:00Z,1\xff,2,1,1,1\n{GOOD_BAR}\n".encode("latin-1"))
    loaded = read_history([path])
    assert [(e.line, e.problem) for e in loaded.refused] == [(2, "not UTF-8")]
    assert loaded.files[path.name].readings == 5


def test_line_ends_and_a_mark_of_other_systems_change_nothing(tmp_path: Path) -> None:
    plain = read_history([write(tmp_path, "btc_spot_4h.csv", BAR, GOOD_BAR)])
    (tmp_path / "btc_spot_4h.csv").write_bytes(b"\xef\xbb\xbf" + f"{BAR}\r\n{GOOD_BAR}\r\n\r\n".encode())
    assert read_history([tmp_path / "btc_spot_4h.csv"]).columns == plain.columns


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("time,open_usd,high_usd,low_usd,close_usd,volume_base", "lacks time_utc"),
        ("time_utc,open_usd,high_usd,low_usd,closing_usd,volume_base", "lacks close_usd; it has closing_usd"),
        ("time_utc,open_usd,high_usd,low_usd,close_usd,close_usd", "has close_usd twice"),
        ("time_utc", "lacks open_usd, high_usd, low_usd, close_usd, volume_base"),
        ("", "lacks time_utc"),
    ],
)
def test_header_that_does_not_fit_is_refused_as_line_1(tmp_path: Path, header: str, said: str) -> None:
    loaded = read_history([write(tmp_path, "btc_spot_4h.csv", header, GOOD_BAR)])
    (error,) = loaded.refused
    assert error.line == 1
    assert said in error.problem
    assert loaded.columns == []


def test_file_may_leave_columns_out(tmp_path: Path) -> None:
    loaded = read_history([write(tmp_path, "btc_spot_4h.csv", "close_usd,time_utc", "120750.24,2025-07-14T00:00:00Z")])
    assert [(c.key.series, c.values) for c in loaded.columns] == [("spot.close", ["120750.24"])]


def test_new_fund_is_read_and_counts_in_the_sum(tmp_path: Path) -> None:
    header = FLOW + ",newf_net_flow_usd"
    good = GOOD_FLOW.replace("1175600000", "1185600000") + ",10000000"
    loaded = read_history([write(tmp_path, "etf_flows_btc_daily.csv", header, good)])
    assert loaded.refused == []
    assert [c.values for c in loaded.columns if c.key.venue == "NEWF"] == [["10000000"]]


def test_prefix_decides_and_the_longest_wins() -> None:
    found = {name: layout_of(name) for name in ("btc_spot_4h_2026.csv", "liquidations_binance_4h.csv", "btc_daily_reference-old.csv")}
    assert {name: layout.prefix for name, layout in found.items() if layout} == {
        "btc_spot_4h_2026.csv": "btc_spot_4h",
        "liquidations_binance_4h.csv": "liquidations_binance_4h",
        "btc_daily_reference-old.csv": "btc_daily_reference",
    }
    assert layout_of("btc_spot_4hours.csv") is None
    assert layout_of("btc_spot_4h.txt") is None


def test_unknown_file_is_named_and_the_others_load(tmp_path: Path) -> None:
    write(tmp_path, "notes.csv", "a,b", "1,2")
    write(tmp_path, "btc_spot_4h_2026.csv", BAR, GOOD_BAR)
    loaded = read_history([tmp_path])
    assert [(e.file, e.line) for e in loaded.refused] == [("notes.csv", 1)]
    assert "btc_spot_4h" in loaded.refused[0].problem
    assert sum(len(c.values) for c in loaded.columns) == 5


def test_missing_path_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.csv"):
        read_history([tmp_path / "nowhere.csv"])


def test_overlapping_files_agree_or_are_refused(tmp_path: Path) -> None:
    first = write(tmp_path, "btc_spot_4h.csv", BAR, GOOD_BAR)
    later = write(tmp_path, "btc_spot_4h_2026.csv", BAR, "2025-07-13T20:00:00Z,1,3,1,2,5", GOOD_BAR.replace("5418.533", "5418.6"))
    loaded = read_history([first, later])
    assert [(e.file, e.line) for e in loaded.refused] == [("btc_spot_4h_2026.csv", 3)]
    assert "an earlier file has 5418.533" in loaded.refused[0].problem
    archive = MemoryArchive()
    archive.add_columns(loaded.columns)
    (close,) = archive.load("spot.close", "BTC")
    assert close.values == ["2", "120750.24"]


def test_rows_in_any_order_give_the_same_columns(tmp_path: Path) -> None:
    lines = (DATA / "btc_spot_4h.csv").read_text().split()
    turned = read_history([write(tmp_path, "btc_spot_4h.csv", lines[0], *reversed(lines[1:]), lines[2])])
    assert turned.columns == read_history([DATA / "btc_spot_4h.csv"]).columns


def by_key(columns: list[Column]) -> dict[SeriesKey, Column]:
    return {column.key: column for column in columns}


def test_memory_and_database_hold_equal_columns(tmp_path: Path, loaded: Loaded) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    import_history(engine, [DATA])
    memory, sql = MemoryArchive(), SqlArchive(engine)
    memory.add_columns(loaded.columns)
    assert sql.keys() == sorted(c.key for c in loaded.columns)
    for column in loaded.columns:
        names = column.key.series, column.key.subject
        assert by_key(list(sql.load(*names))) == by_key(list(memory.load(*names)))
    engine.dispose()


def test_second_import_changes_nothing(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    seen: list[str] = []
    first = import_history(engine, [DATA], lambda name, count: seen.append(name))
    again = import_history(engine, [DATA])
    assert first.unchanged == 0
    assert first.refused == ()
    assert (again.new, again.unchanged, again.refused) == (0, first.new, ())
    assert first.new == sum(count.readings for count in first.files.values())
    assert seen == sorted(path.name for path in DATA.glob("*.csv"))
    engine.dispose()


def test_changed_value_is_refused_and_the_stored_one_stays(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    import_history(engine, [DATA])
    shutil.copy(DATA / "btc_spot_4h.csv", tmp_path)
    path = tmp_path / "btc_spot_4h.csv"
    path.write_text(path.read_text().replace(",121467.24,", ",121467.99,") + "2025-07-14T20:00:00Z,119939.41,120100,119500,119841.18,900\n")
    report = import_history(engine, [path])
    assert [(e.file, e.line) for e in report.refused] == [("btc_spot_4h.csv", 4)]
    assert "stored value 121467.24" in report.refused[0].problem
    # 6 bars of 5 cells: 24 as they were, 1 refused, 5 new
    assert (report.new, report.unchanged) == (5, 24)
    stored = next(c for c in SqlArchive(engine).load("spot.close", "BTC") if c.key.window == "4h")
    assert stored.values == ["120750.24", "122736.04", "121467.24", "119878.23", "119939.41", "119841.18"]
    engine.dispose()


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.name)
def test_extracts_of_the_samples_read_without_refusal(path: Path) -> None:
    loaded = read_history([path])
    assert loaded.refused == []
    assert loaded.files[path.name].readings > 0


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the whole history lies beside the checkout, where it lies at all")
def test_whole_history_reads_without_refusal() -> None:
    for path in sorted(SHARED.glob("*.csv")):
        loaded = read_history([path])
        assert loaded.refused == []
        with path.open(encoding="utf-8", newline="") as stream:
            assert loaded.files[path.name].lines == sum(1 for _ in csv.reader(stream)) - 1


def test_moments_of_a_bar_are_never_before_its_end(loaded: Loaded) -> None:
    early = to_epoch(parse_time("2025-07-14T04:00:00Z"))
    (bars,) = [c for c in loaded.columns if c.key == ("spot.close", "BTC", "4h", "binance", "binance")]
    assert bars.known[0] == early
    for column in loaded.columns:
        assert all(known >= seen for seen, known in zip(column.observed, column.known, strict=True))
        assert column.unit is not Unit.TEXT
