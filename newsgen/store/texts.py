"""ARTICLE.json as the database keeps it; in: an article as a dict, out: its text, and the digest that an approval is for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from newsgen.story import Finding

__all__ = ["digest_of", "text_of", "with_finding"]


def text_of(article: Mapping[str, Any]) -> str:
    """The same bytes as `Article.dumps` for the same article."""
    return json.dumps(article, ensure_ascii=False, indent=1) + "\n"


def digest_of(body: str) -> str:
    """Of a stored article: what an approval is for."""
    return sha256(body.encode()).hexdigest()


def with_finding(body: str, finding: Finding) -> str:
    """A stored article held by one more finding."""
    article = json.loads(body)
    article["verdict"] = {"decision": "hold", "findings": [finding.as_json(), *article["verdict"]["findings"]]}
    return text_of(article)
