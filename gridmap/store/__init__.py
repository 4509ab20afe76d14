"""The record: PostGIS through SQLAlchemy, rows in, tables out.

A SQLAlchemy connection inside ``with engine.begin() as connection`` is the unit of work: nothing here commits.
"""
