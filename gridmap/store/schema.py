"""What PostGIS holds: one table for each promised table, and the books kept about them.

Of patrols three things are kept beside ``fixes`` and ``signins``: ``visits``, the stretches of street that were walked,
parted by month; ``settled``, what became of the fixes of each post in each shift, and whether its visits count; and
``batches``, what devices sent, so that a batch that is sent again is not taken again.

A *plan* is kept beside them: its areas as they are now, every edit with the rows before and after it, and, once it is
published into the layer, its lineage and change sheet for ever.

Every layer but ``fixes`` and ``signins`` is *dated*: a row says what was so during ``valid``, a range of days whose
end is the first day on which it was no longer so. Two rows of one code never hold on the same day: the exclusion
constraint ``<layer>_one_row_per_day`` sees to that. A row is never overwritten; one that is replaced on the very day it
began stays, with an empty validity.

Geometry is two-dimensional longitude and latitude in CGCS2000 (EPSG:4490), in the order east, north. Polygons and lines
are stored as MultiPolygon and MultiLineString, so that every client finds one kind in one column. Codes and other text
sort by code point (``COLLATE "C"``) whatever the server's locale: the tie rule of areas depends on it.

Residents appear as counts only; a test refuses any column that could name or number a person.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, UUID, ExcludeConstraint

#: EPSG code of every stored geometry: CGCS2000, longitude before latitude
SRID = 4490
#: the channel on which every committed change of what a territory is made of is told; the message is the new revision
CHANNEL = "gridmap_changed"

metadata = MetaData()


def _text(name: str, *, required: bool = False) -> Column[str]:
    return Column(name, Text(collation="C"), nullable=not required)


def _number(name: str) -> Column[float]:
    return Column(name, Double)


def _count(name: str) -> Column[int]:
    return Column(name, Integer)


def _layer(name: str, kind: str, *columns: Any, placeless: bool = False) -> Table:
    """Table of one layer: its own columns between the row's number and its geometry and provenance."""
    return Table(
        name,
        metadata,
        Column("row_id", BigInteger, Identity(always=True), primary_key=True),
        *columns,
        Column("geom", Geometry(kind, srid=SRID, spatial_index=False), nullable=placeless),
        Column("load_id", BigInteger, ForeignKey("loads.load_id"), nullable=False),
        Index(f"{name}_geom", "geom", postgresql_using="gist"),
    )


def _dated(name: str, key: str, kind: str, *columns: Any) -> Table:
    """Layer whose rows hold for a range of days, one row a day for each ``key``."""
    valid: Column[Any] = Column("valid", DATERANGE, nullable=False)
    table = _layer(name, kind, *columns, valid)
    # 128 bits of hash stand for the text, which a GiST index takes in five times more slowly (90 us a row)
    halves: list[ColumnElement[int]] = [literal_column(f"hashtextextended({key}, {seed})") for seed in (0, 1)]
    table.append_constraint(
        ExcludeConstraint((halves[0], "="), (halves[1], "="), (valid, "&&"), name=f"{name}_one_row_per_day")
    )
    Index(f"{name}_{key}", table.c[key])
    return table


loads = Table(
    "loads",
    metadata,
    Column("load_id", BigInteger, Identity(always=True), primary_key=True),
    _text("layer", required=True),
    _text("file", required=True),
    _text("sha256"),
    _text("crs"),
    _text("encoding"),
    Column("effective", Date),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _text("actor", required=True),
    Column("rows", Integer, nullable=False),
    Column("warnings", JSONB, nullable=False),
)

areas = _dated(
    "areas",
    "code",
    "MULTIPOLYGON",
    _text("code", required=True),
    _text("name"),
    _text("level"),
    _text("parent"),
    Column("depth", SmallInteger, nullable=False),
    _count("households"),
    _count("residents"),
)
Index("areas_parent", areas.c.parent)

buildings = _dated(
    "buildings",
    "id",
    "MULTIPOLYGON",
    _text("id", required=True),
    _count("households"),
    _count("residents"),
    _number("height_m"),
    _count("floors"),
)

streets = _dated(
    "streets",
    "id",
    "MULTILINESTRING",
    _text("id", required=True),
    _text("name"),
    _text("class"),
    _text("barrier"),
)

