"""The angles of price on real days and made ones, in every form and many wordings: what the templates say, the checks understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from desk import WORDINGS, edition, newsroom

from newsgen.detect.rule import Rule
from newsgen.detect.score import score
from newsgen.market import Book, View
from newsgen.pipeline import Order, Outcome, write_article
from newsgen.story import Published
from tests.derive.market_of import Market, at

ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
SEEDS = {"standard": range(1, 1 + WORDINGS), "brief": range(13, 13 + WORDINGS), "flash": range(25, 25 + WORDINGS)}
DAYS = {
    "relief_rally": ("2021-05-25T00", "2021-06-10T00", "2022-11-11T00", "2024-03-21T00", "2024-08-06T16", "2024-08-07T00"),
    "period_close": ("2021-01-01T00", "2022-07-01T00", "2022-06-20T00", "2024-08-01T08", "2024-11-11T12"),
    "level_rejected": ("2023-10-26T00", "2024-01-11T00", "2024-03-06T00", "2024-08-06T00", "2024-12-10T00", "2024-07-09T04"),
    "range_breakout": ("2023-08-18T00", "2023-09-12T00", "2024-02-27T00", "2024-06-08T00", "2023-06-06T00"),
    "ath_near": ("2021-02-18T00", "2021-05-04T00", "2024-03-05T00", "2024-10-30T00", "2024-11-22T00"),
    "streak_price": ("2021-01-11T00", "2022-05-16T00", "2022-06-14T00", "2021-05-01T00", "2023-04-01T00", "2024-11-12T08", "2024-09-22T16"),
    "drawdown_step": ("2021-05-18T00", "2022-01-21T00", "2022-05-09T00", "2024-12-20T00", "2024-12-20T08"),
}


OTHERS = ("short_squeeze", "long_flush", "etf_flow_day", "etf_streak")  # of other families, under which an angle of price is a support


def _written(view: View, form: str, seed: int, *angles: str) -> Outcome:
    return write_article(newsroom(), view, Order("angles", form=form, seed=seed, angles=angles))


def _view(day: str, assets: tuple[str, ...] = ASSETS) -> View:
    moment = datetime.fromisoformat(f"{day}:00").replace(tzinfo=UTC)
    return View(moment, edition("2025-07-14-squeeze").archive.load, assets, edition("2025-07-14-squeeze").view.precedence)


@pytest.mark.parametrize("form", SEEDS)
@pytest.mark.parametrize("angle", DAYS)
def test_no_wording_of_an_angle_is_held(angle: str, form: str) -> None:
    held, written = [], 0
    for day in DAYS[angle]:
        for seed in SEEDS[form]:
            article = _written(_view(day), form, seed, angle).article
            if article is None:
                continue
            written += 1
            held += [(day, seed, f.check, f.message, f.sentence) for f in article.verdict.findings if f.severity == "block"]
    assert held == []
    assert written >= len(SEEDS[form]) * 2, "the angle does not fire on its days"


@pytest.mark.parametrize(("day", "angle"), [("2021-01-25T00", "period_close"), ("2023-05-01T00", "streak_price")])
def test_a_change_is_not_told_again_under_another_name(day: str, angle: str) -> None:
    """At midnight the past seven days are the week that closed; of a run from Dec. 31 on, the year so far is the run."""
    names = {"period_close": ("price.period_change", "price.change_7d"), "streak_price": ("price.run_change", "price.change_ytd")}[angle]
    for seed in range(1, 5):
        article = _written(_view(day), "standard", seed, angle).article
        assert article is not None
        told = {article.figures[span.figure].name for p in article.paragraphs for span in p.body.spans}
        assert len(told.intersection(names)) == 1


SUPPORTED = {
    "streak_price": ("2024-06-22T00", "2024-08-05T00", "2024-08-06T00"),
    "drawdown_step": ("2024-06-25T00", "2024-12-20T00", "2024-12-20T08"),
    "ath_near": ("2024-10-30T00", "2024-11-22T00", "2025-06-10T00"),
    "range_breakout": ("2023-08-18T00", "2025-05-09T00", "2025-07-11T00"),
    "level_rejected": ("2024-08-06T00", "2024-08-09T00", "2024-08-26T00"),
    "period_close": ("2024-07-15T00", "2024-08-05T00", "2024-10-01T00"),
    "relief_rally": ("2024-12-21T00", "2024-12-21T08", "2024-12-21T16"),
}


@pytest.mark.parametrize("angle", SUPPORTED)
def test_no_wording_of_a_support_is_held(angle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The funds or the liquidations lead, whatever their scores: the block is said under another story."""

    def lower(rule: Rule, book: Book, subject: str, published: Sequence[Published]) -> tuple[Decimal, Mapping[str, Decimal]]:
        value, parts = score(rule, book, subject, published)
        return (Decimal(10) if rule.file.family == "price" else max(value, Decimal(61))), parts

    monkeypatch.setattr("newsgen.detect.score", lower)
    held, seen = [], 0
    for day in SUPPORTED[angle]:
        for seed in SEEDS["standard"]:
            article = _written(_view(day), "standard", seed, angle, *OTHERS).article
            assert article is not None
            seen += any(p.angle == angle and p.role == "support" for p in article.paragraphs)
            held += [(day, seed, f.check, f.message, f.sentence) for f in article.verdict.findings if f.severity == "block"]
    assert held == []
    assert seen >= 2 * len(SEEDS["standard"]), "the angle is no support on its days"


