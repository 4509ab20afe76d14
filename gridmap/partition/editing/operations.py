"""One edit from JSON: a closed vocabulary, refused whole where anything is not as it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from gridmap.errors import InputError
from gridmap.partition.editing.bordering import redraw_border
from gridmap.partition.editing.giving import give
from gridmap.partition.editing.housing import give_buildings
from gridmap.partition.editing.limits import EDIT_LIMITS, EditLimits
from gridmap.partition.editing.merging import merge
from gridmap.partition.editing.results import Edited, edited
from gridmap.partition.editing.splitting import split
from gridmap.partition.editing.vertices import delete_vertex, insert_vertex, move_vertex


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What one word of the vocabulary takes and does."""

    #: the function
    do: Callable[..., gpd.GeoDataFrame]
    #: members that must be there, in the order of the function's arguments
    needs: tuple[str, ...]
    #: members that must be there, passed by name
    named: tuple[str, ...] = ()
    #: members that may be there
    may: tuple[str, ...] = ()


OPERATIONS: Mapping[str, Operation] = {
    "move_vertex": Operation(do=move_vertex, needs=("at", "to"), may=("across", "outer")),
    "insert_vertex": Operation(do=insert_vertex, needs=("at",), may=("to", "across", "outer")),
    "delete_vertex": Operation(do=delete_vertex, needs=("at",), may=("across", "outer")),
    "split": Operation(do=split, needs=("code", "line", "codes")),
    "merge": Operation(do=merge, needs=("codes",), may=("into", "across")),
    "give": Operation(do=give, needs=("ground",), named=("to",), may=("of", "across")),
    "give_buildings": Operation(do=give_buildings, needs=("buildings",), named=("to",), may=("strip", "across")),
    "redraw_border": Operation(do=redraw_border, needs=("one", "other", "line"), may=("across",)),
}

#: Members that are true or false.
_FLAGS = ("across", "outer")
#: Characters of an unknown word that a message repeats.
_SHOWN = 40


def apply(
    areas: gpd.GeoDataFrame,
    operation: Mapping[str, Any],
    *,
    buildings: gpd.GeoDataFrame | None = None,
    limits: EditLimits = EDIT_LIMITS,
) -> Edited:
    """Return what one edit makes of the areas.

    Coordinates are those of the areas' CRS, east or longitude first::

        {"op": "move_vertex", "at": [x, y], "to": [x, y], "across": false, "outer": false}
        {"op": "insert_vertex", "at": [x, y], "to": [x, y], "across": false, "outer": false}
        {"op": "delete_vertex", "at": [x, y], "across": false, "outer": false}
        {"op": "split", "code": "a", "line": [[x, y], ...], "codes": ["a", "b"]}
        {"op": "merge", "codes": ["a", "b"], "into": "a", "across": false}
        {"op": "give", "ground": [[[x, y], ...], hole, ...], "to": "b", "of": "a", "across": false}
        {"op": "give_buildings", "buildings": ["17", "18"], "to": "b", "strip": 4.0, "across": false}
        {"op": "redraw_border", "one": "a", "other": "b", "line": [[x, y], ...], "across": false}

    A line and ground may also be a GeoJSON LineString and Polygon. Flags, ``strip``, ``into``, ``of`` and, of an
    insertion, ``to`` may be left out.

    Parameters
    ----------
    areas
        The finest areas of a territory: ``code``, polygon, any CRS; not changed.
    operation
        The edit, as read from JSON.
    buildings
        All buildings, where the operation names some.
    limits
        Distances and sizes.

    Returns
    -------
    Edited
        The areas after it, and the codes of those that changed, went and came.

    Raises
    ------
    InputError
        If the operation is unknown, lacks a member or has one too many, or a member is not what it should be.
    TooLargeError
        If a line, ground or list is longer than the limits.
    NotFoundError
        If there is no area of a code.
    ConflictError
        If the areas would not be a partition, or a border moved that may not.
    TableError, CrsError
        If the areas cannot be edited.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> squares = [shapely.box(5e5 + x, 35e5, 5e5 + x + 100, 35e5 + 100) for x in (0, 100)]
    >>> pair = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4549)
    >>> apply(pair, {"op": "merge", "codes": ["a", "b"]})
    Edited(changed=('a',), removed=('b',), added=())
    """
    word, members = _read(operation)
    kind = OPERATIONS[word]
    given = {name: _plain(name, value) for name, value in members.items()}
    options = {name: given[name] for name in (*kind.named, *kind.may) if name in given}
    tables = [areas]
    if word == "give_buildings":
        if buildings is None:
            raise InputError("an operation on buildings without their table", expected="the buildings")
        tables.append(buildings)
    return edited(areas, kind.do(*tables, *(given[name] for name in kind.needs), limits=limits, **options))


def _read(operation: Any) -> tuple[str, dict[str, Any]]:
    """Return the word and the members of an operation that has those it needs and no others."""
    if not isinstance(operation, Mapping):
        raise InputError(f"an operation that is a {type(operation).__name__}", expected="an object with a member op")
    word = operation.get("op")
    if not isinstance(word, str) or word not in OPERATIONS:
        raise InputError(f"op {str(word)[:_SHOWN]!r}", expected="one of " + ", ".join(OPERATIONS))
    kind = OPERATIONS[word]
    members = {name: value for name, value in operation.items() if name != "op"}
    needed = (*kind.needs, *kind.named)
    missing = [name for name in needed if name not in members]
    extra = [str(name)[:_SHOWN] for name in members if name not in {*needed, *kind.may}]
    if missing or extra:
        given = [*(f"without {name}" for name in missing), *(f"with {name}" for name in extra)]
        expected = ", ".join([*needed, *(f"{name} if wanted" for name in kind.may)])
        raise InputError(f"{word} {' and '.join(given)}", expected=expected)
    return word, members


def _plain(name: str, value: Any) -> Any:
    """Return a member's value: flags are true or false, a GeoJSON geometry is its coordinates."""
    if name in _FLAGS and not isinstance(value, bool):
        raise InputError(f"{name} {str(value)[:_SHOWN]!r}", expected="true or false")
    kinds = {"line": "LineString", "ground": "Polygon"}
    if name in kinds and isinstance(value, Mapping):
        if value.get("type") != kinds[name] or "coordinates" not in value:
            raise InputError(f"{name} of type {str(value.get('type'))[:_SHOWN]!r}", expected=f"a {kinds[name]}")
        return value["coordinates"]
    return value
