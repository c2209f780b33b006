"""A source's revision of a printed figure opens a correction; in: the archive and the articles of two days, out: proposals for a person.

Looks after each round at articles that rest on a reading of which a newer value has come, writes those again, and proposes a correction
where a printed value is another: a revision within the rounding is none. A person decides (`newsgen correct`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from newsgen.errors import ConfigError
from newsgen.rewrite import Again, Rewriter, changed_values
from newsgen.store.revised import Revised, revised_articles
from newsgen.store.versions import Act, find_article, propose_correction

__all__ = ["Revisions"]

_log = structlog.get_logger("revisions")
_LOOKED_BACK = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Revisions:
    """Remembers what it has looked at, so that a revision that changes no word is written again once."""

    rewriter: Rewriter
    seen: set[Revised] = field(default_factory=set)

    def look(self) -> int:
        """Propose what is to be proposed; returns how many corrections that is."""
        engine, now = self.rewriter.engine, self.rewriter.clock()
        found = [r for r in revised_articles(engine, now - _LOOKED_BACK) if r not in self.seen]
        self.seen.update(found)
        return sum(self._one(revised) for revised in found)

    def _one(self, revised: Revised) -> bool:
        base = find_article(self.rewriter.engine, revised.article_id)
        try:
            again = self.rewriter.again(base)
        except ConfigError as error:
            again = Again(None, str(error))
        article, problem = again.article, again.problem
        fields = () if article is None else changed_values(json.loads(base.body), article.as_json())
        if article is not None and not fields:
            return False
        reason = f"{revised.what}: " + ("; ".join(f"{was} is {now} now" for was, now in fields) or problem)
        propose_correction(self.rewriter.engine, base, Act("newsgen", reason, self.rewriter.clock()))
        _log.warning("correction.proposed", article=base.id, reason=reason)
        return True