addresses = _dated(
    "addresses",
    "id",
    "POINT",
    _text("id", required=True),
    _text("text", required=True),
    _text("building"),
)

cameras = _dated(
    "cameras",
    "id",
    "POINT",
    _text("id", required=True),
    _text("code"),
    _number("height_m"),
    _number("heading_deg"),
    _number("heading_accuracy_deg"),
    _text("octant"),
    _text("direction"),
    _number("hfov_deg"),
    _number("tilt_deg"),
    _number("vfov_deg"),
    _count("width_px"),
    _count("height_px"),
    _number("focal_mm"),
    _number("sensor_mm"),
    _number("pixel_um"),
    _number("dori_detect_m"),
    _number("range_m"),
    _number("night_m"),
    _text("light"),
    _text("lit"),
    _number("turn_deg"),
    _number("zoom"),
    _text("kind", required=True),
    _text("status", required=True),
    _text("point_class"),
)

checkpoints = _dated(
    "checkpoints",
    "id",
    "POINT",
    _text("id", required=True),
    _text("name"),
    _text("opens"),
    _text("closes"),
    _number("radius_m"),
    _number("every_days"),
    _count("visits"),
    _count("place_in_order"),
)

places = _dated(
    "places",
    "id",
    "POINT",
    _text("id", required=True),
    _text("kind", required=True),
    _number("floor_m2"),
    _count("staff"),
)

claims = _dated(
    "claims",
    "digest",
    "GEOMETRY",
    # one party may claim several pieces from one source: a claim is known by its content
    _text("digest", required=True),
    _text("party", required=True),
    _text("source"),
    Column("date", Date),
    _number("accuracy_m"),
)
claims.append_constraint(
    CheckConstraint("GeometryType(geom) IN ('MULTIPOLYGON', 'MULTILINESTRING')", name="claims_polygon_or_line")
)

candidates = _dated(
    "candidates",
    "id",
    "MULTILINESTRING",
    _text("id", required=True),
    _text("source"),
)

parcels = _dated(
    "parcels",
    "id",
    "MULTIPOLYGON",
    _text("id", required=True),
    _text("party"),
    _text("source"),
    _number("accuracy_m"),
)

fixes = _layer(
    "fixes",
    "POINT",
    _text("post", required=True),
    Column("time", DateTime(timezone=True), nullable=False),
    _text("device"),
    _number("accuracy_m"),
    _number("speed_m_s"),
    # machines of one post may send at the same moment
    UniqueConstraint("post", "device", "time", name="fixes_one_place_at_a_time", postgresql_nulls_not_distinct=True),
)
Index("fixes_time", fixes.c.time)

signins = _layer(
    "signins",
    "POINT",
    _text("post", required=True),
    _text("checkpoint", required=True),
    Column("time", DateTime(timezone=True), nullable=False),
    _text("device"),
    _number("accuracy_m"),
    UniqueConstraint("post", "checkpoint", "time", name="signins_one_at_a_time"),
    placeless=True,
)
Index("signins_time", signins.c.time)

#: every layer by its name, in the order in which a whole territory is loaded
LAYERS: dict[str, Table] = {
    table.name: table
    for table in (
        areas,
        buildings,
        streets,
        addresses,
        cameras,
        checkpoints,
        places,
        claims,
        candidates,
        parcels,
        fixes,
        signins,
    )
}

#: the columns by which a row is known from one load to the next
KEYS: dict[str, tuple[str, ...]] = {
    "areas": ("code",),
    "claims": ("digest",),
    "fixes": ("post", "device", "time"),
    "signins": ("post", "checkpoint", "time"),
    **{name: ("id",) for name in LAYERS if name not in {"areas", "claims", "fixes", "signins"}},
}

#: columns of a layer's table that are the record's own and not promised by ``frames``
OWN_COLUMNS = frozenset({"row_id", "valid", "load_id", "geom", "depth", "digest"})

aliases = Table(
    "aliases",
    metadata,
    Column("row_id", BigInteger, Identity(always=True), primary_key=True),
    _text("alias", required=True),
    # the alias in the one way of writing in which texts are compared
    _text("key", required=True),
    _text("means", required=True),
    Column("valid", DATERANGE, nullable=False),
    _text("added_by", required=True),
    ExcludeConstraint(("key", "="), ("valid", "&&"), name="aliases_one_row_per_day"),
)
Index("aliases_key", aliases.c.key)

