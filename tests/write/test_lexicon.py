"""Words as data: a wrong file is named, and a verb fits size and sign of its move."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgen.discover import templates_root
from newsgen.errors import ConfigError
from newsgen.write import load_lexicon
from newsgen.write.lexicon import verb
from tests.write.made_words import lexicon, printed

LEXICON = (templates_root() / "lexicon" / "en.toml").read_text("utf-8")
D = Decimal

# Editorial section 5, each verb with the other words of its size that the desk allows.
EDGE = {"up": {"edged up", "inched up"}, "down": {"slipped", "edged down"}}
RISE = {"up": {"rose", "gained"}, "down": {"fell", "declined"}}
CLIMB = {"up": {"climbed", "advanced"}, "down": {"dropped", "slid"}}
JUMP = {"up": {"jumped"}, "down": {"tumbled"}}
SURGE = {"up": {"surged"}, "down": {"plunged"}}
BANDS = [
    ("0", EDGE), ("0.25", EDGE), ("0.7499", EDGE), ("0.75", RISE), ("1.4999", RISE), ("1.5", CLIMB), ("2.4999", CLIMB), ("2.5", JUMP),
    ("3.9999", JUMP), ("4", SURGE), ("50", SURGE), ("5000", SURGE),
]  # fmt: skip


@pytest.mark.parametrize(("z", "band"), BANDS)
def test_each_size_of_move_gives_only_its_verbs(z: str, band: dict[str, set[str]]) -> None:
    assert set(verb(lexicon(), D(3), D(z), "past")) <= band["up"]
    assert set(verb(lexicon(), D(-3), -D(z), "past")) <= band["down"]


@pytest.mark.parametrize("tense", ["past", "present"])
def test_without_a_usual_day_the_plain_verb_is_taken(tense: str) -> None:
    assert verb(lexicon(), D(3), None, tense) == verb(lexicon(), D(3), D(1), tense)


ALL_UP = {w for step in lexicon().verbs for w in (*step.up_past, *step.up_present)}
ALL_DOWN = {w for step in lexicon().verbs for w in (*step.down_past, *step.down_present)}


def test_no_verb_goes_both_ways() -> None:
    assert not ALL_UP & ALL_DOWN


@given(st.decimals(-50, 50, places=3), st.one_of(st.none(), st.decimals(-9, 9, places=2)), st.sampled_from(["past", "present"]))
def test_the_verb_has_the_sign_of_the_change(change: Decimal, z: Decimal | None, tense: str) -> None:
    assert set(verb(lexicon(), change, z, tense)) <= (ALL_UP if change >= 0 else ALL_DOWN)


def test_the_steps_ascend_and_present_and_past_go_in_pairs() -> None:
    steps = lexicon().verbs
    assert [s.below_sd for s in steps] == sorted({s.below_sd for s in steps})
    for step in steps:
        assert len(step.up_past) == len(step.up_present)
        assert len(step.down_past) == len(step.down_present)


def test_the_filter_measures_the_move_by_the_assets_own_day() -> None:
    moves = {"BTC.price.change_24h": -6, "BTC.price.zscore_24h": -3, "ETH.price.change_24h": -6, "ETH.price.zscore_24h": "-4.5"}
    given_ = {k: D(v) for k, v in moves.items()}
    given_windows = {k: {"window": "24h"} for k in moves}
    text = "{{ BTC.price.change_24h|verb }} {{ ETH.price.change_24h|verb }} {{ ETH.price.change_24h|verb('present') }}"
    assert printed(text, given_, given_windows) == "tumbled plunged plunges"


def test_a_longer_window_takes_the_plain_verb() -> None:
    figures = {"BTC.price.change_7d": D(-20), "BTC.price.zscore_24h": D(-5)}
    words = {printed("{{ price.change_7d|verb }}", figures, {"BTC.price.change_7d": {"window": "7d"}}, seed=s) for s in range(30)}
    assert words == {"fell", "declined"}


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('join_and = "and"', "", "join_and"),
        ('join_and = "and"', 'join_and = "and"\njoin_or = "or"', "join_or"),
        ('first = "bitcoin (BTC)"', "", "assets.BTC.first"),
        ('below_sd = "1.5"', 'below_sd = "large"', "verbs.1.below_sd"),
        ('up_down = ["up", "down"]', 'up_down = ["up"]', "directions.up_down.1"),
        ("[venues]", "[venue]", "venues"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(tmp_path: Path, before: str, after: str, key: str) -> None:
    assert LEXICON.count(before) == 1
    path = tmp_path / "en.toml"
    path.write_text(LEXICON.replace(before, after), "utf-8")
    with pytest.raises(ConfigError, match=r"^en\.toml: ") as caught:
        load_lexicon(path)
    assert key in str(caught.value)


def test_a_lexicon_that_is_not_there_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"en\.toml"):
        load_lexicon(tmp_path / "en.toml")
    (tmp_path / "en.toml").write_text("= 1", "utf-8")
    with pytest.raises(ConfigError, match=r"en\.toml"):
        load_lexicon(tmp_path / "en.toml")
