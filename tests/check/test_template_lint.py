"""What a template leaves behind."""

from __future__ import annotations

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.story import Verdict


def judge(paragraph: str = "It rose.", headline: str = "") -> Verdict:
    return check(F.article(headline=headline, paragraphs=[paragraph]), words=F.reader_words(), checks=[all_checks()["template_lint"]])


@pytest.mark.parametrize(
    "text",
    [
        "It rose {{ price }}.", "It rose None.", "It rose nan percent.", "It rose <b>much</b>.", "It rose -- a lot.", "It  rose.",
        "It rose , then fell.", "It rose,, then fell.", "Bitcoin (BTC) (BTC) rose.", "It rose to to $5.", "A ether fund rose.",
        "An bitcoin fund rose.", "It was 1 sessions.", "It was 12 session.", "It was the 22th day.", "It was the 11st day.",
        "It took $1.10 billion.", "It rose 2.0%.", "It rose 2.123%.", "It rose. 24 funds did.", "They had took it.", "It rose",
        "It rose \ue000 today.",
    ],
)  # fmt: skip
def test_a_fault_of_form_is_stopped(text: str) -> None:
    assert judge(text).decision == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "It rose 2.9% to $121,467 at 8:02 a.m. ET (12:02 UTC).", "It was at $1.50 and the index at 6,259.75.", "An ether fund rose.",
        "A bitcoin fund rose for the 21st, 22nd, 23rd and 112th time.", "U.S. spot funds took in $1.03 billion on Nov. 6, 2024.",
        "It was 1 session and 12 sessions.", "A 24-hour gain, an 8-hour one... and more.", "It rose above $120,000; it held.",
    ],
)  # fmt: skip
def test_sound_form_passes(text: str) -> None:
    assert judge(text).findings == ()


def test_a_headline_has_no_period() -> None:
    assert judge(headline="Bitcoin rises.").decision == "hold"
    assert judge(headline="Bitcoin rises").findings == ()


@pytest.mark.parametrize("word", ["Rocket", "rockets", "rocketed", "historic", "set to"])
def test_a_word_that_the_house_style_bans_is_stopped(word: str) -> None:
    made = F.article(headline="", paragraphs=[f"Bitcoin {word} on Monday."])
    verdict = check(made, words=F.reader_words(), banned=("rocket", "historic", "set to"), checks=[all_checks()["template_lint"]])
    assert [f.message for f in verdict.findings] == [f"the house style does not print {word!r}"]


def test_words_that_only_hold_a_banned_one_pass() -> None:
    made = F.article(headline="", paragraphs=["Rocketry made history and was offset to nothing."])
    assert (
        check(made, words=F.reader_words(), banned=("rocket", "historic", "set to"), checks=[all_checks()["template_lint"]]).findings == ()
    )
