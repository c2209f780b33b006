"""Every angle on real days, in many wordings: what the templates say, the checks understand. A hold here is a fault of one of the two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from desk import edition, newsroom

from newsgen.market import View
from newsgen.pipeline import Order, write_article

ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
WORDINGS = {
    "ap": {"standard": range(1, 6), "brief": range(6, 9), "flash": range(9, 12)},
    "en-gb": {"standard": range(12, 14), "flash": range(14, 15)},
}
DAYS = {
    "ath": ("2021-03-14T00", "2024-11-12T00", "2025-07-11T16"),
    "big_move": ("2021-04-19T00", "2024-03-20T00", "2025-05-09T16"),
    "crash_day": ("2021-05-20T00", "2022-06-14T00", "2025-03-04T04"),
    "etf_flow_day": ("2024-03-01T00", "2024-09-25T08", "2025-01-16T20"),
    "etf_streak": ("2024-12-15T12", "2025-08-01T12"),
    "extreme_since": ("2021-05-20T00", "2022-05-26T20", "2025-03-10T00"),
    "level_break_first": ("2021-03-14T00", "2024-12-05T12", "2025-05-22T12"),
    "level_lost": ("2022-06-14T00", "2024-08-06T00", "2025-08-30T00"),
    "level_reclaimed": ("2021-03-08T00", "2024-05-21T00", "2025-07-03T12"),
    "long_flush": ("2021-04-17T00", "2025-02-03T00", "2025-03-04T04"),
    "quiet_day": ("2023-09-10T00", "2024-10-13T00", "2025-02-16T00"),
    "short_squeeze": ("2022-11-11T00", "2023-01-15T00", "2025-07-11T16"),
}


@pytest.mark.parametrize("style", WORDINGS)
@pytest.mark.parametrize("angle", DAYS)
def test_no_wording_of_an_angle_is_held(angle: str, style: str) -> None:
    archive, precedence = edition("2025-07-14-squeeze").archive, edition("2025-07-14-squeeze").view.precedence
    written, held = 0, []
    for day in DAYS[angle]:
        moment = datetime.fromisoformat(f"{day}:00").replace(tzinfo=UTC)
        for form, seeds in WORDINGS[style].items():
            for seed in seeds:
                view = View(moment, archive.load, ASSETS, precedence)
                article = write_article(newsroom(style), view, Order("wordings", form=form, seed=seed, angles=(angle,))).article
                if article is not None:
                    written += 1
                    held += [(day, form, seed, f.check, f.message, f.sentence) for f in article.verdict.findings if f.severity == "block"]
    assert held == []
    assert written >= 2, "the angle does not fire on its days"
