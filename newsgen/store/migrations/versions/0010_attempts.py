"""How long each attempt took, when the next one is due, and how the target's answer began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("attempt", sa.Column("took_ms", sa.Integer, nullable=True))
    op.add_column("attempt", sa.Column("next_at", sa.BigInteger, nullable=True))
    op.add_column("attempt", sa.Column("answer", sa.Text, nullable=False, server_default=""))
