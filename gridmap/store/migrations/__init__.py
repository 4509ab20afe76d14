"""Migrations of the record, run by :func:`gridmap.store.engine.migrate`."""
