"""20 Terms of use: a desk that earns money prints nothing of a source whose terms it has not accepted; in: the desk, out: findings."""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check._check import Check, Desk
from newsgen.story import Finding

__all__ = ["CHECK"]


def terms_of_use(desk: Desk) -> Iterator[Finding]:
    """Name every source whose terms are still to be read and accepted."""
    for source, address in desk.unaccepted.items():
        message = (
            f"rests on {source}, whose terms this desk has not accepted: read {address}, then set accepted_terms in [sources.{source}]"
        )
        yield desk.finding("terms_of_use", "sources", message)


CHECK = Check("terms_of_use", 20, "A commercial desk has accepted the terms of every source that an article rests on.", terms_of_use)
