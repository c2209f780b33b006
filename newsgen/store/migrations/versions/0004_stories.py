"""What a story's versions hang on and have said: stories live, and two of one day do not say the same."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("family", "anchor", "messages"):
        op.add_column("article", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("article", sa.Column("score", sa.Text, nullable=False, server_default="0"))
