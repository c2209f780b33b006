"""Nobody speaks without a name."""

from __future__ import annotations

import check_factories as F
import pytest

from newsgen.check import all_checks, check

CHECKS = [all_checks()["unnamed_voice"]]


@pytest.mark.parametrize("voice", ["Analysts say", "experts", "traders said", "market watchers", "a major exchange"])
def test_a_voice_without_a_name_is_stopped(voice: str) -> None:
    verdict = check(F.one_sentence(f"{voice} that bitcoin rose."), words=F.reader_words(), checks=CHECKS)
    assert voice.lower() in verdict.findings[0].message.lower()


def test_traders_who_only_act_pass() -> None:
    article = F.one_sentence("At least 130,000 traders had positions liquidated.")
    assert check(article, words=F.reader_words(), checks=CHECKS).findings == ()


def test_a_note_allows_a_voice() -> None:
    article = F.one_sentence("Analysts say that bitcoin rose.")
    assert check(article, words=F.reader_words(), checks=CHECKS, notes=["n1"]).findings == ()


def test_a_source_by_its_name_passes() -> None:
    article = F.one_sentence("Shorts worth $623 million were liquidated, CoinGlass data show.")
    assert check(article, words=F.reader_words(), checks=CHECKS).findings == ()
