"""Alembic environment: the URL and the connection come from knowledge.store (or `alembic -x url=...`)."""

from alembic import context
from sqlalchemy import create_engine

from knowledge.models import Base
from knowledge.settings import get_settings

connection = context.config.attributes.get("connection")
options = {"target_metadata": Base.metadata, "render_as_batch": True, "compare_type": True}

if connection is not None:
    context.configure(connection=connection, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    url = context.get_x_argument(as_dictionary=True).get("url") or get_settings().database
    with create_engine(url, future=True).begin() as own_connection:
        context.configure(connection=own_connection, **options)
        context.run_migrations()
