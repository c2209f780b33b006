"""Years of replay: the big days are led by the right angle, most days are no news, and nothing is held that is sound.

Reads the whole history where it lies beside the checkout; slow: `pytest -m slow tests/test_years.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

import pytest
from desk import newsroom

from newsgen.config import Settings
from newsgen.draft import Wish, replay_of
from newsgen.market import View
from newsgen.pipeline import Order, form_of, pitch_angles, write_article
from newsgen.replay import Take
from newsgen.settings_faults import DEFAULT_PRECEDENCE
from newsgen.store.database import open_database
from newsgen.store.history import import_history, read_history
from newsgen.store.memory import MemoryArchive

HISTORY = Path(__file__).parents[2] / "shared" / "history"
ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
FLOWS = ("etf_flow_day", "etf_streak", "etf_week", "etf_divergence")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HISTORY.is_dir(), reason="the whole history lies beside the checkout, where it lies at all"),
]

BIG_DAYS = {
    "2021-11-10": ("ath",), "2024-03-14": ("ath",), "2024-11-06": ("ath",), "2025-07-10": ("ath",), "2025-08-14": ("ath",),
    "2022-06-13": ("crash_day",), "2022-11-09": ("crash_day",), "2024-08-05": ("crash_day",),
    "2024-01-11": ("extreme_since",), "2025-02-25": ("extreme_since",), "2025-04-07": ("extreme_since", "crash_day", "relief_rally"),
    "2024-12-05": ("level_break_first", "ath"), "2025-05-08": ("big_move", "level_reclaimed"), "2025-07-14": ("ath", "short_squeeze"),
}  # fmt: skip
# Held, and rightly so: faults of the data. (moment, angle): what is wrong there.
TRUE_FAULTS: dict[tuple[str, str], str] = {}


@cache
def archive() -> MemoryArchive:
    made = MemoryArchive()
    made.add_columns(read_history(sorted(HISTORY.glob("*.csv"))).columns)
    return made


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Take]:
    """2021-01-01 to 2025-08-31, a look a day at midnight, as `newsgen replay` gives it."""
    settings = Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('years')}/history.db")
    engine = open_database(settings.database_url)
    import_history(engine, [HISTORY])
    engine.dispose()
    span = datetime(2021, 1, 1, tzinfo=UTC), datetime(2025, 8, 31, tzinfo=UTC)
    return list(replay_of(settings, Wish(), *span, timedelta(days=1), processes=2))


def marks(day: str) -> list[datetime]:
    """The four-hour marks of a day, its end included."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return [start + timedelta(hours=4 * k) for k in range(1, 7)]


def leads(day: str, angles: tuple[str, ...] = ()) -> dict[str, str]:
    """Per mark the angle that would lead there, nothing told before."""
    found = {}
    for moment in marks(day):
        view = View(moment, archive().load, ASSETS, DEFAULT_PRECEDENCE)
        _, pitches = pitch_angles(newsroom(), view, Order("years", form="", angles=angles))
        found[f"{moment:%H:%M}"] = next((p.angle for p in pitches if p.role == "lead"), "")
    return found


@pytest.mark.parametrize("day", BIG_DAYS)
def test_a_big_day_is_led_by_the_right_angle_at_some_mark(day: str) -> None:
    found = leads(day)
    assert set(found.values()) & set(BIG_DAYS[day]), found


@pytest.mark.parametrize("day", ["2025-02-26", "2025-07-11"])
def test_a_large_day_of_flows_leads_among_flows_at_noon(day: str) -> None:
    assert leads(day, FLOWS)["12:00"] == "etf_flow_day"


def test_nothing_raises_and_nothing_sound_is_held(years: Sequence[Take]) -> None:
    assert len(years) == 1704 and not [str(fault) for take in years for fault in take.faults]
    held = {(f"{t.as_of:%Y-%m-%d}", t.article.angle): [f.message for f in t.article.verdict.findings if f.severity == "block"]
            for t in years if t.article is not None and t.article.verdict.decision != "publish"}  # fmt: skip
    assert {key: why for key, why in held.items() if key not in TRUE_FAULTS} == {}


def test_two_ordinary_days_in_five_are_worth_no_more_than_a_brief(years: Sequence[Take]) -> None:
    big = {date.fromisoformat(day) + timedelta(days=k) for day in BIG_DAYS for k in (0, 1)}
    ordinary = [t for t in years if t.as_of.date() not in big]
    quiet = sum(t.article is None or t.article.form != "standard" for t in ordinary)
    assert quiet >= 0.4 * len(ordinary), f"{quiet} of {len(ordinary)}"


def test_no_order_of_the_body_holds_more_than_a_quarter_of_twenty_squeezes() -> None:
    orders: list[tuple[str, ...]] = []
    moment = datetime(2023, 1, 1, tzinfo=UTC)
    while len(orders) < 20 and moment < datetime(2025, 8, 31, tzinfo=UTC):
        view = View(moment, archive().load, ASSETS, DEFAULT_PRECEDENCE)
        pitched = pitch_angles(newsroom(), view, Order("years", form="", angles=("short_squeeze",)))
        if form_of(newsroom(), pitched[1]) == "standard":
            article = write_article(newsroom(), view, Order("years", seed=len(orders))).article
            if article is not None:
                orders.append(tuple(m.partition(" ")[0] + m.partition(" ")[2] for m in article.messages if " lede" not in m))
                moment += timedelta(hours=12)
        moment += timedelta(hours=4)
    assert len(orders) == 20
    most, count = Counter(orders).most_common(1)[0]
    assert count <= 5, (count, most)


@pytest.mark.parametrize("number", range(4))
def test_what_is_known_later_changes_no_byte_at_two_hundred_moments(number: int) -> None:
    hand = Random(number)
    for _ in range(50):
        moment = datetime(2021, 3, 1, tzinfo=UTC) + timedelta(days=hand.randrange(1600), minutes=hand.choice((0, 240, 722, 197, 720, 960)))
        cut = archive().cut(moment)
        written = []
        for one in (archive(), cut):
            view = View(moment, one.load, ASSETS, DEFAULT_PRECEDENCE)
            outcome = write_article(newsroom(), view, Order("years", form=hand.choice(("standard",)), seed=4))
            written.append(outcome.article.dumps() if outcome.article else outcome.quiet.reason if outcome.quiet else "")
        assert written[0] == written[1], moment
