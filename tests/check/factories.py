"""Articles built by hand for the tests of the checks: the squeeze of 2025-07-14 in American and British style.

In: nothing. Out: figures with the values published or recounted for that hour, and Articles over them. No template, no derive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from newsgen.check import ReaderWords, load_reader_words
from newsgen.market import Figure, Reading, Record, Unit
from newsgen.story import Article, Paragraph, SourceCredit, Text

AS_OF = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
NOON = datetime(2025, 7, 14, 12, 0, tzinfo=UTC)
FRIDAY_CLOSE = datetime(2025, 7, 11, 20, 0, tzinfo=UTC)
THURSDAY_CLOSE = datetime(2025, 7, 10, 20, 0, tzinfo=UTC)
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@cache
def reader_words() -> ReaderWords:
    return load_reader_words(TEMPLATES / "lexicon" / "reader_en.toml")


def figure(name: str, subject: str, value: Any, unit: Unit, **more: Any) -> Figure:
    """A figure observed at noon, unless told otherwise."""
    number = Decimal(value) if isinstance(value, str) and unit is not Unit.TEXT else value
    settings: dict[str, Any] = {"observed_at": NOON, "source": "Binance", **more}
    settings.setdefault("known_at", settings["observed_at"])
    return Figure(name, subject, number, unit, **settings)


def liquidation(name: str, subject: str, value: str, unit: Unit = Unit.USD, **more: Any) -> Figure:
    side = next((s for s in ("long", "short") if name.startswith(s)), "")
    settings: dict[str, Any] = {"window": "24h", "scope": "all", "side": side, "observed_at": AS_OF, "source": "CoinGlass", **more}
    return figure(f"liquidations.{name}", subject, value, unit, **settings)


def record(value: str, rival: date | None, *, life: bool = True, is_record: bool | None = None, rival_value: str | None = None) -> Record:
    """A record object; a rival has the same value, unless told otherwise."""
    reached = Decimal(rival_value or value) if rival else None
    return Record(
        "m", ">=", Decimal(value), rival, reached, date(2021, 1, 1),
        rival is None if is_record is None else is_record, True, life,
    )  # fmt: skip


def change(subject: str, window: str, value: str) -> Figure:
    return figure(f"price.change_{window}", subject, value, Unit.PCT, window=window)


def flow(name: str, value: Any, unit: Unit, **more: Any) -> Figure:
    settings: dict[str, Any] = {"observed_at": FRIDAY_CLOSE, "source": "Farside Investors", "window": "session", **more}
    return figure(f"etf.{name}", "BTC", value, unit, **settings)


def squeeze_figures() -> list[Figure]:
    """The figures of 2025-07-14, 12:02 UTC, as published or recounted from history."""
    binance = {"window": "24h", "scope": "binance", "side": "short", "source": "CoinGlass"}
    sp500: dict[str, Any] = {"observed_at": FRIDAY_CLOSE, "source": "FRED", "window": "session"}
    day_before: dict[str, Any] = {"observed_at": THURSDAY_CLOSE}
    close = figure("index.close", "SP500", "6259.75", Unit.INDEX, **sp500)
    record_close = figure("index.record_close", "SP500", "6280.46", Unit.INDEX, **{**sp500, **day_before})
    return [
        figure("clock.as_of", "BTC", AS_OF, Unit.MOMENT, observed_at=AS_OF, source=""),
        liquidation("total_24h", "market", "748300000"),
        liquidation("short_24h", "market", "623300000"),
        liquidation("long_24h", "market", "125000000"),
        liquidation("short_share_24h", "market", "83.29546973", Unit.PCT),
        liquidation("short_24h", "BTC", "475000000"),
        liquidation("short_of_market_24h", "BTC", "76.20728381", Unit.PCT),
        liquidation("total_24h", "ETH", "79000000"),
        liquidation("short_24h", "ETH", "52700000"),
        liquidation("long_24h", "ETH", "26300000"),
        liquidation("largest_order_24h", "market", "98100000"),
        liquidation("traders_24h", "market", "130000", Unit.COUNT, bound="at_least"),
        figure("liquidations_venue.short_24h", "market", "133790949", Unit.USD, label="BTC,ETH,SOL,XRP", **binance),
        figure("liquidations_venue.short_largest_since", "market", date(2024, 11, 6), Unit.DATE, **binance,
               record=record("133790949", date(2024, 11, 6), life=False)),
        figure("price.last", "BTC", "121467.24", Unit.USD),
        figure("price.ath", "BTC", "123218", Unit.USD),
        figure("price.ath_at", "BTC", date(2025, 7, 14), Unit.DATE),
        figure("price.ath_previous", "BTC", "118869.98", Unit.USD),
        figure("price.ath_previous_at", "BTC", date(2025, 7, 11), Unit.DATE),
        change("BTC", "24h", "2.8755587"),
        change("BTC", "7d", "11.8050374"),
        change("BTC", "ytd", "29.8059758"),
        figure("level.crossed_up", "BTC", "120000", Unit.USD, window="24h", record=record("120000", None)),
        figure("level.crossed_up_at", "BTC", datetime(2025, 7, 14, 4, 0, tzinfo=UTC), Unit.MOMENT, label="4h"),
        figure("price.last", "ETH", "3051.72", Unit.USD),
        change("ETH", "24h", "3.4"),
        figure("level.crossed_up", "ETH", "3000", Unit.USD, window="24h", record=record("3000", date(2025, 2, 1))),
        figure("level.crossed_up_since", "ETH", date(2025, 2, 1), Unit.DATE, record=record("3000", date(2025, 2, 1))),
        flow("net_flow_day", "1029600000", Unit.USD),
        flow("session", date(2025, 7, 11), Unit.DATE),
        flow("streak_days", "7", Unit.COUNT),
        flow("streak_total", "3727100000", Unit.USD, window="streak"),
        flow("recent_peak", "1175600000", Unit.USD, **day_before),
        flow("recent_peak_at", date(2025, 7, 10), Unit.DATE, **day_before),
        flow("recent_peak_since", date(2024, 11, 7), Unit.DATE, record=record("1175600000", date(2024, 11, 7)), **day_before),
        close,
        figure("index.session", "SP500", date(2025, 7, 11), Unit.DATE, **sp500),
        record_close,
        figure("index.record_at", "SP500", date(2025, 7, 10), Unit.DATE, **{**sp500, **day_before}),
        figure("index.below_record_pct", "SP500", "0.3297529", Unit.PCT, inputs=(close, record_close), **sp500),
        figure("treasury.last_purchase", "Strategy", "4225", Unit.COINS, source="Strategy"),
        figure("treasury.last_purchase_usd", "Strategy", "472000000", Unit.USD, source="Strategy"),
        figure("treasury.last_purchase_at", "Strategy", date(2025, 7, 14), Unit.DATE, source="Strategy"),
    ]  # fmt: skip


AP: Mapping[str, str | Sequence[str]] = {
    "headline": "Bitcoin sets record above $123,000 as $623 million of shorts are liquidated",
    "dek": "Bitcoin is up 2.9% in 24 hours, and most of the positions closed by force were bets on lower prices",
    "key_points": ["Shorts were $623.3 million of $748.3 million liquidated in 24 hours", "Bitcoin reached a record $123,218"],
    "paragraphs": [
        "Short positions worth $623.3 million were liquidated in the past 24 hours as bitcoin (BTC) climbed to a record $123,218. "
        "Shorts made up 83% of the $748.3 million total; longs lost $125 million, CoinGlass data show.",
        "On Binance, the one venue with a long history of such data, $134 million of shorts were liquidated, more than on any UTC "
        "day since Nov. 6, 2024, according to CoinGlass data.",
        "BTC shorts came to $475 million, 76% of all shorts, while ether (ETH) positions worth $79 million were closed, "
        "$52.7 million of them shorts and $26.3 million longs. The largest single order was worth $98.1 million, and at least "
        "130,000 traders had positions liquidated.",
        "Bitcoin traded at $121,467 at 8:02 a.m. ET (12:02 UTC), up 2.9% in 24 hours, 12% in seven days and 30% this year. "
        "It rose above $120,000 for the first time and has ended each four-hour period there since midnight ET (04:00 UTC).",
        "Ether rose above $3,000, where it had last ended a UTC day on Feb. 1, and traded at $3,052.",
        "U.S. spot bitcoin exchange-traded funds took in $1.03 billion on July 11, the seventh straight session of inflows, for a run "
        "of $3.73 billion, Farside Investors data show. On July 10 they took in $1.18 billion, the most since Nov. 7, 2024.",
        "The S&P 500 closed at 6,259.75 on July 11, 0.3% below its July 10 record close. Strategy said on July 14 that it had bought "
        "4,225 BTC for $472 million.",
        "A short is a bet on a lower price, made with borrowed coins or a futures contract. When the price rises far enough, the "
        "exchange buys the position back to cover the loss, and such forced buying can add to a rise.",
    ],
}

_TO_GB = [
    (" million", "m"), (" billion", "bn"), ("U.S.", "US"), ("Nov. 6, 2024", "6 November 2024"), ("Nov. 7, 2024", "7 November 2024"),
    ("July 10", "10 July"), ("July 11", "11 July"), ("July 14", "14 July"), ("Feb. 1", "1 February"), ("%", " per cent"),
    ("8:02 a.m. ET (12:02 UTC)", "13:02 BST (12:02 UTC)"), ("midnight ET (04:00 UTC)", "05:00 BST (04:00 UTC)"),
]  # fmt: skip


def british(text: str) -> str:
    """The same text in British style."""
    for american, other in _TO_GB:
        text = text.replace(american, other)
    return text


def squeeze(style: str = "ap", **changes: Any) -> Article:
    """The story of the morning, in American ("ap") or British ("gb") style."""
    spelled = british if style == "gb" else str
    return article(
        headline=spelled(str(AP["headline"])), dek=spelled(str(AP["dek"])), key_points=[spelled(t) for t in AP["key_points"]],
        paragraphs=[spelled(t) for t in AP["paragraphs"]], figures=squeeze_figures(), **changes,
    )  # fmt: skip


def article(
    *, headline: str = "", dek: str = "", key_points: Sequence[str] = (), paragraphs: Sequence[str] = (),
    figures: Sequence[Figure] = (), readings: Sequence[Reading] = (), as_of: datetime = AS_OF, tickers: Sequence[str] = ("BTC", "ETH"),
    **changes: Any,
) -> Article:  # fmt: skip
    """An article of these texts over these figures; no spans, as after a human edit."""
    roles = ["lede", *["detail"] * len(paragraphs)][: len(paragraphs)]
    names = dict.fromkeys(f.source for f in figures if f.source)
    settings: dict[str, Any] = {
        "id": "x", "slug": "x", "story": "short_squeeze-market-20250714", "version": 1, "site": "main", "locale": "en",
        "edition": "test", "angle": "short_squeeze", "form": "standard", "as_of": as_of, "written_at": as_of,
        "headline": Text(headline), "dek": Text(dek), "key_points": tuple(Text(t) for t in key_points),
        "paragraphs": tuple(Paragraph(r, "short_squeeze", Text(t)) for r, t in zip(roles, paragraphs, strict=True)),
        "tickers": tuple(tickers), "tags": (), "reading_minutes": 1,
        "sources": tuple(SourceCredit(n, "", as_of - timedelta(minutes=2)) for n in names), "disclosure": "",
        "digital_source_type": "", "figures": {f"f{i}": f for i, f in enumerate(figures, 1)},
        "readings": {f"r{i}": r for i, r in enumerate(readings, 1)}, "pitches": (), "made_from": {},
    }  # fmt: skip
    return Article(**{**settings, **changes})


def one_sentence(text: str, *figures: Figure, **more: Any) -> Article:
    """An article of one paragraph."""
    return article(paragraphs=[text], figures=figures, **more)
