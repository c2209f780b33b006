"""The words by which a draft is read: sets of words, the frames and what they speak of."""

from __future__ import annotations

from pathlib import Path

import pytest
from known_drafts import words

from newsgen.check.factcheck import load_draft_words
from newsgen.check.factcheck.frames import WordSet
from newsgen.derive import catalogue
from newsgen.discover import templates_root
from newsgen.errors import ConfigError
from newsgen.market import Unit

LEXICON = templates_root() / "lexicon"


@pytest.mark.parametrize(
    ("wanted", "text", "holds"),
    [
        ("liquidat*", "liquidations", True),
        ("liquidat*", "liquid", False),
        ("short", "shorts", False),
        ("in a row", "five in a row", True),
        ("in a row", "five in a line", False),
        ("fear & greed", "the fear & greed index", True),
    ],
)
def test_a_set_holds_words_beginnings_and_phrases(wanted: str, text: str, holds: bool) -> None:
    tokens = text.split()
    assert any(WordSet([wanted]).starts_at(tokens, i) for i in range(len(tokens))) is holds


def test_every_figure_of_a_frame_is_in_the_catalogue() -> None:
    known = catalogue()
    assert not [(f.name, n) for f in words().draft.frames for n in f.figures if n not in known]


def test_a_frame_of_days_names_days_and_the_others_none() -> None:
    days = {name for name, spec in catalogue().items() if spec.unit in (Unit.DATE, Unit.MOMENT)}
    assert not [(f.name, n) for f in words().draft.frames for n in f.figures if (n in days) is not f.dated]


def test_a_frame_is_for_subjects_that_its_figures_are_made_for() -> None:
    known = catalogue()
    wrong = [(f.name, n) for f in words().draft.frames for n in f.figures if not known[n].of & set(f.of)]
    assert not wrong


def test_nearly_every_amount_of_the_catalogue_can_be_spoken_of() -> None:
    amounts = {name for name, spec in catalogue().items() if spec.unit not in (Unit.DATE, Unit.MOMENT, Unit.TEXT, Unit.FLAG)}
    spoken = {name for frame in words().draft.frames for name in frame.figures}
    assert len(amounts & spoken) >= 0.8 * len(amounts), sorted(amounts - spoken)


def test_an_unknown_key_is_refused_by_the_files_name(tmp_path: Path) -> None:
    draft = tmp_path / "reader_draft_en.toml"
    draft.write_text((LEXICON / "reader_draft_en.toml").read_text("utf-8") + '\n[[frames]]\nname = "x"\nfigures = []\nneed = []\n')
    with pytest.raises(ConfigError, match=r"reader_draft_en\.toml"):
        load_draft_words(LEXICON / "reader_en.toml", draft)
