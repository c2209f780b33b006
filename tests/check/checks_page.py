"""docs/checks.md from the checks: `python -m tests.check.checks_page > docs/checks.md`."""

from __future__ import annotations

import importlib
import re
import sys

from newsgen.check import Check, checks

HEAD = """# Checks

Every article is read by all of these before any target gets it. A finding that blocks holds the article for an editor, with the sentence
and the figures; a warning is shown to the editor and leaves the text as it is. This page is made from the code (`newsgen/check/`); a test
compares them.

| no. | check | severity | an article is held unless |
|---|---|---|---|
"""

FOOT = """
## Before sending

An article that is older than `[staleness] after` when it is about to go to a target (after a restart, or where a target was down) is held
against the newest prices, which are asked for again. Where check 19 objects, the story is written again from the newest readings, in
place of the old text and under the same story and version, and the log of actions keeps why. It is held instead, with the reason, where
its angle is no news any more, where the new text does not pass, or where another target has the old text already. What a target may have
(an answer that was lost) keeps its bytes. Without any price of the last ten minutes the delivery waits, until it expires like any other.

## What a desk owes its readers

`[[disclosures]]` in newsgen.toml names entities and the text that stands under every story that mentions one: by any name that the
reader's words know, in headline, body, tables, tags and sources, or by a figure of it. The text is put in after the templates have
spoken, so none can leave it out; it is part of ARTICLE.json and stands in every target, feed and preview. Check 21 holds an article that
lacks it, for instance after an edit that brings in another name.
"""


def _details(name: str) -> str:
    """What a check's module says of itself beyond its first line."""
    text = (importlib.import_module(f"newsgen.check.{name}").__doc__ or "").strip()
    paragraphs = [" ".join(p.split()) for p in text.split("\n\n")[1:]]
    return " ".join(re.sub(r"^In: [^.]*\. Out: [^.]*\. ?", "", p) for p in paragraphs).strip()


def row(check: Check) -> str:
    """One check of the table."""
    return f"| {check.number} | `{check.name}` | {check.severity} | {check.meaning} |"


def page() -> str:
    """The whole page."""
    rows = "\n".join(row(c) for c in checks().values())
    details = "\n".join(f"- **{c.number} {c.name}**: {said}" for c in checks().values() if (said := _details(c.name)))
    return f"{HEAD}{rows}\n\n## In detail\n\n{details}\n{FOOT}"


if __name__ == "__main__":
    sys.stdout.write(page())
