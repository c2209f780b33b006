"""Which settings of a target an editor's approval was given for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("approved_for", sa.Text, nullable=False, server_default=""))