def _flash_market(closes: list[float], minutes: list[float] | None = None) -> View:
    """Sixty days and the hours of March 10 and before; the closes of minutes, if any, end at noon."""
    made = Market(("BTC", "ETH"))
    noon = at("2025-03-10 12:00")
    for asset, scale in (("BTC", 1.0), ("ETH", 0.03)):
        days = [scale * (80_000 + 900 * (k % 3)) for k in range(60)]
        made.bars(asset, "1d", at("2025-03-10"), days, spread=500 * scale)
        made.bars(asset, "1h", noon, [scale * c for c in (*[80_900.0 + 100 * (k % 2) for k in range(40)], *closes)], spread=60 * scale)
    rows = [(noon - 60 * (len(minutes or []) - 1 - k), c) for k, c in enumerate(minutes or [])]
    return made.rows("spot.close", "BTC", "1m", "binance", rows, venue="binance").view("2025-03-10 12:02")


FLASHES = {
    "hours, down": _flash_market([80_900.0, 77_200.0, 77_500.0]),
    "hours, up and back": _flash_market([80_900.0, 84_300.0, 82_600.0]),
    "minutes, down": _flash_market(
        [80_900.0, 80_800.0, 77_800.0], [80_800.0] * 60 + [80_000.0, 79_000.0, 78_000.0, 77_300.0] + [77_800.0] * 9
    ),
    "minutes, up": _flash_market([80_900.0, 80_800.0, 84_000.0], [80_800.0] * 60 + [81_000.0, 83_000.0, 84_000.0] + [84_000.0] * 20),
}


@pytest.mark.parametrize("form", SEEDS)
@pytest.mark.parametrize("market", FLASHES)
def test_flash_move_on_a_made_market(market: str, form: str) -> None:
    for seed in SEEDS[form]:
        article = _written(FLASHES[market], form, seed, "flash_move").article
        assert article is not None
        assert [(seed, f.check, f.message, f.sentence) for f in article.verdict.findings if f.severity == "block"] == []
        span = "within one hour" if market.startswith("hours") else " minutes"
        assert span in article.paragraphs[0].body.text or form != "flash"


def test_flash_move_is_silent_on_bars_of_four_hours() -> None:
    assert _written(_view("2024-08-05T08"), "flash", 1, "flash_move").article is None
