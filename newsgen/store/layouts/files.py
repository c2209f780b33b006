"""The layouts of the history files; one entry per kind of file, in the order of the history README's table.

Series names are those of docs/series.md. Nothing is read here.
"""

from __future__ import annotations

from newsgen.market import Completeness, Unit
from newsgen.store.layouts.layout import Cell, Kind, Layout, Sum
from newsgen.store.layouts.moments import (
    Rule,
    announced,
    bar,
    day_bar,
    early_morning,
    fixing,
    next_weekday,
    session,
    session_flows,
    stamp,
    week_later,
)

__all__ = ["LAYOUTS"]

_SPOT = ("binance", "Binance spot")
_PERPETUALS = ("binance", "Binance perpetuals")
_COINGLASS = ("coinglass", "CoinGlass")
_CMC = ("coinmarketcap", "CoinMarketCap")
_FRED = ("fred", "FRED")
_YAHOO = ("yahoo", "Yahoo Finance")
_STRATEGY = ("strategy", "Strategy")
_PRICES = ("open", "high", "low", "close")
_BAR = (("low_usd", "open_usd"), ("low_usd", "close_usd"), ("open_usd", "high_usd"), ("close_usd", "high_usd"), ("low_usd", "high_usd"))
_FOUR_HOURS, _HOUR = bar(4), bar(1)


def _prices(series: str, source: tuple[str, str], venue: str = "") -> tuple[Cell, ...]:
    return tuple(Cell(f"{part}_usd", f"{series}.{part}", Unit.USD, *source, venue=venue) for part in _PRICES)


def _bars(prefix: str, series: str, subject: str, moments: Rule, window: str) -> Layout:
    source = _SPOT if series == "spot" else _PERPETUALS
    coins = Cell("volume_base", f"{series}.volume_base", Unit.COINS, *source, kind="amount", venue="binance")
    cells = (*_prices(series, source, "binance"), coins)
    return Layout(prefix, "time_utc", moments, cells, subject=subject, window=window, rising=_BAR)


def _liquidations(series: str, sides: tuple[str, ...], source: tuple[str, str], venue: str = "") -> tuple[Cell, ...]:
    return tuple(
        Cell(f"{side}_liq_usd", series + side, Unit.USD, *source, kind="amount", venue=venue)
        for side in sides
    )  # fmt: skip


def _fund(column: str, ticker: str) -> Cell:
    return Cell(column, "etf.fund_flow", Unit.USD, "farside", "Farside Investors", kind="signed", venue=ticker)


def _flows(prefix: str, subject: str, tickers: str, maybe: str = "") -> Layout:
    columns = {f"{ticker.lower()}_net_flow_usd": ticker for ticker in f"{tickers} {maybe}".split()}
    total = Cell("total_net_flow_usd", "etf.net_flow", Unit.USD, "farside", "Farside Investors", kind="signed", venue="us")
    late = tuple(f"{ticker.lower()}_net_flow_usd" for ticker in maybe.split())
    parts = tuple(column for column in columns if column not in late)
    return Layout(
        prefix, "date", session_flows, (total, *(_fund(c, t) for c, t in columns.items())), subject=subject, window="session",
        completeness=Completeness.RESTATED,  # final figures; a morning-after article prints the unrevised ones
        # Farside prints a tenth of a million; in all 688 sessions of the files the funds add up to the dollar.
        sums=(Sum("total_net_flow_usd", parts, within=100_000, maybe=late),),
        more={"_net_flow_usd": _fund("", "")},
    )  # fmt: skip


def _close(column: str, subject: str, unit: Unit, source: tuple[str, str], *, moments: Rule = session, kind: Kind = "price") -> Cell:
    return Cell(column, "index.close", unit, *source, kind=kind, subject=subject, moments=moments)


def _reported(column: str, series: str, subject: str = "", unit: Unit = Unit.USD, venue: str = "all") -> Cell:
    kind: Kind = "count" if unit is Unit.COUNT else "amount"
    return Cell(column, series, unit, "reported", "", kind=kind, subject=subject, venue=venue)


def _supply(column: str, subject: str, source: tuple[str, str]) -> Cell:
    return Cell(column, "stablecoins.supply", Unit.USD, *source, kind="amount", subject=subject)


