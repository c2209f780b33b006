"""No cause without a note."""

from __future__ import annotations

import check_factories as F
import pytest

from newsgen.check import all_checks, check

CHECKS = [all_checks()["causality"]]


@pytest.mark.parametrize("words", ["because of", "Due to", "driven by", "on the back of", "thanks to", "in response to"])
def test_a_cause_that_nobody_entered_is_stopped(words: str) -> None:
    article = F.one_sentence(f"Bitcoin rose {words} the fund flows.")
    verdict = check(article, words=F.reader_words(), checks=CHECKS)
    assert words.lower() in verdict.findings[0].message.lower()
    assert verdict.findings[0].sentence == article.paragraphs[0].body.text


def test_words_of_time_pass() -> None:
    article = F.one_sentence("Bitcoin rose while shorts were closed, and funds took in money after the session.")
    assert check(article, words=F.reader_words(), checks=CHECKS).findings == ()


def test_a_note_allows_a_cause() -> None:
    article = F.one_sentence("Bitcoin rose because of the ruling.")
    assert check(article, words=F.reader_words(), checks=CHECKS, notes=["n1"]).findings == ()


def test_a_forecast_is_stopped() -> None:
    assert check(F.one_sentence("Bitcoin is likely to rise."), words=F.reader_words(), checks=CHECKS).decision == "hold"
