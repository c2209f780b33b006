"""What a story's versions hang on and have said, and what people publish: stories live, and none is told twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("family", "anchor", "messages"):
        op.add_column("article", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_table(
        "post",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("published_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("site", "url", name="post_key"),
    )
    op.add_column("article", sa.Column("score", sa.Text, nullable=False, server_default="0"))