_PRICE_LAYOUTS = (
    Layout(
        "crypto_daily_ohlcv", "date", day_bar,
        (
            *_prices("spot", _SPOT, "binance"),
            Cell("volume_base", "spot.volume_base", Unit.COINS, *_SPOT, kind="amount", venue="binance"),
            Cell("volume_quote_usd", "spot.volume_quote", Unit.USD, *_SPOT, kind="amount", venue="binance"),
            Cell("trades_count", "spot.trades", Unit.COUNT, *_SPOT, kind="count", venue="binance"),
        ),
        subject_column="asset", window="1d", rising=_BAR,
    ),
    *(_bars(f"{asset.lower()}_spot_4h", "spot", asset, _FOUR_HOURS, "4h") for asset in ("BTC", "ETH")),
    *(_bars(f"{asset.lower()}_perp_hourly", "perp", asset, _HOUR, "1h") for asset in ("BTC", "ETH", "SOL", "XRP")),
    Layout(
        "btc_daily_reference", "date", day_bar,
        (
            *_prices("reference", _CMC),
            Cell("volume_usd", "reference.volume", Unit.USD, *_CMC, kind="amount"),
            Cell("market_cap_usd", "reference.cap", Unit.USD, *_CMC, kind="amount"),
            Cell("circulating_supply_btc", "reference.supply", Unit.COINS, *_CMC, kind="amount"),
            Cell("coinmetrics_close_usd", "reference.close", Unit.USD, "coinmetrics", "Coin Metrics"),
            Cell("coinbase_close_usd", "reference.close", Unit.USD, "coinbase", "Coinbase"),
        ),
        subject="BTC", window="1d", rising=_BAR,
    ),
    Layout(
        "eth_daily_reference", "date", day_bar,
        (Cell("close_usd", "reference.close", Unit.USD, "coinbase", "Coinbase"),),
        subject="ETH", window="1d",
    ),
)  # fmt: skip

_LIQUIDATION_LAYOUTS = (
    Layout(
        "liquidations_binance_daily", "date", day_bar, _liquidations("liq.", ("long", "short", "total"), _COINGLASS, "binance"),
        subject_column="asset", stated=(("exchange", "Binance"),), window="1d", beside=("source",),
        sums=(Sum("total_liq_usd", ("long_liq_usd", "short_liq_usd"), within=2),),
    ),
    Layout(
        "liquidations_binance_4h", "time_utc", _FOUR_HOURS, _liquidations("liq.bucket_", ("long", "short"), _COINGLASS, "binance"),
        subject_column="asset", window="4h",
    ),
    Layout(
        "liquidations_btc_multi_exchange_daily", "date", day_bar,
        _liquidations("liq.", ("long", "short", "total"), ("cryptoquant", "Crypto Market Data"), "all"),
        subject_column="asset", window="1d", suspect_column="suspect_flag",
        sums=(Sum("total_liq_usd", ("long_liq_usd", "short_liq_usd"), within=15_000),),  # rounded to 10,000
    ),
    Layout(
        "liquidations_by_exchange_snapshots", "snapshot_time_utc", stamp, _liquidations("liq.", ("long", "short"), _COINGLASS),
        subject_column="asset", venue_column="exchange", window_column="window_hours",
        one_per_moment=True,  # the time is that of a commit, and two readings may lie before one commit
    ),
    Layout(
        "liquidations_reported", "as_of_utc", stamp,
        (
            _reported("total_liq_usd", "liq.total"),
            _reported("long_liq_usd", "liq.long"),
            _reported("short_liq_usd", "liq.short"),
            _reported("btc_total_liq_usd", "liq.total", "BTC"),
            _reported("btc_short_liq_usd", "liq.short", "BTC"),
            _reported("eth_total_liq_usd", "liq.total", "ETH"),
            _reported("eth_short_liq_usd", "liq.short", "ETH"),
            _reported("traders_liquidated", "liq.traders", unit=Unit.COUNT),
            _reported("largest_order_usd", "liq.largest_order", venue=""),
        ),
        subject="market", window_column="window_hours", name_column="data_attributed_to", url_column="source_url",
        one_per_moment=True,  # two sites of one day, both without the hour: which came first is unknown
        sums=(Sum("total_liq_usd", ("long_liq_usd", "short_liq_usd"), within=15_000_000),),  # printed to ten million
        beside=("largest_order_venue", "note"),
        at_least=frozenset({("2025-07-14T12:02:00Z", "traders_liquidated")}),  # "more than 130,000 traders"
    ),
)  # fmt: skip