audit = Table(
    "audit",
    metadata,
    # given by the trigger: one more than the row before, so that a missing row is seen
    Column("audit_id", BigInteger, FetchedValue(), primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), FetchedValue(), nullable=False),
    _text("actor", required=True),
    _text("role", required=True),
    _text("action", required=True),
    _text("layer"),
    Column("load_id", BigInteger),
    Column("detail", JSONB, nullable=False),
    Column("prev", LargeBinary, FetchedValue(), nullable=False, unique=True),
    Column("hash", LargeBinary, FetchedValue(), nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("one", Boolean, CheckConstraint("one", name="revisions_one_row"), primary_key=True),
    Column("number", BigInteger, nullable=False),
    # the last transaction that counted: it counts once however many statements it makes
    Column("transaction", BigInteger),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("plan_id", BigInteger, Identity(always=True), primary_key=True),
    _text("name", required=True),
    _text("note", required=True),
    _text("status", required=True),
    # how often it was changed: the number of its last edit
    Column("version", Integer, nullable=False),
    # the day whose areas in force it was made from, and a digest of each of these by its code
    Column("base", Date, nullable=False),
    Column("base_areas", JSONB, nullable=False),
    # the finest level of its areas; none: whatever is finest
    _text("level"),
    # households that an area should have
    Column("target", Double, nullable=False),
    Column("effective", Date),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _text("actor", required=True),
    # the load that brought it into force, and what it ended: the number of each row with the end that it had before
    Column("load_id", BigInteger, ForeignKey("loads.load_id")),
    Column("ended", JSONB),
    CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name="plans_known_status"),
    CheckConstraint("(status = 'published') <= (effective IS NOT NULL)", name="plans_published_from_a_day"),
)
Index("plans_one_draft_per_name", plans.c.name, unique=True, postgresql_where=plans.c.status == "draft")
Index("plans_one_plan_per_day", plans.c.effective, unique=True, postgresql_where=plans.c.status == "published")

plan_areas = Table(
    "plan_areas",
    metadata,
    Column("plan_id", BigInteger, ForeignKey("plans.plan_id"), primary_key=True),
    Column("code", Text(collation="C"), primary_key=True),
    _text("name"),
    _text("level"),
    _text("parent"),
    _text("kind"),
    _count("households"),
    _count("residents"),
    _count("buildings"),
    # none for an area that others divide: its ground is theirs
    Column("geom", Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False)),
)

