"""Longer checks on real days, where the extracts of the samples are there; the facts were recounted from the files by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from newsgen import derive
from newsgen.market import Book, Figure, View, plain
from tests.derive.market_of import agrees, everything, figure, moment

SAMPLES = Path(__file__).parents[2] / "samples/_history"
DAYS = ["2024-08-06 00:00", "2024-12-05 12:00", "2025-07-11 12:00", "2025-07-14 12:02"]
FACTS = [
    ("BTC", "price.last", "121467.24"),
    ("BTC", "price.high_24h", "123218"),
    ("BTC", "price.ath_at", "2025-07-14"),
    ("BTC", "level.crossed_up", "120000"),
    ("BTC", "level.crossed_up_at", "2025-07-14T04:00:00Z"),
    ("BTC", "etf.net_flow_day", "1029600000"),
    ("BTC", "etf.recent_peak", "1175600000"),
    ("BTC", "etf.streak_days", "7"),
    ("BTC", "etf.streak_start", "2025-07-02"),
    ("BTC", "etf.streak_total", "3727100000"),
    ("ETH", "price.last", "3051.72"),
    ("SP500", "index.close", "6259.75"),
    ("SP500", "index.record_close", "6280.46"),
    ("Strategy", "treasury.last_purchase", "4225"),
    ("Strategy", "treasury.last_purchase_price", "111716"),
]


def _archive() -> Any:
    from newsgen.store.history import read_history
    from newsgen.store.memory import MemoryArchive

    archive = MemoryArchive()
    archive.add_columns(read_history(sorted(SAMPLES.glob("*.csv"))).columns)
    return archive


def book_of(as_of: str) -> Book:
    view = View(moment(as_of), _archive().load, ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB"), {"etf": ("farside",)})
    return Book(view, derive.catalogue())


@pytest.mark.parametrize("as_of", DAYS if SAMPLES.exists() else [])
def test_every_formula_of_a_real_day_gives_its_figure_again(as_of: str) -> None:
    book = book_of(as_of)
    made = [f for f in everything(book).values() if isinstance(f, Figure) and f.formula]
    assert len(made) > 100
    assert [f"{f.name} {f.subject} {f.formula}" for f in made if not agrees(book, f)] == []


@pytest.mark.parametrize("as_of", DAYS[-1:] if SAMPLES.exists() else [])
def test_facts_of_july_14(as_of: str) -> None:
    book = book_of(as_of)
    assert {(s, n): plain(figure(book, n, s).value) for s, n, _ in FACTS} == {(s, n): v for s, n, v in FACTS}
    changes = {w: round(figure(book, f"price.change_{w}", "BTC").number, 2) for w in ("24h", "7d", "ytd")}
    # 121,467.24 against 118,072.01, 108,642.01 and 93,576
    assert changes == {"24h": Decimal("2.88"), "7d": Decimal("11.81"), "ytd": Decimal("29.81")}
    first = figure(book, "level.crossed_up", "BTC").record
    assert first is not None and first.is_record and first.covers_life
