"""The layouts of history files: which column of which CSV is which series; in: a file's name and header, out: a Layout.

The file name's prefix decides. `observed_at` and `known_at` follow the table in the history's README: bars at their end, fund flows
the morning after, index closes a quarter of an hour after the session. Reads no file (history.py does).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from newsgen.market import Completeness, Unit

__all__ = ["LAYOUTS", "Cell", "Layout", "Moments", "layout_of"]

Moments = tuple[int, int]  # observed_at, known_at in epoch seconds
_NEW_YORK = ZoneInfo("America/New_York")
_LONDON = ZoneInfo("Europe/London")
_DAY = 86_400


def _epoch(day: date, at: time, zone: ZoneInfo | None = None) -> int:
    return int(datetime.combine(day, at, zone or UTC).timestamp())


@lru_cache(maxsize=8192)
def _day_bar(text: str) -> Moments:
    end = _epoch(date.fromisoformat(text), time()) + _DAY
    return end, end


def _bar(hours: int) -> Callable[[str], Moments]:
    def moments(text: str) -> Moments:
        end = int(datetime.fromisoformat(text).timestamp()) + hours * 3600
        return end, end

    return moments


@lru_cache(maxsize=8192)
def _fund_session(text: str) -> Moments:
    day = date.fromisoformat(text)
    return _epoch(day, time(16), _NEW_YORK), _epoch(day + timedelta(days=1), time(6))


@lru_cache(maxsize=8192)
def _close(text: str) -> Moments:
    day = date.fromisoformat(text)
    return _epoch(day, time(16), _NEW_YORK), _epoch(day, time(16, 15), _NEW_YORK)


@lru_cache(maxsize=8192)
def _next_weekday(text: str) -> Moments:
    day = date.fromisoformat(text)
    later = day + timedelta(days=1 if day.weekday() < 4 else 7 - day.weekday())
    return _epoch(day, time(16), _NEW_YORK), _epoch(later, time(16, 15), _NEW_YORK)


@lru_cache(maxsize=8192)
def _week_later(text: str) -> Moments:
    day = date.fromisoformat(text)
    return _epoch(day, time(16), _NEW_YORK), _epoch(day + timedelta(days=7), time(16, 15), _NEW_YORK)


@lru_cache(maxsize=8192)
def _fixing(text: str) -> Moments:
    at = _epoch(date.fromisoformat(text), time(16), _LONDON)
    return at, at


def _fear_greed(text: str) -> Moments:
    at = _epoch(date.fromisoformat(text), time())
    return at, at + 600


def _announced(text: str) -> Moments:
    at = _epoch(date.fromisoformat(text), time(8), _NEW_YORK)
    return at, at


def _stamp(text: str) -> Moments:
    if "T" not in text:
        at = _epoch(date.fromisoformat(text), time()) + _DAY
        return _epoch(date.fromisoformat(text), time()), at
    at = int(datetime.fromisoformat(text).timestamp())
    return at, at


Kind = Literal["price", "amount", "signed", "percent", "count"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a file as a series.

    Attributes:
        kind: price must be above 0, amount and count at least 0, signed and percent may be anything finite.
    """

    column: str
    series: str
    unit: Unit
    source: str
    name: str  # of the source, as printed
    kind: Kind = "price"
    subject: str = ""  # default: the layout's
    venue: str = ""
    window: str = ""  # default: the layout's
    moments: Callable[[str], Moments] | None = None  # default: the layout's


@dataclass(frozen=True, slots=True)
class Layout:
    """How one kind of history file reads."""

    prefix: str
    when: str  # the column with date or time
    moments: Callable[[str], Moments]
    cells: tuple[Cell, ...]
    subject: str = ""  # a fixed subject, or
    subject_column: str = ""  # the column that names it
    venue_column: str = ""
    window: str = ""
    window_column: str = ""  # hours
    completeness: Completeness = Completeness.FINAL
    skip_column: str = ""  # rows with 1 here are never used
    sums: tuple[tuple[str, tuple[str, ...]], ...] = ()  # total column and its parts
    ordered: tuple[tuple[str, str], ...] = ()  # (low column, high column)
    url_column: str = ""
    name_column: str = ""  # the printed source, where each row has its own
    bounds: Mapping[str, str] | None = None
    unique: bool = False  # rows with the same key and moment but other values are ambiguous and never used
    events: bool = False  # dates and outside extremes, no readings


