"""What requests about cameras say: days and bodies, each checked for its shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gridmap.api.cameras_parameters import camera_id, day
from gridmap.api.deps import Given
from gridmap.errors import InputError, TooLargeError
from gridmap.service.camera_changes import Change
from gridmap.territory import today

#: Cameras that one question of what would be may concern: those of a long street.
MOST_CHANGED = 200


def days_of(given: Given) -> tuple[date, date | None]:
    """Return the day asked about, and the earlier one that it is compared with.

    Raises
    ------
    InputError
        If a day is named twice over, or the two do not follow each other.
    """
    first, last = given["from"], given["to"]
    if first is None and last is None:
        return given["on"] or today(), None
    if first is None or given["on"] is not None:
        raise InputError(
            "days that leave open what is asked", expected="either on, or from and to", code="days_unclear"
        )
    last = last or today()
    if first >= last:
        raise InputError(
            f"from={first} to={last}",
            expected="from before to",
            code="days_reversed",
            values={"first": first, "last": last},
        )
    return last, first


def what_if_of(body: Any) -> tuple[Change, date]:
    """Return what would become of cameras, and the day asked about.

    Raises
    ------
    InputError
        If the body is not understood, or changes nothing.
    TooLargeError
        If it concerns too many cameras.
    """
    said = _object(body, optional={"on", "set", "remove"})
    cameras, remove = _list(said, "set", dict), _list(said, "remove", str)
    if len(cameras) + len(remove) > MOST_CHANGED:
        raise TooLargeError(
            f"{len(cameras) + len(remove)} cameras",
            expected=f"at most {MOST_CHANGED} at once",
            code="too_many_cameras",
            values={"given": len(cameras) + len(remove), "most": MOST_CHANGED},
        )
    named = [_named(camera) for camera in cameras]
    change = Change(set=dict(named), remove=[camera_id(name) for name in remove])
    if not change.ids or len(change.ids) < len(named) + len(remove):
        raise InputError(f"{len(change.ids)} cameras", expected="at least one, and each once", code="nothing_changes")
    return change, _day(said, "on") or today()


def saved_of(body: Any) -> dict[str, Any]:
    """Return what is said of a camera, the state that it was seen in, and the day of force.

    Raises
    ------
    InputError
        If the body is not understood.
    """
    said = _object(body, required={"camera"}, optional={"seen", "effective"})
    seen = said.get("seen")
    if not isinstance(said["camera"], dict) or not (seen is None or isinstance(seen, str)):
        raise InputError("a camera that is no object, or `seen` that is no text", expected='{"camera": {...}}')
    return {"said": said["camera"], "seen": seen, "effective": _day(said, "effective") or today()}


def _named(camera: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The id of a camera, and what is said of it."""
    name = camera.get("id")
    if not isinstance(name, str):
        raise InputError(
            f"a camera of {', '.join(sorted(map(str, camera)))[:80] or 'nothing'}",
            expected="its id as text",
            code="camera_without_id",
        )
    return camera_id(name), {key: value for key, value in camera.items() if key != "id"}


def _object(body: Any, *, required: frozenset[str] | set[str] = frozenset(), optional: set[str]) -> dict[str, Any]:
    if not isinstance(body, dict) or not required <= body.keys() <= required | optional:
        given = ", ".join(sorted(str(name)[:40] for name in list(body)[:8])) if isinstance(body, dict) else "no object"
        names = ", ".join(sorted(required | optional))
        raise InputError(f"a body of {given or 'nothing'}", expected=f"nothing beside {names}")
    return body


def _list(said: Mapping[str, Any], name: str, kind: type) -> list[Any]:
    value = said.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, kind) for one in value):
        raise InputError(f"{name}: {str(value)[:40]}", expected="a list of cameras, or of their ids to remove them")
    return value


def _day(said: Mapping[str, Any], name: str) -> date | None:
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(f"{name}: {str(value)[:40]}", expected="a day as 2026-01-31", code="no_day")
    return day(name)(value)
