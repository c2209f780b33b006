"""The newsletter of a day: order, both forms, hostile text."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from newsgen.publish import Printed, SiteInfo
from newsgen.publish._newsletter import newsletter
from newsgen.story import Text

sys.path.insert(0, str(Path(__file__).parent))
from made_site import NOTE, SITE, corrected, sample, story, withdrawn

DAY = date(2025, 7, 14)


def test_the_strongest_story_is_first_and_gives_the_subject() -> None:
    articles = [Printed.of(a) for a in (story(1, score="70"), story(2, score="90"), withdrawn(story(3, score="99")))]
    subject, html, text = newsletter(articles, SITE, DAY)
    assert subject == "The headline of story 2, and 1 more"
    for form in (html, text):
        assert form.index("The headline of story 2") < form.index("The headline of story 1")
        assert "story 3" not in form
        assert "July 14, 2025" in form
        assert "https://news.example/articles/story-2/" in form
        assert "https://news.example/newsletter" in form
        assert "A legal foot." in form


def test_both_forms_say_the_same_and_carry_the_foot_of_each_story() -> None:
    article = Printed.of(sample())
    _, html, text = newsletter([article], SITE, DAY)
    told = (article.headline.text, article.summary, article.paragraphs[0].text, *(p.text for p in article.key_points),
            article.disclosure.text, article.stamps.as_of, "Fund flows: Farside Investors")  # fmt: skip
    for part in told:
        assert part in html
        assert part in " ".join(text.split())
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 72
    assert article.paragraphs[1].text not in html  # the rest is on the page


def test_the_html_needs_no_style_sheet_script_or_picture() -> None:
    _, html, _ = newsletter([Printed.of(sample())], SITE, DAY)
    assert not re.search(r"<(style|script|link|img)\b", html)
    assert len(html.encode()) < 100_000  # mail programs cut off what is longer


def test_a_correction_is_told() -> None:
    _, html, text = newsletter([Printed.of(corrected(story(1)))], SITE, DAY)
    assert NOTE in html
    assert NOTE in text


def test_hostile_text_is_text_in_both_forms() -> None:
    hostile = "<img src=x onerror=alert(1)>\r\nBcc: all@example.com"
    subject, html, text = newsletter([Printed.of(replace(story(1), headline=Text(hostile)))], SITE, DAY)
    assert "\n" not in subject and "\r" not in subject
    assert "<img" not in html
    assert "<img src=x onerror=alert(1)> Bcc: all@example.com" in " ".join(text.split())


def test_a_day_without_a_story_has_no_newsletter() -> None:
    with pytest.raises(ValueError, match="story"):
        newsletter([Printed.of(withdrawn(story(1)))], SiteInfo(), DAY)
