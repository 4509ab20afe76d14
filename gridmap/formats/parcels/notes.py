"""What a reading decided, warns of and refuses, gathered while a file is read."""

from __future__ import annotations

import sys

import pandas as pd

from gridmap.errors import FAULTS_SHOWN, Fault, FormatError


class Notes:
    """Decisions, warnings and refusals of one file.

    Parameters
    ----------
    source
        The file's name, for messages.
    place
        What a number of a line counts in this file: ``line``, ``row`` of a sheet, or ``feature``.
    """

    def __init__(self, source: str, place: str = "line") -> None:
        self.source, self.place = source, place
        self._decided: list[tuple[str, str, str]] = []
        self._warnings: list[Fault] = []
        self._faults: list[Fault] = []

    def decide(self, what: str, value: object, why: str) -> None:
        """Note a decision."""
        self._decided.append((what, str(value), why))

    def warn(self, code: str, message: str, line: int | None = None) -> None:
        """Note what the user should know of a file that is read."""
        self._warnings.append(Fault(code=code, message=message, line=line))

    def fault(self, code: str, message: str, line: int | None = None) -> None:
        """Note why the file is refused; `refuse` raises all of them at once."""
        self._faults.append(Fault(code=code, message=message, line=line))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Why the file is refused, as far as is known."""
        return tuple(self._faults)

    def refuse(self) -> None:
        """Raise what was found.

        Raises
        ------
        FormatError
            With the code of the first fault, all of them in ``values["faults"]`` and in the message.
        """
        if not self._faults:
            return
        faults = sorted(self._faults, key=lambda fault: fault.line or sys.maxsize)
        shown = [f"  {self._said(fault)}" for fault in faults[:FAULTS_SHOWN]]
        if len(faults) > FAULTS_SHOWN:
            shown.append(f"  and {len(faults) - FAULTS_SHOWN} more")
        text = f"{self.source}: {self._said(faults[0])}"
        if len(faults) > 1:
            text = "\n".join([f"{self.source}: {len(faults)} faults, nothing was read", *shown])
        told = [{"code": fault.code, "line": fault.line, "message": fault.message} for fault in faults]
        raise FormatError(text, code=faults[0].code, values={"faults": told})

    def stop(self, code: str, message: str, line: int | None = None) -> FormatError:
        """Return the refusal of a file that cannot be read any further, with what was found before."""
        self.fault(code, message, line)
        try:
            self.refuse()
        except FormatError as error:
            return error
        raise AssertionError  # a fault was just noted

    def _said(self, fault: Fault) -> str:
        where = "" if fault.line is None else f", {self.place} {fault.line}"
        return f"{fault.code}{where}: {fault.message}"

    def decided(self) -> pd.DataFrame:
        """Return the decisions as a table: what, value, why."""
        return pd.DataFrame(self._decided, columns=["what", "value", "why"], dtype="str")

    def warnings(self) -> pd.DataFrame:
        """Return the warnings as a table in the order of the file: code, line (missing: the whole file's), message."""
        rows = sorted(self._warnings, key=lambda fault: fault.line or sys.maxsize)
        return pd.DataFrame(
            {
                "code": pd.Series([fault.code for fault in rows], dtype="str"),
                "line": pd.Series([fault.line for fault in rows], dtype="Int64"),
                "message": pd.Series([fault.message for fault in rows], dtype="str"),
            }
        )
