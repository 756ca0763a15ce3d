"""What Alembic runs: the migrations, on the connection that ``grader.gradebook.migrate`` has opened."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