_BINANCE = ("binance", "Binance")


def _bars(prefix: str, series: str, subject: str, hours: int, *, volume: bool = True) -> Layout:
    parts = tuple(
        Cell(f"{part}_usd", f"{series}.{part}", Unit.USD, *_BINANCE, venue="binance") for part in ("open", "high", "low", "close")
    )
    base = (Cell("volume_base", f"{series}.volume_base", Unit.COINS, *_BINANCE, kind="amount", venue="binance"),) if volume else ()
    return Layout(prefix, "time_utc", _bar(hours), parts + base, subject=subject, window=f"{hours}h",
                  ordered=(("low_usd", "high_usd"),))  # fmt: skip


def _flows(prefix: str, subject: str, tickers: tuple[str, ...]) -> Layout:
    source = ("farside", "Farside Investors")
    total = Cell("total_net_flow_usd", "etf.net_flow", Unit.USD, *source, kind="signed", venue="us")
    funds = tuple(Cell(f"{t}_net_flow_usd", "etf.fund_flow", Unit.USD, *source, kind="signed", venue=t.upper()) for t in tickers)
    return Layout(prefix, "date", _fund_session, (total, *funds), subject=subject, window="session",
                  completeness=Completeness.RESTATED,
                  sums=(("total_net_flow_usd", tuple(f"{t}_net_flow_usd" for t in tickers)),))  # fmt: skip


