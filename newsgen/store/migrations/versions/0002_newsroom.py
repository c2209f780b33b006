"""The newsroom: stories, articles, deliveries, attempts, editors' actions, wording memory, fires."""

from __future__ import annotations

from alembic import op

from newsgen.store import newsroom

revision = "0002"
down_revision = "0001"

_TABLES = (
    newsroom.STORY, newsroom.ARTICLE, newsroom.DELIVERY, newsroom.ATTEMPT, newsroom.EDITOR_ACTION, newsroom.WORDING, newsroom.FIRE,
)  # fmt: skip


def upgrade() -> None:
    for table in _TABLES:
        table.create(op.get_bind())
    op.create_index("delivery_due", "delivery", ["state", "next_at"])
    op.create_index("article_of_site", "article", ["site", "locale", "as_of"])


def downgrade() -> None:
    for table in reversed(_TABLES):
        table.drop(op.get_bind())
