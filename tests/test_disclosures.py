"""What a desk owes its readers: settings, the pipeline that puts it in, and every target, feed and preview that carries it."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from desk import FORMS, edition, newsroom

from newsgen.config import Settings, load_settings
from newsgen.errors import ConfigError
from newsgen.pipeline import Newsroom, Order, Outcome, load_newsroom, write_article
from newsgen.publish import Printed, SiteInfo, Target, article_page, html_page, markdown, publishers, to_markdown, to_ninjs
from newsgen.publish._body import plain_html
from newsgen.publish._feeds import rss
from newsgen.publish._publisher import Parcel
from newsgen.publish._wire import Wire
from newsgen.story import Article, Disclosure
from newsgen.target_settings import KINDS
from newsgen.terminal import Paper, render_outcome

DAY = "2025-07-14-squeeze"
OWED = (
    Disclosure(("BTC",), "The publisher holds bitcoin, and <b> is no markup.", "holding"),
    Disclosure(("binance",), "Binance sponsors this site.", "sponsor"),
    Disclosure(("Acme Exchange",), "Acme Exchange is an affiliate.", "affiliate"),
)
SAID = "The publisher holds bitcoin, and <b> is no markup. Binance sponsors this site."


def _write(room: Newsroom, form: str, owed: tuple[Disclosure, ...]) -> Article:
    outcome = write_article(room, edition(DAY).view, Order(DAY, form, seed=1, angles=edition(DAY).file.angles, disclosures=owed))
    assert outcome.article is not None
    return outcome.article


@cache
def owing(form: str = "standard") -> Article:
    return _write(newsroom(), form, OWED)


@pytest.mark.parametrize("form", [*FORMS, "wrap"])
def test_every_form_carries_the_texts_of_what_it_mentions_and_no_other(form: str) -> None:
    article = owing(form)
    assert article.disclosure.endswith(SAID)
    assert "Acme" not in article.disclosure
    assert not [f for f in article.verdict.findings if f.check == "disclosure_rules"]


def test_without_rules_the_foot_is_as_it_was() -> None:
    without = _write(newsroom(), "standard", ())
    assert owing().disclosure == f"{without.disclosure} {SAID}"
    assert replace(owing(), disclosure=without.disclosure, verdict=without.verdict) == without


_AT = {"url": "https://cms.example/h", "secret_env": "X"}
_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "webhook": _AT, "ghost": _AT, "wordpress": {**_AT, "user": "desk"}, "ninjs": {"url": _AT["url"]}, "slack": {"secret_env": "X"},
    "cms": {**_AT, "find": "GET /a?id={story_id}", "body_field": "body",
            "fields": {"id": "{{ story_id }}", "title": "{{ headline }}", "body": "{{ body_html }}"}}, "discord": {"secret_env": "X"},
    "telegram": {"chat": "@desk", "secret_env": "X"}, "mail": {"host": "mail.example", "sender": "a@b.example", "to": ("c@d.example",)},
}  # fmt: skip


def _sent(kind: str, article: Article, folder: Path) -> dict[str, bytes]:
    """Every text that a kind of target gets; of a folder those with the story itself: lists have its headline."""
    own = _SETTINGS.get(kind, {"path": str(folder)})
    target = Target(KINDS[kind](name="t", kind=kind, **own), SiteInfo())
    parcel = Parcel(Printed.of(article), article.dumps(), "m", 1)
    outgoing = publishers()[kind].format(parcel, target)
    if kind == "mail":
        mail = email.message_from_bytes(outgoing.body, policy=email.policy.default)
        return {part.get_content_type(): part.get_content().encode() for part in mail.walk() if not part.is_multipart()}
    if kind != "folder":
        return {"body": outgoing.body}
    wire = Wire("t", article.slug, lambda: datetime(2025, 7, 14, tzinfo=UTC))
    asyncio.run(publishers()[kind].send(parcel, outgoing, target, wire))
    told = [*folder.glob("articles/*/*.*"), *(folder / name for name in ("rss.xml", "atom.xml", "feed.json"))]
    return {p.name: p.read_bytes() for p in told if p.suffix not in (".png", ".svg")}


def _unescaped(data: bytes | str) -> str:
    text = data.decode() if isinstance(data, bytes) else data
    for sign, meant in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("\\u003c", "<"), ("\\<", "<"), ("\\>", ">"), ("\n", " ")):
        text = text.replace(sign, meant)
    return " ".join(text.split())


@pytest.mark.parametrize("form", ["flash", "standard"])
@pytest.mark.parametrize("kind", publishers())
def test_every_byte_that_a_target_gets_carries_them(kind: str, form: str, tmp_path: Path) -> None:
    sent = _sent(kind, owing(form), tmp_path)
    assert sent
    for name, data in sent.items():
        assert SAID in _unescaped(data), name


@pytest.mark.parametrize("output", ["page", "html", "body", "markdown", "md", "ninjs", "rss", "json", "terminal", "narrow"])
@pytest.mark.parametrize("form", ["flash", "standard"])
def test_every_format_and_feed_carries_them(output: str, form: str) -> None:
    article, site = owing(form), SiteInfo()
    printed, outcome = Printed.of(article), Outcome(article, None, article.pitches)
    made = {
        "page": lambda: article_page(printed, site), "html": lambda: html_page(article), "body": lambda: plain_html(printed),
        "markdown": lambda: markdown(printed), "md": lambda: to_markdown(article), "ninjs": lambda: to_ninjs(article, site),
        "rss": lambda: rss([printed], site), "json": article.dumps, "terminal": lambda: render_outcome(outcome, Paper()),
        "narrow": lambda: render_outcome(outcome, Paper(40, True, True)).replace("\033[2m", "").replace("\033[0m", ""),
    }  # fmt: skip
    assert SAID in _unescaped(made[output]())


def test_a_desks_own_words_cannot_leave_them_out(tmp_path: Path) -> None:
    """Not even a lexicon whose foot says nothing at all."""
    shipped = Path(newsroom().roots[-1])
    (tmp_path / "lexicon").mkdir()
    lines = (shipped / "lexicon" / "en.toml").read_text("utf-8").splitlines()
    start = lines.index("[disclosure]")
    own = [f'{line.partition("=")[0]}= ""' if i > start and " = " in line and "[" not in line[:1] else line for i, line in enumerate(lines)]
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("[")), len(lines))
    (tmp_path / "lexicon" / "en.toml").write_text("\n".join([*own[:end], *lines[end:]]), "utf-8")
    article = _write(load_newsroom(own_templates=tmp_path), "brief", OWED)
    assert article.disclosure == SAID


# Settings


def _settings(folder: Path, text: str) -> Settings:
    (folder / "newsgen.toml").write_text(text, "utf-8")
    return load_settings(folder / "newsgen.toml", env={})


def test_settings_give_entity_names_text_and_kind(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path,
        """
[[disclosures]]
entity = "BTC"
text = "The publisher holds bitcoin."
[[disclosures]]
names = ["Acme Exchange", "ACX", " "]
text = "  Acme Exchange sponsors
this site.  "
kind = "sponsor"
""".replace("sponsors\nthis", "sponsors this"),
    )
    assert settings.owed_texts == (
        Disclosure(("BTC",), "The publisher holds bitcoin."),
        Disclosure(("Acme Exchange", "ACX"), "Acme Exchange sponsors this site.", "sponsor"),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('text = "x"', "needs an entity, or names"),
        ('entity = "BTC"', "text.*is missing"),
        ('entity = "BTC"\ntext = " "', "one line"),
        ('entity = "BTC"\ntext = "a\\u202eb"', "one line"),
        ('entity = "BTC"\ntext = "x"\nkind = "gift"', "holding"),
        ('entity = "BTC"\ntext = "x"\nnote = "y"', "no such key"),
    ],
)
def test_a_rule_that_could_be_dropped_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s){problem}"):
        _settings(tmp_path, f"[[disclosures]]\n{text}\n")
