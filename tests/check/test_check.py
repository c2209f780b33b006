"""The verdict: which checks run, how findings are ordered, what holds."""

from __future__ import annotations

import check_factories as F

from newsgen.check import Check, Desk, all_checks, check
from newsgen.story import Finding

NUMBERS = {
    "arithmetic": 1, "headline_body": 2, "recompute": 3, "window_label": 4, "record_scope": 5, "direction": 6, "asset_binding": 7,
    "units": 8, "bad_tick": 9, "superlatives": 10, "time_order": 11, "completeness": 12, "cross_source": 13, "causality": 14,
    "unnamed_voice": 15, "template_lint": 16, "novelty": 17, "read_back": 18, "repetition": 22,
     "staleness": 19, "terms_of_use": 20, "disclosure_rules": 21,
}  # fmt: skip


def test_the_folder_holds_the_checks_of_the_specification() -> None:
    assert {name: one.number for name, one in all_checks().items()} == NUMBERS
    assert all(one.name == name for name, one in all_checks().items())


def finder(*findings: Finding) -> Check:
    return Check("x", 99, "x", lambda desk: findings)


def test_a_warning_does_not_hold() -> None:
    verdict = check(F.squeeze(), words=F.reader_words(), checks=[finder(Finding("x", "warn", "headline", "m"))])
    assert verdict.decision == "publish"
    assert len(verdict.findings) == 1


def test_findings_come_blocking_first_in_reading_order_and_once() -> None:
    late, early = Finding("x", "block", "paragraphs[2]", "m"), Finding("x", "block", "headline", "m")
    warn = Finding("x", "warn", "headline", "m")
    verdict = check(F.squeeze(), words=F.reader_words(), checks=[finder(warn, late, early, early)])
    assert verdict.decision == "hold"
    assert verdict.findings == (early, late, warn)


def test_spans_are_never_read() -> None:
    """The same verdict for an article whose spans are gone."""
    article = F.squeeze()
    bare = article.with_text("headline", article.headline.text)
    assert check(bare, words=F.reader_words()) == check(article, words=F.reader_words())


def test_texts_are_read_once_and_shared() -> None:
    desk = Desk(F.squeeze(), F.reader_words())
    assert desk.sentences is desk.sentences
    assert desk.claims is desk.claims
