"""17 Novelty: what a person has published is no news, and an angle told a few hours ago hardly; in: the desk, out: findings.

The first holds the article, with the link; of the second, where no record, level or session is another, the editor is warned. A post
tells of the same event when it is a few hours old, names the lead's asset or its market, and shares with headline and lede a number and a
word of the event, or most of the headline's words. Which words tell nothing ("price", "market") stands in the reader's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from newsgen.check._check import Check, Desk
from newsgen.check.reader import PostWords
from newsgen.story import Finding, Post

__all__ = ["CHECK"]

WITHIN = timedelta(hours=12)
_AGAIN = timedelta(hours=6)
_NEAR = Decimal("0.02")  # a person rounds: $748 million is $750 million
_MOST_WORDS = 0.6  # of the headline's: then no number is asked for
_NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(%|[a-z]+)?", re.IGNORECASE)
_WORD = re.compile(r"[a-z][a-z'&-]*[a-z]", re.IGNORECASE)


def novelty(desk: Desk) -> Iterator[Finding]:
    """The newest post that has told it, and the newest story of the same angle."""
    yield from _told_by_people(desk)
    yield from _told_by_us(desk)


def _told_by_us(desk: Desk) -> Iterator[Finding]:
    """The same angle on the same subject within hours, without a new extreme; what a version changes is news by its own rule."""
    lead = next((p for p in desk.article.pitches if p.role == "lead"), None)
    if lead is None or (lead.step is not None and lead.step.kind != "new"):
        return
    for told in sorted(desk.published, key=lambda p: p.published_at, reverse=True):
        age = desk.article.as_of - told.published_at
        same = (told.angle, told.subject, told.mark) == (lead.angle, lead.subject, desk.mark)
        if same and timedelta(0) < age < _AGAIN:
            message = f"{told.angle} of {told.subject} was told {_ago(age)} before ({told.story}), and no extreme is new since"
            yield Finding("novelty", "warn", "headline", message)
            return


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def _told_by_people(desk: Desk) -> Iterator[Finding]:
    words = desk.words.posts
    head = _head(desk)
    mine, numbers = _stems(head, words), _numbers(head, words)
    title = _stems(desk.article.headline.text, words)
    for post in sorted(desk.posts, key=lambda p: p.published_at, reverse=True):
        age = desk.article.as_of - post.published_at
        if not timedelta(0) <= age <= WITHIN or desk.article.slug in post.url:
            continue
        if _same_event(post, title, mine, numbers, words, _names_of(desk)):
            yield Finding("novelty", "block", "headline", f'the site has told this {_ago(age)} before: "{post.title}" ({post.url})')
            return


def _head(desk: Desk) -> str:
    article = desk.article
    lede = article.paragraphs[0].body.text if article.paragraphs else ""
    return f"{article.headline.text}. {article.dek.text}. {lede}"


def _names_of(desk: Desk) -> frozenset[str]:
    """What the lead's subject is called, in small letters."""
    lead = next((p for p in desk.article.pitches if p.role == "lead"), None)
    subject = lead.subject if lead else ""
    found = {**desk.words.assets, **desk.words.markets}.get(subject, ())
    if subject == "market":  # bitcoin speaks for it
        found = (*found, *desk.words.assets.get("BTC", ()), *desk.words.posts.market)
    return frozenset(name.lower() for name in found)


def _same_event(
    post: Post, title: frozenset[str], mine: frozenset[str], numbers: Sequence[Decimal], words: PostWords, names: frozenset[str]
) -> bool:  # fmt: skip
    text = f"{post.title}. {post.summary}"
    small = f" {re.sub(r'[^a-z0-9]+', ' ', text.lower())} "
    if names and not any(f" {name} " in small for name in names):
        return False
    theirs = _stems(text, words)
    if title and len(title & theirs) >= max(2, _MOST_WORDS * len(title)) and _agree(numbers, _numbers(text, words)):
        return True
    shared = any(abs(a - b) <= _NEAR * max(a, b) for a in numbers for b in _numbers(text, words))
    return shared and bool(mine & theirs)


def _agree(mine: Sequence[Decimal], theirs: Sequence[Decimal]) -> bool:
    """Whether no number speaks against it: the same words with other numbers are another day's event."""
    return not theirs or not mine or any(abs(a - b) <= _NEAR * max(a, b) for a in mine for b in theirs)


def _stems(text: str, words: PostWords) -> frozenset[str]:
    """The words that tell of the event: their common meaning where the reader's words give one, else without their endings."""
    found = {word.lower() for word in _WORD.findall(text)} - words.ignored
    meant = {word: next((meaning for meaning, alike in words.alike.items() if word in alike), "") for word in found}
    return frozenset(meaning or _stem(word, words.endings) for word, meaning in meant.items()) - words.ignored


def _stem(word: str, endings: Sequence[str]) -> str:
    ending = next((e for e in endings if word.endswith(e) and len(word) - len(e) >= 3), "")
    return word[: len(word) - len(ending)] if ending else word


def _numbers(text: str, words: PostWords) -> list[Decimal]:
    """The amounts of a text; years, days and small counts say nothing."""
    found: list[Decimal] = []
    for match in _NUMBER.finditer(text):
        try:
            value = Decimal(match[1].replace(",", ""))
        except InvalidOperation:
            continue
        unit = (match[2] or "").lower()
        scale = words.scales.get(unit)
        money = text[max(0, match.start() - 1) : match.start()] in words.currencies
        if scale is not None:
            found.append(value * scale)
        elif money or unit == "%":
            found.append(value)
    return found


CHECK = Check("novelty", 17, "What a person has published on the site, or the site itself within six hours, is not told again.", novelty)
