"""What alembic runs to migrate; in: the connection that database.py opened, out: the schema at the revision asked for.

There is no alembic.ini: `newsgen db upgrade` is the one way in, and it hands over its own connection.
"""

from __future__ import annotations

from alembic import context

from newsgen.store.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
