"""The reader's vocabulary is data, and a fault in it is refused by name."""

from __future__ import annotations

from pathlib import Path

import check_factories as F
import pytest

from newsgen.check import load_reader_words
from newsgen.errors import ConfigError


def test_an_unknown_key_is_refused_with_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "reader_xx.toml"
    path.write_text('locale = "xx"\nnonsense = 1\n')
    with pytest.raises(ConfigError, match=r"reader_xx\.toml[\s\S]*nonsense"):
        load_reader_words(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"reader_yy\.toml"):
        load_reader_words(tmp_path / "reader_yy.toml")


def test_a_phrase_with_capitals_is_read_as_written() -> None:
    words = F.reader_words()
    assert words.kind_of_subject["Strategy"] == "companies"
    from newsgen.check.reader import read_text

    assert read_text("x", "The strategy worked.", words)[0].of("subject") == []
    assert read_text("x", "Strategy bought.", words)[0].of("subject")[0].key == "Strategy"


def test_every_asset_of_the_writer_is_known_to_the_reader() -> None:
    import tomllib

    lexicon = tomllib.loads((F.TEMPLATES / "lexicon" / "en.toml").read_text("utf-8"))
    assert set(lexicon["assets"]) <= set(F.reader_words().assets)
    assert set(lexicon["subjects"]) <= set(F.reader_words().kind_of_subject)


def test_every_way_in_which_an_expression_can_be_found_holds_a_word_that_it_needs() -> None:
    words = F.reader_words()
    for wanted in (*words.falsehoods, *words.lint):
        for way in _ways(wanted.pattern) if wanted.needs else ():
            assert any(word in way for word in wanted.needs), (way, wanted.needs)


def _ways(pattern: str) -> list[str]:
    """The alternatives of a pattern that stand in no bracket."""
    ways, depth = [""], 0
    for sign in pattern:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            ways.append("")
        else:
            ways[-1] += sign
    return ways


def test_a_list_of_phrases_is_looked_for_only_where_all_words_of_one_stand() -> None:
    voices = F.reader_words().phrase_lists["voices"]
    assert voices.may_be_in(frozenset({"market", "watchers", "rose"}))
    assert not voices.may_be_in(frozenset({"market", "rose"}))
    assert all(voices.may_be_in(frozenset(phrase.split())) for phrase in F.reader_words().voices)
