"""The record: PostGIS through SQLAlchemy, rows in, tables out.

A SQLAlchemy connection inside ``with engine.begin() as connection`` is the unit of work: nothing here commits.
"""

from gridmap.store import aliases, cases
from gridmap.store.audit import Actor, AuditCheck, note, shell_actor, verify_audit
from gridmap.store.engine import connect, migrate
from gridmap.store.keys import ROLES, Key, add_key, find_key, list_keys, revoke_key
from gridmap.store.revisions import revision
from gridmap.store.rows import LoadReport, Source, dates_of_change, load, publish, read

__all__ = [
    "ROLES",
    "Actor",
    "AuditCheck",
    "Key",
    "LoadReport",
    "Source",
    "add_key",
    "aliases",
    "cases",
    "connect",
    "dates_of_change",
    "find_key",
    "list_keys",
    "load",
    "migrate",
    "note",
    "publish",
    "read",
    "revision",
    "revoke_key",
    "shell_actor",
    "verify_audit",
]
