"""How Alembic reaches the record; it is given an open connection and never a file of settings."""

from __future__ import annotations

from alembic import context
from geoalchemy2 import alembic_helpers

from gridmap.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # without these, autogenerate would drop PostGIS's own spatial_ref_sys
    include_object=alembic_helpers.include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
