"""The newsroom: stories, articles, deliveries, attempts, editors' actions, wording memory, fires."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "story",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("angle", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("site", "locale", "story", name="story_key"),
    )
    op.create_table(
        "article",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("fire_time", sa.BigInteger, nullable=True),
        sa.Column("angle", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("site", "edition", "locale", "fire_time", name="article_of_fire"),
        sa.UniqueConstraint("site", "story", "locale", "version", name="article_version"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("body_sha256", sa.Text, nullable=False),
        sa.Column("remote_id", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.UniqueConstraint("message_id", name="delivery_message"),
        sa.UniqueConstraint("article_id", "target", name="delivery_once"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("delivery_id", sa.Integer, sa.ForeignKey("delivery.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=True),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.create_table(
        "editor_action",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("before_sha256", sa.Text, nullable=False),
        sa.Column("after_sha256", sa.Text, nullable=False),
    )
    op.create_table(
        "wording",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("angle", sa.Text, nullable=False),
        sa.Column("phrase", sa.Text, nullable=False),
        sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("site", "locale", "angle", "phrase", "article_id", name="wording_key"),
    )
    op.create_table(
        "fire",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("fire_time", sa.BigInteger, nullable=False),
        sa.Column("claimed_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger, nullable=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("site", "schedule", "fire_time", name="fire_once"),
    )
    op.create_index("delivery_due", "delivery", ["state", "next_at"])
    op.create_index("article_of_site", "article", ["site", "locale", "as_of"])


def downgrade() -> None:
    for table in ("fire", "wording", "editor_action", "attempt", "delivery", "article", "story"):
        op.drop_table(table)
