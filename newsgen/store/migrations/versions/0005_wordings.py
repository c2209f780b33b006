"""How articles were worded, a row an article: what a site said in thirty days does not come back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_table("wording")  # nothing has written to it
    op.create_table(
        "wording",
        sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("angle", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("lede", sa.BigInteger, nullable=False),
        sa.Column("sentences", sa.Text, nullable=False),
        sa.Column("phrases", sa.Text, nullable=False),
    )
    op.create_index("wording_of_site", "wording", ["site", "locale", "at"])
