"""What was asked of the sources, and how many calls a day has seen; payloads are found by age."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("problem", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("source", "endpoint", "params", name="question_key"),
    )
    op.create_table(
        "calls",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("source", "day", name="calls_key"),
    )
    op.create_index("payload_by_age", "payload", ["fetched_at"])
