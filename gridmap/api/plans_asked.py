"""What requests about plans say: their parameters and bodies, each checked for its shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gridmap import formats
from gridmap.api.deps import Given
from gridmap.api.fields import day, flag, members, whole, words
from gridmap.errors import InputError
from gridmap.service import plans
from gridmap.service.plans import Wanted
from gridmap.service.plans_drafts import Drafts
from gridmap.store import Actor
from gridmap.store.plans import Plan

#: Characters of a name, and of a note.
_NAME_CHARS, _NOTE_CHARS = 100, 2000


def made(drafts: Drafts, body: Any, actor: Actor) -> Plan:
    """Make the draft that a body asks for.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = members(body, required={"name"}, optional={"on", "level", "target", "note", "copy_of", "areas"})
    wanted = wanted_of({**said, "on": day(said, "on"), "target": _target(said)})
    if "copy_of" in said:
        if said.keys() - {"name", "note", "copy_of"}:
            raise InputError("a copy with more than a name and a note", expected="the rest as it is in the other plan")
        return plans.copy(drafts, whole(said, "copy_of"), wanted.name, note=wanted.note, actor=actor)
    if "areas" in said:
        return _drawn(drafts, said["areas"], wanted, actor)
    return plans.draft_from_record(drafts, wanted, actor=actor)


def drawn_file(drafts: Drafts, path: Path, wanted: Wanted, actor: Actor) -> Plan:
    """Make a draft of the areas in a file; of the layers that `gridmap grids draw` writes, the grids are taken.

    Raises
    ------
    FormatError, TableError, CrsError, InputError
        If the file cannot be read, or its areas not be used.
    """
    with TemporaryDirectory(prefix="gridmap-") as folder:
        # what is wrong with a file is told by its name, and a temporary one means nothing to anybody
        known = Path(folder, f"drawn{path.suffix}")
        known.symlink_to(path)
        table = formats.read(known, layer="areas", keep_extra=True)
    return plans.draft_from_table(drafts, table, wanted, actor=actor)


def wanted_of(said: Mapping[str, Any] | Given) -> Wanted:
    """Return what a request wants of a new draft.

    Raises
    ------
    InputError
        If it has no name, or a text is too long.
    """
    return Wanted(
        name=words(said, "name", most=_NAME_CHARS),
        on=said.get("on"),
        level=None if said.get("level") is None else words(said, "level", most=40),
        target=plans.TARGET if said.get("target") is None else said["target"],
        note="" if not said.get("note") else words(said, "note", most=_NOTE_CHARS, lines=True),
    )


def edit_of(body: Any) -> dict[str, Any]:
    """Return version, operation and rebase of a body.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = members(body, required={"version", "operation"}, optional={"rebase"})
    if not isinstance(said["operation"], dict):
        raise InputError("an operation that is no object", expected='{"op": "...", ...}')
    return {"version": whole(said, "version"), "operation": said["operation"], "rebase": flag(said, "rebase")}


def version_of(body: Any) -> int:
    """Return the version that a body names.

    Raises
    ------
    InputError
        If it is not understood.
    """
    return whole(members(body, required={"version"}), "version")


def rebase_of(body: Any) -> dict[str, Any]:
    """Return version and day of a body.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = members(body, required={"version", "on"})
    return {"version": whole(said, "version"), "on": day(said, "on")}


def publish_of(body: Any) -> dict[str, Any]:
    """Return version, day and accepted rules of a body.

    Raises
    ------
    InputError
        If it is not understood.
    """
    said = members(body, required={"version", "effective"}, optional={"accept"})
    accept = said.get("accept", [])
    if not isinstance(accept, list) or not all(isinstance(rule, str) for rule in accept):
        raise InputError("accept that is no list of rules", expected='["multi_part"]')
    return {"version": whole(said, "version"), "effective": day(said, "effective"), "accept": tuple(accept)}


def _drawn(drafts: Drafts, areas: Any, wanted: Wanted, actor: Actor) -> Plan:
    """A draft of areas in a body, read as a file would be."""
    if not isinstance(areas, dict):
        raise InputError("areas that are no object", expected="a GeoJSON FeatureCollection")
    with TemporaryDirectory(prefix="gridmap-") as folder:
        path = Path(folder) / "areas.geojson"
        path.write_text(json.dumps(areas), encoding="utf-8")
        return drawn_file(drafts, path, wanted, actor)


def _target(said: Mapping[str, Any]) -> float | None:
    value = said.get("target")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InputError(f"target: {str(value)[:40]}", expected="households of one area", code="no_target")
    return value
