"""What each target has of a story, which version of it is on its way, and what sending is stopped for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("article", sa.Column("change", sa.Text, nullable=False, server_default=""))
    for name, kind, default in (("story", sa.Text, ""), ("version", sa.Integer, "1"), ("urgency", sa.Integer, "2"),
                                ("unknown_at", sa.BigInteger, "0"), ("overwrite", sa.Integer, "0")):  # fmt: skip
        op.add_column("delivery", sa.Column(name, kind, nullable=False, server_default=default))
    op.execute(
        "UPDATE delivery SET story = (SELECT a.story FROM article a WHERE a.id = delivery.article_id),"
        " version = (SELECT a.version FROM article a WHERE a.id = delivery.article_id)"
    )
    op.execute("UPDATE delivery SET unknown_at = next_at WHERE state IN ('unknown', 'sending')")
    op.create_table(
        "placement",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("remote_id", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("stored_sha256", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("site", "locale", "story", "target", name="placement_key"),
    )
    op.execute(
        "INSERT INTO placement (site, locale, story, target, article_id, version, remote_id, url, mark, stored_sha256, at)"
        " SELECT d.site, d.locale, d.story, d.target, d.article_id, d.version, d.remote_id, d.url, '', '', d.next_at FROM delivery d"
        " WHERE d.state = 'confirmed' AND d.version = (SELECT max(e.version) FROM delivery e WHERE e.state = 'confirmed'"
        " AND e.site = d.site AND e.locale = d.locale AND e.story = d.story AND e.target = d.target)"
    )
    op.create_table(
        "stop",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("lifted_at", sa.BigInteger, nullable=True),
    )
    op.create_index("delivery_of_story", "delivery", ["site", "locale", "story", "target"])
    op.create_index("delivery_of_target", "delivery", ["target", "state", "urgency", "next_at"])
