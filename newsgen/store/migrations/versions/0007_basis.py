"""What each article rests on, which readings are retired, and the digest of the text that an editor has approved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("article", sa.Column("approved_sha256", sa.Text, nullable=False, server_default=""))
    op.add_column("stop", sa.Column("lifted_by", sa.Text, nullable=False, server_default=""))
    basis = op.create_table(
        "article_reading",
        sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("span", sa.Text, nullable=False),
        sa.Column("venue", sa.Text, nullable=False),
        sa.Column("observed_at", sa.BigInteger, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.Column("payload_sha256", sa.Text, nullable=False),
        sa.Column("whole", sa.Integer, nullable=False),
    )
    op.create_index("article_reading_of_article", "article_reading", ["article_id"])
    op.create_index("article_reading_of_source", "article_reading", ["source", "series", "subject", "observed_at"])
    op.create_table(
        "retired",
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
        sa.Column("observed_at", sa.BigInteger, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("origin_id", sa.Integer, sa.ForeignKey("origin.id"), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("series_id", "observed_at", "known_at", "value", name="retired_key"),
    )
    connection = op.get_bind()
    for article_id, body in connection.execute(sa.text("SELECT id, body FROM article")).all():
        rows = list(_rows(article_id, json.loads(body)))
        if rows:
            connection.execute(sa.insert(basis), rows)


def _rows(article_id: str, article: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """As store/basis.py did when this migration was written."""
    for one in article.get("readings", {}).values():
        yield {
            "article_id": article_id, "source": one["source"], "series": one["series"], "subject": one["subject"],
            "span": one.get("window", ""), "venue": one.get("venue", ""), "observed_at": _epoch(one["observed_at"]),
            "known_at": _epoch(one["known_at"]), "payload_sha256": one.get("payload_sha256", ""), "whole": 0,
        }  # fmt: skip
    columns = {i for f in article["figures"].values() for i in f.get("inputs", ()) if i.startswith("series:")}
    for name in sorted(columns):
        series, *subject, span, source, venue = name.removeprefix("series:").split("/")
        at = _epoch(article["as_of"])
        yield {"article_id": article_id, "source": source, "series": series, "subject": "/".join(subject), "span": span, "venue": venue,
               "observed_at": at, "known_at": at, "payload_sha256": "", "whole": 1}  # fmt: skip


def _epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
