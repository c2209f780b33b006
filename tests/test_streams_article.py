"""A desk without a key: its liquidations come from the venues' streams and are told as what they are, at least so much on those venues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pytest
from desk import edition, newsroom

from newsgen import check as checking
from newsgen.market import Column, SeriesRef, View
from newsgen.pipeline import Order, write_article
from newsgen.story import Article, Verdict
from tests.derive.market_of import Market
from tests.derive.test_liquidations_streams import stream

MILLIONS = {"binance": 400, "bybit": 250, "okx": 98}  # 748 in all
SIDES = {"long": 17, "short": 83}  # percent
ASSETS = {"BTC": 60, "ETH": 40}
NOON = "2025-07-14T12:02"


@cache
def archive(moment: str, hours: Sequence[tuple[str, float]], long: int) -> Market:
    """24 hours of minute buckets, one in nine minutes with a liquidation, told a minute before the moment."""
    market, end = Market(), int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) - 60
    for venue, millions in MILLIONS.items():
        each = {
            (a, s): millions * 1_000_000 * w * p / 160 / 10_000
            for a, w in ASSETS.items()
            for s, p in (("long", long), ("short", 100 - long))
        }
        buckets = [(a, s, minute, round(usd)) for (a, s), usd in each.items() for minute in range(0, 1440, 9)]
        stream(market, venue, dict(hours).get(venue, 24), end, buckets)
    return market


def view(moment: str = NOON, hours: Mapping[str, float] | None = None, long: int = 17) -> View:
    """Prices, flows and the rest as they were known then; of liquidations nothing but the streams."""
    day, streams = edition("2025-07-14-squeeze"), archive(moment, tuple((hours or {}).items()), long).columns

    def load(series: str, subject: str) -> Sequence[Column]:
        if series.startswith("liq."):
            return [c for k, c in streams.items() if (k.series, k.subject) == (series, subject)]
        return day.archive.load(series, subject)

    return View(datetime.fromisoformat(moment).replace(tzinfo=UTC), load, day.view.assets, day.view.precedence)


def article(known: View, *angles: str, form: str = "standard", seed: int = 1, style: str = "ap") -> Article:
    found = write_article(newsroom(style), known, Order("streams", form=form, seed=seed, angles=angles)).article
    assert found is not None
    return found


def text_of(written: Article) -> str:
    return " ".join(t.text for _, t in written.texts())


def judged(written: Article, known: View) -> Verdict:
    return checking.check(written, words=newsroom().reader, view=known)


def test_the_squeeze_is_told_as_a_lower_bound_of_the_venues_followed() -> None:
    written = article(view(), "short_squeeze")
    assert (written.angle, written.verdict.decision, written.verdict.findings) == ("short_squeeze", "publish", ())
    text = text_of(written)
    # 83 % of 748 million is 620.8 million
    assert "at least $621 million" in text
    assert "at least $748 million" in text
    assert "on Binance, Bybit and OKX" in written.headline.text
    assert "the exchanges' own feeds" in text
    assert {s.name for s in written.sources} >= {"Binance", "Bybit", "OKX"}
    for words in ("across crypto", "reported liquidations", "crypto venues", "CoinGlass"):
        assert words not in text


@pytest.mark.parametrize("style", ["ap", "en-gb"])
@pytest.mark.parametrize(("angle", "moment", "long"), [("short_squeeze", NOON, 17), ("long_flush", "2025-03-04T04:02", 83),
                                                       ("crash_day", "2025-03-04T04:02", 83)])  # fmt: skip
def test_no_wording_is_held_and_each_names_venues_and_bound(angle: str, moment: str, long: int, style: str) -> None:
    known, headlines = view(moment, long=long), set()
    for form in ("standard", "brief", "flash"):
        for seed in range(1, 9):
            written = article(known, angle, form=form, seed=seed, style=style)
            assert [f for f in written.verdict.findings if f.severity == "block"] == [], (form, seed)
            told = [t.text for _, t in written.texts() if "liquidated on" in t.text or "by force on" in t.text]
            assert all("Binance, Bybit and OKX" in t and "at least $" in t.lower() for t in told), told
            headlines.add(written.headline.text)
    assert len(headlines) >= 2


def test_an_article_about_something_else_tells_the_days_liquidations() -> None:
    found = [text_of(article(view(), "level_break_first", seed=s)) for s in range(1, 6)]
    told = [t for t in found if "at least $748 million" in t]
    assert told
    assert all("Binance, Bybit and OKX" in t and "at least $127 million" in t for t in told)  # longs, 17 % of 748


def test_a_venue_that_was_followed_for_three_hours_is_neither_named_nor_summed() -> None:
    known = view(hours={"okx": 3})
    written = article(known, "short_squeeze")
    assert written.verdict.decision == "publish"
    text = text_of(written)
    # 400 + 250 = 650 million, of which 83 % is 539.5 million
    assert "at least $650 million" in text
    assert "at least $540 million" in text
    assert "on Binance and Bybit" in written.headline.text
    assert "OKX" not in text
    assert "OKX" not in {s.name for s in written.sources}


def test_one_venue_alone_is_named_alone() -> None:
    written = article(view(hours={"okx": 3, "bybit": 0.5}), "short_squeeze")
    assert written.verdict.decision == "publish"
    assert written.headline.text.endswith("on Binance")
    ways = ("according to Binance", "Binance data show", "data from Binance show", "figures from Binance show")
    assert any(says in text_of(written) for says in ways)


def test_with_too_little_followed_nothing_is_told() -> None:
    known = view(hours={"okx": 3, "bybit": 3, "binance": 3})
    outcome = write_article(newsroom(), known, Order("streams", angles=("short_squeeze",)))
    assert outcome.article is None
    assert "liquidat" not in text_of(article(known, "ath"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("at least $621 million", "$621 million"),  # the market's total, or the venues'
        ("at least $621 million", "at most $621 million"),
        ("at least $621 million", "at least $681 million"),
        ("at least $621 million", "nearly $621 million"),
        (" on Binance, Bybit and OKX", " on Binance and Bybit"),
        (" on Binance, Bybit and OKX", " on Binance, Bybit and Hyperliquid"),
        (" on Binance, Bybit and OKX", " on Binance, Bybit, OKX and Hyperliquid"),
        (" on Binance, Bybit and OKX", " across the market"),
        (" on Binance, Bybit and OKX", " in all"),
        ("the exchanges' own feeds", "CoinGlass data"),
    ],
)
def test_a_changed_word_is_held(old: str, new: str) -> None:
    known = view()
    written = article(known, "short_squeeze")
    places = [i for i, p in enumerate(written.paragraphs) if old in p.body.text]
    assert places, old
    paragraph = written.paragraphs[places[0]]
    body = replace(paragraph.body, text=paragraph.body.text.replace(old, new, 1))
    changed = (*written.paragraphs[: places[0]], replace(paragraph, body=body), *written.paragraphs[places[0] + 1 :])
    verdict = judged(replace(written, paragraphs=changed), known)
    assert verdict.decision != "publish", body.text


def test_a_sum_that_its_rows_do_not_give_is_held() -> None:
    known = view()
    written = article(known, "short_squeeze")
    name, total = next((n, f) for n, f in written.figures.items() if f.name == "liquidations.total_24h")
    assert any(isinstance(i, SeriesRef) for i in total.inputs)
    for wrong in (
        replace(total, value=total.number + 1),
        replace(total, formula=(total.formula or "").replace("total_of(last_days(i1, 1)), ", "")),
    ):
        verdict = judged(replace(written, figures={**written.figures, name: wrong}), known)
        assert any(f.check == "recompute" and "add up to" in f.message for f in verdict.findings)
    assert total.value == Decimal(748_000_000)
