"""Fields of a JSON body, each checked for its shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gridmap.api import deps
from gridmap.api.plans_parameters import MOST
from gridmap.errors import InputError


def members(body: Any, *, required: set[str], optional: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    """Return a body that is an object of known members.

    Raises
    ------
    InputError
        If it is none, lacks a member that is required, or has one that is not known.
    """
    if not isinstance(body, dict) or not required <= body.keys() <= required | optional:
        given = ", ".join(sorted(str(name)[:40] for name in list(body)[:8])) if isinstance(body, dict) else "no object"
        more = f", and if need be {', '.join(sorted(optional))}" if optional else ""
        raise InputError(f"a body of {given or 'nothing'}", expected=f"{', '.join(sorted(required))}{more}")
    return body


def whole(said: Mapping[str, Any], name: str) -> int:
    """Return a whole number that a column of the record can hold.

    Raises
    ------
    InputError
        If it is none.
    """
    value = said[name]
    # a boolean is a whole number to Python
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise InputError(f"{name}: {str(value)[:40]}", expected="a whole number from 0 up")
    return value


def flag(said: Mapping[str, Any], name: str) -> bool:
    """Return whether something is wanted; it is not without a word.

    Raises
    ------
    InputError
        If it is neither true nor false.
    """
    value = said.get(name, False)
    if not isinstance(value, bool):
        raise InputError(f"{name}: {str(value)[:40]}", expected="true or false")
    return value


def day(said: Mapping[str, Any], name: str) -> date | None:
    """Return a calendar day, None without one.

    Raises
    ------
    InputError
        If it is none.
    """
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(f"{name}: {str(value)[:40]}", expected="a day as 2026-01-31", code="no_day")
    try:
        return deps.day(value)
    except InputError:
        raise InputError(f"{name}={value[:40]!r}", expected="a day as 2026-01-31", code="no_day") from None


def words(said: Mapping[str, Any], name: str, *, most: int, lines: bool = False) -> str:
    """Return a text that can be printed, trimmed.

    Raises
    ------
    InputError
        If it is empty, too long, or cannot be printed.
    """
    value = said.get(name)
    text = value.strip() if isinstance(value, str) else ""
    flat = text.replace("\n", " ") if lines else text
    if not text or len(text) > most or not flat.isprintable():
        raise InputError(
            f"{name}: {str(value)[:40]!r}",
            expected=f"a text of 1 to {most} printable characters",
            code="no_text",
            values={"most": most},
        )
    return text
