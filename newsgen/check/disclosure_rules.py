"""21 Disclosure rules: what the desk must say of an entity stands under every story that mentions it; in: the desk, out: findings.

The pipeline puts the texts in; they can be missing after an edit by hand that brings in another name, or in an article made elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check._check import Check, Desk
from newsgen.check._mentions import due_disclosures, is_carried
from newsgen.story import Finding

__all__ = ["CHECK"]


def disclosure_rules(desk: Desk) -> Iterator[Finding]:
    """Name each entity that is mentioned without its text."""
    for disclosure, name in due_disclosures(desk.article, desk.disclosures, desk.words):
        if not is_carried(disclosure, desk.article):
            yield desk.finding("disclosure_rules", "disclosure", f'mentions "{name}", and the disclosure lacks: {disclosure.text}')


CHECK = Check("disclosure_rules", 21, "A story that mentions an entity carries the text that the desk owes its readers.", disclosure_rules)