plan_edits = Table(
    "plan_edits",
    metadata,
    Column("plan_id", BigInteger, ForeignKey("plans.plan_id"), primary_key=True),
    # the version that it made
    Column("number", Integer, primary_key=True),
    _text("kind", required=True),
    # what it undid or did again
    Column("of", Integer),
    Column("operation", JSONB, nullable=False),
    Column("codes", JSONB, nullable=False),
    # the rows that it took away and those that it put there, geometry as hexadecimal EWKB; empty for undo and redo
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
    Column("undone", Boolean, nullable=False),
    _text("actor", required=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("kind IN ('edit', 'undo', 'redo')", name="plan_edits_known_kind"),
)

plan_lineage = Table(
    "plan_lineage",
    metadata,
    Column("row_id", BigInteger, Identity(always=True), primary_key=True),
    Column("plan_id", BigInteger, ForeignKey("plans.plan_id"), nullable=False),
    _text("old"),
    _text("new"),
    _text("kind", required=True),
    _number("share_old"),
    _number("share_new"),
    _number("area_m2"),
    _count("households"),
    Column("effective", Date, nullable=False),
)
Index("plan_lineage_plan", plan_lineage.c.plan_id)
Index("plan_lineage_old", plan_lineage.c.old)
Index("plan_lineage_new", plan_lineage.c.new)

plan_sheets = Table(
    "plan_sheets",
    metadata,
    Column("plan_id", BigInteger, ForeignKey("plans.plan_id"), primary_key=True),
    Column("sheet", Text(collation="C"), primary_key=True),
    # its place among the sheets
    Column("place", Integer, nullable=False),
    # the names of its columns, and its rows
    Column("content", JSONB, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    _text("post", required=True),
    _text("shift", required=True),
    _text("street", required=True),
    Column("from_m", Double, nullable=False),
    Column("to_m", Double, nullable=False),
    Column("start", DateTime(timezone=True), nullable=False),
    Column("end", DateTime(timezone=True), nullable=False),
    _text("class", required=True),
    Column("direction", SmallInteger, nullable=False),
    _number("confidence"),
    # revision of the record whose streets it was matched with
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("class IN ('observed', 'inferred', 'unknown')", name="visits_known_class"),
    CheckConstraint('from_m < to_m AND start <= "end"', name="visits_forward"),
    # the tables of the months are made by whoever writes the first visit of a month
    postgresql_partition_by="RANGE (start)",
)
Index("visits_start", visits.c.start, postgresql_using="brin")
Index("visits_street", visits.c.street, visits.c.start)
Index("visits_post_shift", visits.c.post, visits.c.shift)

settled = Table(
    "settled",
    metadata,
    Column("post", Text(collation="C"), primary_key=True),
    Column("shift", Text(collation="C"), primary_key=True),
    Column("opens", DateTime(timezone=True), nullable=False),
    Column("closes", DateTime(timezone=True), nullable=False),
    # fixes given, those kept, and visits made of them
    Column("fixes", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("waterfall", JSONB, nullable=False),
    # interval, noise and the like: what the error bar is told from
    Column("quality", JSONB, nullable=False),
    Column("faults", JSONB, nullable=False),
    # shapes of its rounds, by which a copy of them is known
    Column("shapes", ARRAY(Text), nullable=False),
    _text("datum"),
    _number("datum_margin"),
    _text("datum_reason"),
    # the datum in which somebody said that its fixes are to be read
    _text("read_as"),
    # reasons for which it is held, by code; and those of them for which somebody has let it count
    Column("held", JSONB, nullable=False),
    Column("released", JSONB, nullable=False),
    _text("released_by"),
    Column("released_at", DateTime(timezone=True)),
    # whether its visits count
    Column("credited", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("matched_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # when its fixes were deleted
    Column("reduced_at", DateTime(timezone=True)),
)
Index("settled_opens", settled.c.opens)
Index("settled_shapes", settled.c.shapes, postgresql_using="gin")
Index("settled_held", settled.c.opens, postgresql_where=settled.c.credited.is_(False))

unsettled = Table(
    "unsettled",
    metadata,
    Column("mark_id", BigInteger, Identity(always=True), primary_key=True),
    _text("post", required=True),
    Column("hour", DateTime(timezone=True), nullable=False),
    # it stands for the fixes from this moment to the end of the hour
    Column("since", DateTime(timezone=True), nullable=False),
)
Index("unsettled_post_hour", unsettled.c.post, unsettled.c.hour)

last_fixes = Table(
    "last_fixes",
    metadata,
    Column("post", Text(collation="C"), primary_key=True),
    Column("time", DateTime(timezone=True), nullable=False),
    _text("device"),
    _number("accuracy_m"),
    _number("speed_m_s"),
    Column("geom", Geometry("POINT", srid=SRID, spatial_index=False), nullable=False),
)

batches = Table(
    "batches",
    metadata,
    Column("batch_id", UUID(as_uuid=True), primary_key=True),
    _text("layer", required=True),
    # SHA-256 of what it said
    Column("digest", LargeBinary, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    # the datum that it stated, and the one that its fixes were found to be in, where that was looked at
    _text("datum"),
    _text("datum_found"),
    _number("datum_margin"),
    # why it was not taken; none for one that was
    _text("refused"),
    Column("load_id", BigInteger, ForeignKey("loads.load_id")),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
Index("batches_received_at", batches.c.received_at, postgresql_using="brin")

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", BigInteger, Identity(always=True), primary_key=True),
    _text("name", required=True),
    _text("role", required=True),
    _text("prefix", required=True),
    Column("secret_sha256", LargeBinary, nullable=False, unique=True),
    Column("created", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revoked", DateTime(timezone=True)),
    CheckConstraint(
        "role IN ('device', 'viewer', 'operator', 'mediator', 'grid-admin', 'system-admin')",
        name="api_keys_known_role",
    ),
)
Index("api_keys_one_key_per_name", api_keys.c.name, unique=True, postgresql_where=api_keys.c.revoked.is_(None))
