"""22 Repetition: seven words in a row that an article of the last thirty days said are warned of, with the words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from newsgen.check import check
from newsgen.check.repetition import CHECK
from newsgen.said import Said, phrases_of
from newsgen.story import Article, Finding, Paragraph, Text
from tests.check import factories as F

TOLD = "where it had stood for most of the year before that day"


def found(text: str, told: str = TOLD, angle: str = "", role: str = "detail") -> list[Finding]:
    article: Article = F.squeeze()
    article = replace(article, paragraphs=(Paragraph(role, article.angle, Text(text)),))
    said = Said(angle or article.angle, article.as_of - timedelta(days=3), frozenset(), frozenset(phrases_of(told)))
    return [*check(article, words=F.reader_words(), said=[said], checks=[CHECK]).findings]


def test_seven_words_that_were_said_before_are_warned_of() -> None:
    (finding,) = found(f"The price came back to $118,000, {TOLD}.")
    assert finding.severity == "warn" and "where it had stood for most of" in finding.message and finding.where == "paragraphs[0]"


def test_six_words_another_angle_and_the_library_of_backgrounds_pass() -> None:
    assert found("The price came back to where it had stood for most.") == []
    assert found(f"The price came back, {TOLD}.", angle="other") == []
    assert found(f"The price came back, {TOLD}.", role="background") == []


def test_a_string_with_a_name_or_a_figure_is_another_string() -> None:
    assert found("where it had stood for $3 of the year") == []
    assert found("one two three bitcoin four five six seven", "one two three bitcoin four five six seven") == []
