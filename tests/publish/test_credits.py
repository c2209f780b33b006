"""What a source's terms want shown stands in every output, with its link, and outside text stays text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from newsgen.pipeline import Outcome
from newsgen.publish import Printed, SiteInfo, Target, article_page, markdown, to_ninjs
from newsgen.publish._body import plain_html
from newsgen.publish._feeds import rss
from newsgen.publish._publisher import Parcel
from newsgen.publish.webhook import PUBLISHER as WEBHOOK
from newsgen.story import Article
from newsgen.target_settings import WebhookSettings
from newsgen.terminal import Paper, render_outcome
from tests.desk import written

CREDIT, LINK = "Powered by Example & Sons", "https://example.org/data?a=1&b=2"


def credited(address: str = LINK) -> Article:
    article = written("2025-07-14-squeeze", "standard", 1).article
    assert article is not None
    first, *rest = article.sources
    return replace(article, sources=(replace(first, credit=CREDIT, credit_url=address), *(replace(s, credit="") for s in rest)))


def outputs(article: Article) -> dict[str, str]:
    printed, site = Printed.of(article), SiteInfo()
    target = Target(WebhookSettings(name="t", url="https://cms.example/h", secret_env="X"), site)
    webhook = WEBHOOK.format(Parcel(printed, article.dumps(), "m", 1), target).body.decode()
    return {
        "page": article_page(printed, site), "body": plain_html(printed), "markdown": markdown(printed), "ninjs": to_ninjs(article, site),
        "feed": rss([printed], site).decode(), "webhook": webhook, "json": article.dumps(),
        "terminal": render_outcome(Outcome(article, None, article.pitches), Paper(), explain=False),
    }  # fmt: skip


@pytest.mark.parametrize("output", ["page", "body", "markdown", "ninjs", "feed", "webhook", "json", "terminal"])
def test_a_credit_stands_in_every_output(output: str) -> None:
    text = outputs(credited())[output].replace("&amp;", "&").replace("\\", "").replace("\n", " ")
    assert CREDIT in " ".join(text.split())
    assert LINK in text


def test_a_credit_of_several_sources_stands_once() -> None:
    article = credited()
    twice = replace(article, sources=tuple(replace(s, credit=CREDIT, credit_url=LINK) for s in article.sources))
    assert plain_html(Printed.of(twice)).count("Powered by") == 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", ""])
def test_a_link_that_no_page_may_carry_is_left_out(address: str) -> None:
    for name, text in outputs(credited(address)).items():
        if name in ("page", "body", "markdown", "feed"):
            assert "javascript:" not in text
            assert "data:text" not in text
        if name == "webhook":
            assert json.loads(text)["data"]["sources"][0]["credit_url"] is None
