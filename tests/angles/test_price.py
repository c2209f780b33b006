"""The angles of price on real days and made ones, in every form and many wordings: what the templates say, the checks understand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from desk import edition, newsroom

from newsgen.market import View
from newsgen.pipeline import Order, Outcome, write_article

ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
SEEDS = {"standard": range(1, 13), "brief": range(13, 25), "flash": range(25, 37)}
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
