"""Alembic environment of the desk's tables; their version stands in its own table (or `alembic -x url=...`)."""

from alembic import context
from sqlalchemy import create_engine

from knowledge.desk.tables import Base
from knowledge.settings import get_settings


def _ours(thing, name, kind, reflected, compare_to) -> bool:
    return (thing.name if kind == "table" else thing.table.name) in Base.metadata.tables


connection = context.config.attributes.get("connection")
options = {
    "target_metadata": Base.metadata,
    "render_as_batch": True,
    "compare_type": True,
    "version_table": "desk_alembic_version",
    "include_object": _ours,
}

if connection is not None:
    context.configure(connection=connection, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    url = context.get_x_argument(as_dictionary=True).get("url") or get_settings().database
    with create_engine(url, future=True).begin() as own_connection:
        context.configure(connection=own_connection, **options)
        context.run_migrations()
