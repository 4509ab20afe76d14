"""What the record refuses, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from gridmap.errors import ConflictError, GridmapError, RecordError

#: How many rows a message names before it only counts the rest.
NAMED = 20

_BUSY = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
_CLASH = re.compile(r"\((?P<key>[^,]*), \[(?P<day>[^,]*),(?P<end>[^)]*)\)\)")

#: What each constraint means, by its name or the end of it.
_MEANING = {
    "_one_row_per_day": "is in the record already for some of these days",
    "fixes_one_place_at_a_time": "has a fix at that time already",
    "signins_one_at_a_time": "has a sign-in there at that time already",
    "batches_pkey": "is the number of a batch that was received just now",
    "api_keys_one_key_per_name": "is the name of another key in use",
    "plans_one_draft_per_name": "is the name of another draft",
    "plans_one_plan_per_day": "is the day of force of another plan",
    "plan_areas_pkey": "is the code of another area of the plan",
    "plan_edits_pkey": "was made by somebody else at the same time",
    "claims_polygon_or_line": "is neither a polygon nor a line",
}


def listed(items: Sequence[object]) -> str:
    """Join items with commas: the first twenty, and how many more."""
    words = ", ".join(map(str, items[:NAMED]))
    return f"{words} and {len(items) - NAMED} more" if len(items) > NAMED else words


@contextmanager
def plain_words() -> Iterator[None]:
    """Turn what the server refuses into errors that can be shown to the user.

    Raises
    ------
    ConflictError
        For a constraint that was violated, and where another change came in between.
    RecordError
        Where the server went away.
    """
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error) and (plain := in_plain_words(error.orig)):
            raise plain from error
        raise
    except psycopg.Error as error:
        if plain := in_plain_words(error):
            raise plain from error
        raise


def in_plain_words(error: psycopg.Error) -> GridmapError | None:
    """Error fit to be shown, or None where the fault is ours."""
    if isinstance(error, _BUSY) or error.diag.constraint_name == "audit_prev_key":
        return ConflictError("another change of the record was made at the same time", do="try again", code="busy")
    if isinstance(error, errors.IntegrityError):
        return _violation(error)
    if isinstance(error, psycopg.OperationalError):
        return RecordError(
            f"the record went away: {str(error).splitlines()[0]}", do="nothing was changed; start it and try again"
        )
    return None


def _violation(error: errors.IntegrityError) -> ConflictError | None:
    name = error.diag.constraint_name or ""
    end = next((end for end in _MEANING if name.endswith(end)), None)
    if end is None:
        return None
    detail = error.diag.message_detail or ""
    clashes = [f"{clash['key']} from {clash['day']}" for clash in _CLASH.finditer(detail)]
    given = clashes[0] if clashes else detail.removeprefix("Key ").split(" already")[0]
    told = f"{error.diag.table_name}: {given} {_MEANING[end]}"
    return ConflictError(told, do="nothing was changed", code=end.strip("_"), values={"given": given})
