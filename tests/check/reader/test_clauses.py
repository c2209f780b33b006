"""Where sentences end."""

from __future__ import annotations

import check_factories as F
import pytest

from newsgen.check.reader import read_text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It rose. It fell.", 2),
        ("It rose on Feb. 1, and fell.", 1),
        ("It was 8:02 a.m. ET. Then it fell.", 2),
        ("U.S. Spot funds rose.", 1),
        ("It took $98.1m. The rest fell.", 2),
        ("It took 2.9% and 6,259.75. So it was.", 2),
        ("On alternative.me it rose.", 1),
        ("A headline", 1),
        ('He said "it rose." It fell.', 2),
    ],
)
def test_sentences_are_cut_where_they_end(text: str, count: int) -> None:
    sentences = read_text("x", text, F.reader_words())
    assert len(sentences) == count
    assert " ".join(s.text for s in sentences) == text