def _index(column: str, subject: str, unit: Unit, source: str, name: str, moments: Callable[[str], Moments] = _close,
           kind: Kind = "price") -> Cell:  # fmt: skip
    return Cell(column, "index.close", unit, source, name, kind=kind, subject=subject, moments=moments)


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "crypto_daily_ohlcv", "date", _day_bar,
        (
            *(Cell(f"{p}_usd", f"spot.{p}", Unit.USD, *_BINANCE, venue="binance") for p in ("open", "high", "low", "close")),
            Cell("volume_base", "spot.volume_base", Unit.COINS, *_BINANCE, kind="amount", venue="binance"),
            Cell("volume_quote_usd", "spot.volume_quote", Unit.USD, *_BINANCE, kind="amount", venue="binance"),
            Cell("trades_count", "spot.trades", Unit.COUNT, *_BINANCE, kind="count", venue="binance"),
        ),
        subject_column="asset", window="1d", ordered=(("low_usd", "high_usd"),),
    ),
    _bars("btc_spot_4h", "spot", "BTC", 4),
    _bars("eth_spot_4h", "spot", "ETH", 4),
    *(_bars(f"{a}_perp_hourly", "perp", a.upper(), 1) for a in ("btc", "eth", "sol", "xrp")),
    Layout(
        "btc_daily_reference", "date", _day_bar,
        (
            *(Cell(f"{p}_usd", f"reference.{p}", Unit.USD, "coinmarketcap", "CoinMarketCap") for p in ("open", "high", "low", "close")),
            Cell("volume_usd", "reference.volume", Unit.USD, "coinmarketcap", "CoinMarketCap", kind="amount"),
            Cell("market_cap_usd", "reference.cap", Unit.USD, "coinmarketcap", "CoinMarketCap", kind="amount"),
            Cell("circulating_supply_btc", "reference.supply", Unit.COINS, "coinmarketcap", "CoinMarketCap", kind="amount"),
            Cell("coinmetrics_close_usd", "reference.close", Unit.USD, "coinmetrics", "Coin Metrics"),
            Cell("coinbase_close_usd", "reference.close", Unit.USD, "coinbase", "Coinbase"),
        ),
        subject="BTC", window="1d",
    ),
    Layout("eth_daily_reference", "date", _day_bar, (Cell("close_usd", "reference.close", Unit.USD, "coinbase", "Coinbase"),),
           subject="ETH", window="1d"),
    Layout(
        "liquidations_binance_daily", "date", _day_bar,
        tuple(Cell(f"{s}_liq_usd", f"liq.{s}", Unit.USD, "coinglass", "CoinGlass", kind="amount", venue="binance")
              for s in ("long", "short", "total")),
        subject_column="asset", window="1d", sums=(("total_liq_usd", ("long_liq_usd", "short_liq_usd")),),
    ),
    Layout(
        "liquidations_binance_4h", "time_utc", _bar(4),
        tuple(Cell(f"{s}_liq_usd", f"liq.bucket_{s}", Unit.USD, "coinglass", "CoinGlass", kind="amount", venue="binance")
              for s in ("long", "short")),
        subject_column="asset", window="4h",
    ),
    Layout(
        "liquidations_btc_multi_exchange_daily", "date", _day_bar,
        tuple(Cell(f"{s}_liq_usd", f"liq.{s}", Unit.USD, "cryptoquant", "Crypto Market Data", kind="amount", venue="all")
              for s in ("long", "short", "total")),
        subject_column="asset", window="1d", skip_column="suspect_flag",
    ),
    Layout(
        "liquidations_by_exchange_snapshots", "snapshot_time_utc", _stamp,
        tuple(Cell(f"{s}_liq_usd", f"liq.{s}", Unit.USD, "coinglass", "CoinGlass", kind="amount") for s in ("long", "short")),
        subject_column="asset", venue_column="exchange", window_column="window_hours", unique=True,
    ),
    Layout(
        "liquidations_reported", "as_of_utc", _stamp,
        (
            Cell("total_liq_usd", "liq.total", Unit.USD, "reported", "", kind="amount", venue="all"),
            Cell("long_liq_usd", "liq.long", Unit.USD, "reported", "", kind="amount", venue="all"),
            Cell("short_liq_usd", "liq.short", Unit.USD, "reported", "", kind="amount", venue="all"),
            Cell("btc_total_liq_usd", "liq.total", Unit.USD, "reported", "", kind="amount", venue="all", subject="BTC"),
            Cell("btc_short_liq_usd", "liq.short", Unit.USD, "reported", "", kind="amount", venue="all", subject="BTC"),
            Cell("eth_total_liq_usd", "liq.total", Unit.USD, "reported", "", kind="amount", venue="all", subject="ETH"),
            Cell("eth_short_liq_usd", "liq.short", Unit.USD, "reported", "", kind="amount", venue="all", subject="ETH"),
            Cell("traders_liquidated", "liq.traders", Unit.COUNT, "reported", "", kind="count", venue="all"),
            Cell("largest_order_usd", "liq.largest_order", Unit.USD, "reported", "", kind="amount"),
        ),
        subject="market", window_column="window_hours", url_column="source_url", name_column="data_attributed_to",
    ),
    _flows("etf_flows_btc_daily", "BTC", ("ibit", "fbtc", "bitb", "arkb", "btco", "ezbc", "brrr", "hodl", "btcw", "gbtc", "btc", "defi")),
    _flows("etf_flows_eth_daily", "ETH", ("etha", "feth", "ethw", "teth", "ethv", "qeth", "ezet", "ethe", "eth")),
    Layout(
        "macro_daily", "date", _close,
        (
            _index("sp500_close_index", "SP500", Unit.INDEX, "fred", "FRED"),
            _index("nasdaq100_close_index", "NDX", Unit.INDEX, "fred", "FRED"),
            _index("vix_close_index", "VIX", Unit.INDEX, "fred", "FRED"),
            _index("us10y_yield_pct", "US10Y", Unit.PCT, "fred", "FRED", _next_weekday, "percent"),
            _index("us10y_minus_us2y_pct", "US10Y2Y", Unit.POINTS, "fred", "FRED", _next_weekday, "percent"),
            _index("dxy_close_index", "DXY", Unit.INDEX, "yahoo", "Yahoo Finance"),
            _index("usd_broad_index", "USDBROAD", Unit.INDEX, "fred", "FRED", _week_later),
            _index("gold_lbma_pm_usd_per_oz", "GOLD", Unit.USD, "lbma", "LBMA", _fixing),
            _index("wti_usd_per_bbl", "WTI", Unit.USD, "fred", "FRED", _next_weekday, "signed"),
            _index("spy_close_usd", "SPY", Unit.USD, "yahoo", "Yahoo Finance"),
            _index("qqq_close_usd", "QQQ", Unit.USD, "yahoo", "Yahoo Finance"),
            _index("gld_close_usd", "GLD", Unit.USD, "yahoo", "Yahoo Finance"),
            _index("mstr_close_usd", "MSTR", Unit.USD, "yahoo", "Yahoo Finance"),
            _index("fed_funds_effective_pct", "FEDFUNDS", Unit.PCT, "fred", "FRED", _next_weekday, "percent"),
        ),
        window="session",
    ),
    Layout("fear_greed_daily", "date", _fear_greed,
           (Cell("fear_greed_index", "sentiment.fear_greed", Unit.INDEX, "alternative.me", "alternative.me", kind="amount"),),
           subject="market", window="1d"),
    Layout(
        "derivatives_daily", "date", _day_bar,
        (
            Cell("funding_rate_oi_weighted_close_pct_8h", "funding.rate_8h", Unit.PCT, "coinglass", "CoinGlass", kind="percent",
                 venue="all", window="8h"),
            Cell("open_interest_close_usd", "open_interest.usd", Unit.USD, "coinglass", "CoinGlass", kind="amount", venue="all"),
        ),
        subject_column="asset",
    ),
    Layout(
        "stablecoin_tvl_daily", "date", _day_bar,
        (
            Cell("stablecoin_supply_total_usd", "stablecoins.supply", Unit.USD, "defillama", "DefiLlama", kind="amount", subject="market"),
            Cell("usdt_supply_usd", "stablecoins.supply", Unit.USD, "coinglass", "CoinGlass", kind="amount", subject="USDT"),
            Cell("usdc_supply_usd", "stablecoins.supply", Unit.USD, "coinglass", "CoinGlass", kind="amount", subject="USDC"),
            Cell("defi_tvl_gross_usd", "defi.tvl_gross", Unit.USD, "defillama", "DefiLlama", kind="amount", subject="market"),
        ),
    ),
    Layout("btc_dominance_daily", "date", _day_bar,
           (Cell("btc_dominance_pct", "dominance.btc", Unit.PCT, "tradingview", "TradingView", kind="amount"),), subject="market"),
    Layout(
        "strategy_btc_purchases", "date", _announced,
        (
            Cell("btc_acquired", "treasury.purchase", Unit.COINS, "strategy", "Strategy", kind="signed", venue="BTC"),
            Cell("avg_price_usd", "treasury.purchase_price", Unit.USD, "strategy", "Strategy", venue="BTC"),
            Cell("total_cost_usd", "treasury.purchase_usd", Unit.USD, "strategy", "Strategy", kind="signed", venue="BTC"),
            Cell("cumulative_btc", "treasury.holdings", Unit.COINS, "strategy", "Strategy", kind="amount", venue="BTC"),
        ),
        subject="Strategy",
    ),
    Layout("reference_events", "date", _day_bar, (), subject_column="asset", events=True),
)  # fmt: skip


def layout_of(file_name: str) -> Layout | None:
    """The layout whose prefix the file's name has; the longest prefix wins."""
    stem = file_name.removesuffix(".csv")
    fitting = [layout for layout in LAYOUTS if stem == layout.prefix or stem.startswith((layout.prefix + "_", layout.prefix + "-"))]
    return max(fitting, key=lambda layout: len(layout.prefix), default=None)
