"""Every error a caller can meet.

::

    GridmapError
    ├── InputError            (ValueError)       what was given cannot be used
    │   ├── FormatError                          a file is not what it claims to be
    │   ├── CrsError                             coordinates whose system cannot be trusted
    │   ├── TableError                           a table breaks its promise; lists every fault
    │   └── TooLargeError                        more than the stated limit
    ├── NotFoundError         (LookupError)      nothing of that name or on that day
    ├── ConflictError         (RuntimeError)     it contradicts what the record already holds
    │   └── StaleError                           others changed since what the change was made from
    ├── AccessError           (PermissionError)  this key may not do that
    └── RecordError           (RuntimeError)     the record cannot be reached or is not ready

A message says what was given, what was expected and what to do, in that order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: How many faults a message prints before it only counts the rest; ``TableError.faults`` always holds all of them.
FAULTS_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong, and where."""

    #: a short stable word, for programs: ``missing_column``, ``not_a_number``, ``invalid_ring``
    code: str
    #: what was given, what was expected, what to do
    message: str
    #: position of the feature in its file, counted from 1; None when the fault is the whole file's
    feature: int | None = None
    #: line of a text file, counted from 1
    line: int | None = None
    #: the column's own name in the file
    column: str | None = None

    def __str__(self) -> str:
        """Return ``feature 7, column 层数: message``."""
        places = (("feature", self.feature), ("line", self.line), ("column", self.column))
        where = ", ".join(f"{word} {value}" for word, value in places if value is not None)
        return f"{where}: {self.message}" if where else self.message


class GridmapError(Exception):
    """Anything that gridmap refuses or cannot do; its text is fit to be shown to the user.

    Parameters
    ----------
    given
        What was given, with the value that was found.
    expected
        What would have been accepted.
    do
        What the user can do about it.
    code
        A short stable word, for programs, where callers tell such errors apart: ``broken_json``, ``missing_prj``.
    values
        What the message tells, by name, for those who say it in another language; ``area``, ``areas`` and ``parents``
        are codes of areas.
    """

    def __init__(
        self,
        given: str,
        *,
        expected: str = "",
        do: str = "",
        code: str = "",
        values: Mapping[str, object] | None = None,
    ) -> None:
        self.code = code
        self.values = dict(values or {})
        #: what areas are called, by code, once somebody who knows has said so
        self.names: Mapping[str, str] = {}
        parts = [given, f"expected {expected}" if expected else "", do]
        super().__init__("; ".join(part for part in parts if part))


class InputError(GridmapError, ValueError):
    """What was given cannot be used."""


class FormatError(InputError):
    """A file is not what it claims to be: empty, cut off, in another format or encoding."""


class CrsError(InputError):
    """Coordinates whose reference system is unknown, contradicts them, or cannot be left without a silent shift."""


class TableError(InputError):
    """A table breaks its promise; every fault is listed.

    Parameters
    ----------
    source
        The file or table that was checked.
    faults
        All that is wrong with it, in the order of its features.
    """

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        shown = [f"  {fault}" for fault in self.faults[:FAULTS_SHOWN]]
        if len(self.faults) > FAULTS_SHOWN:
            shown.append(f"  and {len(self.faults) - FAULTS_SHOWN} more")
        noun = "fault" if len(self.faults) == 1 else "faults"
        super().__init__("\n".join([f"{source}: {len(self.faults)} {noun}, nothing was loaded", *shown]))


class TooLargeError(InputError):
    """More was given than the stated limit allows."""


class NotFoundError(GridmapError, LookupError):
    """Nothing of that name, or nothing on that day."""


class ConflictError(GridmapError, RuntimeError):
    """The change contradicts what the record already holds."""


class StaleError(ConflictError):
    """Others changed since what the change was made from; it is shown, never settled silently.

    Parameters
    ----------
    given
        What was changed meanwhile.
    version
        The version that stands now; None where what changed has no versions.
    changed
        Codes of the areas that were changed.
    code
        ``stale_version`` or ``base_changed``.
    do
        What the user can do about it.
    values
        What the message tells besides, by name.
    """

    def __init__(
        self,
        given: str,
        *,
        version: int | None,
        changed: Sequence[str],
        code: str,
        do: str,
        values: Mapping[str, object] | None = None,
    ) -> None:
        self.version = version
        self.changed = tuple(changed)
        said = {"version": version, "areas": list(changed), **(values or {})}
        super().__init__(given, do=do, code=code, values=said)


class AccessError(GridmapError, PermissionError):
    """The key is missing, unknown or revoked, or its role may not do that."""


class RecordError(GridmapError, RuntimeError):
    """The record (PostGIS) cannot be reached or is not ready."""