_MARKET_LAYOUTS = (
    _flows("etf_flows_btc_daily", "BTC", "IBIT FBTC BITB ARKB BTCO EZBC BRRR HODL BTCW GBTC BTC", maybe="DEFI"),
    _flows("etf_flows_eth_daily", "ETH", "ETHA FETH ETHW TETH ETHV QETH EZET ETHE ETH"),
    Layout(
        "macro_daily", "date", session,
        (
            _close("sp500_close_index", "SP500", Unit.INDEX, _FRED),
            _close("nasdaq100_close_index", "NDX", Unit.INDEX, _FRED),
            _close("vix_close_index", "VIX", Unit.INDEX, _FRED),
            _close("us10y_yield_pct", "US10Y", Unit.PCT, _FRED, moments=next_weekday, kind="signed"),
            _close("us10y_minus_us2y_pct", "US10Y2Y", Unit.POINTS, _FRED, moments=next_weekday, kind="signed"),
            _close("dxy_close_index", "DXY", Unit.INDEX, _YAHOO),
            _close("usd_broad_index", "USDBROAD", Unit.INDEX, _FRED, moments=week_later),
            _close("gold_lbma_pm_usd_per_oz", "GOLD", Unit.USD, ("lbma", "LBMA"), moments=fixing),
            # Oil settled at -36.98 dollars on 20 April 2020: no price above 0 here.
            _close("wti_usd_per_bbl", "WTI", Unit.USD, _FRED, moments=next_weekday, kind="signed"),
            _close("spy_close_usd", "SPY", Unit.USD, _YAHOO),
            _close("qqq_close_usd", "QQQ", Unit.USD, _YAHOO),
            _close("gld_close_usd", "GLD", Unit.USD, _YAHOO),
            _close("mstr_close_usd", "MSTR", Unit.USD, _YAHOO),
            _close("fed_funds_effective_pct", "FEDFUNDS", Unit.PCT, _FRED, moments=next_weekday, kind="signed"),
        ),
        window="session",
    ),
    Layout(
        "fear_greed_daily", "date", early_morning,
        (Cell("fear_greed_index", "sentiment.fear_greed", Unit.INDEX, "alternative.me", "alternative.me", kind="share"),),
        subject="market", window="1d", beside=("quality",),
    ),
    Layout(
        "derivatives_daily", "date", day_bar,
        (
            Cell("funding_rate_oi_weighted_close_pct_8h", "funding.rate_8h", Unit.PCT, *_COINGLASS, kind="signed", venue="all",
                 window="8h"),
            Cell("open_interest_close_usd", "open_interest.usd", Unit.USD, *_COINGLASS, kind="amount", venue="all"),
        ),
        subject_column="asset", beside=("open_interest_high_usd",),
    ),
    Layout(
        "stablecoin_tvl_daily", "date", day_bar,
        (
            _supply("stablecoin_supply_total_usd", "market", ("defillama", "DefiLlama")),
            _supply("usdt_supply_usd", "USDT", _COINGLASS),
            _supply("usdc_supply_usd", "USDC", _COINGLASS),
            Cell("defi_tvl_gross_usd", "defi.tvl_gross", Unit.USD, "defillama", "DefiLlama", kind="amount", subject="market"),
        ),
    ),
    Layout(
        "btc_dominance_daily", "date", day_bar,
        (Cell("btc_dominance_pct", "dominance.btc", Unit.PCT, "tradingview", "TradingView", kind="share"),),
        subject="market",
    ),
    Layout(
        "strategy_btc_purchases", "date", announced,
        (
            # A sale is a negative purchase (2022-12-22: -704) and has no price in the file.
            Cell("btc_acquired", "treasury.purchase", Unit.COINS, *_STRATEGY, kind="signed", venue="BTC"),
            Cell("avg_price_usd", "treasury.purchase_price", Unit.USD, *_STRATEGY, kind="amount", venue="BTC", zero_is_blank=True),
            Cell("total_cost_usd", "treasury.purchase_usd", Unit.USD, *_STRATEGY, kind="amount", venue="BTC"),
            Cell("cumulative_btc", "treasury.holdings", Unit.COINS, *_STRATEGY, kind="amount", venue="BTC"),
        ),
        subject="Strategy",
    ),
    Layout("reference_events", "date", day_bar, (), subject_column="asset", events=True, beside=("event_type", "value", "unit", "note")),
)  # fmt: skip

LAYOUTS: tuple[Layout, ...] = (*_PRICE_LAYOUTS, *_LIQUIDATION_LAYOUTS, *_MARKET_LAYOUTS)
