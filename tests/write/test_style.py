"""House styles as data: a wrong file is named, and the shipped styles answer the same questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from newsgen.discover import templates_root
from newsgen.errors import ConfigError
from newsgen.write import load_style
from tests.write.made_words import style

FOLDER = templates_root() / "style"
AP = (FOLDER / "ap.toml").read_text("utf-8")
STYLES = sorted(p.stem for p in FOLDER.glob("*.toml"))


def told(folder: Path, text: str) -> str:
    path = folder / "ap.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"^ap\.toml: ") as caught:
        load_style(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('sign = "%"', "", "percent.sign"),
        ('sign = "%"', 'sign = "%"\nsing = "%"', "percent.sing"),
        ('symbol = "$"', "symbol = 5", "money.symbol"),
        ('zone = "America/New_York"', "", "dates.zone"),
        ('halves = ["a.m.", "p.m."]', 'halves = ["a.m."]', "dates.halves.1"),
        ('locale = "en"', "", "locale"),
        ("[approximators]", "[hedges]", "approximators"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(tmp_path: Path, before: str, after: str, key: str) -> None:
    assert AP.count(before) == 1
    assert key in told(tmp_path, AP.replace(before, after))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    told(tmp_path, "[[")


def test_an_unknown_style_is_told_which_there_are() -> None:
    with pytest.raises(ConfigError, match="no house style 'times'; there are: ap, en-gb"):
        load_style(FOLDER / "times.toml")


def _keys(value: Any, below: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    if not isinstance(value, dict):
        return {below}
    return {key for name, inner in value.items() for key in _keys(inner, (*below, name))}


def test_the_shipped_styles_have_the_same_keys() -> None:
    free = {"spelling", "names", "zone_labels"}  # what a style need not have, or names in its own way
    keys = [{k for k in _keys(style(name).model_dump()) if not free & set(k)} for name in STYLES]
    assert len(keys) >= 2
    assert all(one == keys[0] for one in keys)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_is_whole(name: str) -> None:
    made = style(name)
    assert made.name == name
    assert (len(made.dates.months), len(made.dates.months_with_day), len(made.dates.weekdays)) == (12, 12, 7)
    assert set(made.approximators) == {"more_than", "nearly", "about", "at_least"}
    assert made.number.words[:2] == ("zero", "one")
    assert len(made.number.words) == len(made.number.ordinals) == 10  # words one to nine, figures from 10
    assert {"1", "2", "3", "11", "12", "13", "default"} == set(made.number.ordinal_suffixes)
    assert len(made.money.scales) == 4


def test_the_styles_agree_on_what_is_no_figure() -> None:
    assert style("ap").constants == style("en-gb").constants
