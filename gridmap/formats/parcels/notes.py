"""What a reading decided, warns of and refuses, gathered while a file is read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.errors import FAULTS_SHOWN, FormatError
from gridmap.formats.parcels.words import chinese

#: Faults that are told one by one; those beyond are counted.
MOST = 1000


#: Control characters, which a terminal obeys, and halves of signs, which no encoding holds.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def seen(text: str) -> str:
    r"""A text of a file as it can be shown and kept: what is no sign is a question mark.

    Raises
    ------
    None

    Examples
    --------
    >>> seen("甲　村\x1b[31m\udce6")
    '甲　村?[31m?'
    """
    return _UNSEEN.sub("?", text)


class Told(NamedTuple):
    """A warning, or a fault."""

    #: ``W_`` or ``E_`` and a word, for programs
    code: str
    #: line, row, feature or entity; None for the whole file
    line: int | None
    #: what was given, what was expected, what to do: in English
    message: str
    #: in Chinese
    message_zh: str


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
        self.source, self.place = seen(source), place
        self._decided: list[tuple[str, str, str]] = []
        self._warnings: list[Told] = []
        self._faults: list[Told] = []
        self._uncounted = 0

    def decide(self, what: str, value: object, why: str) -> None:
        """Note a decision."""
        self._decided.append((what, seen(str(value)), seen(why)))

    def warn(self, code: str, message: str, line: int | None = None, **figures: object) -> None:
        """Note what the user should know of a file that is read; figures are those that its Chinese names."""
        self._warnings.append(_told(code, message, line, figures))

    def fault(self, code: str, message: str, line: int | None = None, **figures: object) -> None:
        """Note why the file is refused; `refuse` raises all of them at once."""
        self._faults.append(_told(code, message, line, figures))

    def fault_each(self, code: str, places: NDArray[np.int64], said: Callable[[int], tuple[str, int]]) -> None:
        """Note a fault of each of many points, the first thousand with their messages."""
        for at in places[:MOST].tolist():
            self.fault(code, *said(at))
        self._uncounted += max(len(places) - MOST, 0)

    @property
    def faults(self) -> tuple[Told, ...]:
        """Why the file is refused, as far as is known."""
        return tuple(self._faults)

    def refuse(self) -> None:
        """Raise what was found.

        Raises
        ------
        FormatError
            With the code of the first fault, all of them in ``values["faults"]`` and in the message, in both languages.
        """
        if not self._faults:
            return
        faults = sorted(self._faults, key=_place)
        count = len(faults) + self._uncounted
        text = f"{self.source}: {self._said(faults[0])}"
        if count > 1:
            shown = [f"  {self._said(fault)}" for fault in faults[:FAULTS_SHOWN]]
            if count > FAULTS_SHOWN:
                shown.append(f"  and {count - FAULTS_SHOWN} more；另有{count - FAULTS_SHOWN}处")
            text = "\n".join([f"{self.source}: {count} faults, nothing was read；共{count}处错误，未读取", *shown])
        raise FormatError(text, code=faults[0].code, values={"faults": [fault._asdict() for fault in faults]})

    def stop(self, code: str, message: str, line: int | None = None) -> FormatError:
        """Return the refusal of a file that cannot be read any further, with what was found before."""
        self.fault(code, message, line)
        try:
            self.refuse()
        except FormatError as error:
            return error
        raise AssertionError  # a fault was just noted

    def _said(self, fault: Told) -> str:
        where = "" if fault.line is None else f", {self.place} {fault.line}"
        return f"{fault.code}{where}: {fault.message}；{fault.message_zh}"

    def decided(self) -> pd.DataFrame:
        """Return the decisions as a table: what, value, why."""
        return pd.DataFrame(self._decided, columns=["what", "value", "why"], dtype="str")

    def warnings(self) -> pd.DataFrame:
        """Return the warnings as a table in the order of the file: code, line (missing: the whole file's), messages."""
        rows = [tuple(told) for told in sorted(self._warnings, key=_place)]
        table = pd.DataFrame(rows, columns=list(Told._fields))
        return table.astype({"code": "str", "line": "Int64", "message": "str", "message_zh": "str"})


def _told(code: str, message: str, line: int | None, figures: Mapping[str, object]) -> Told:
    """A warning or a fault in both languages."""
    return Told(code=code, line=line, message=seen(message), message_zh=seen(chinese(code, **figures)))


def _place(told: Told) -> int:
    """Where something stands in the file; what is the whole file's comes last."""
    return told.line or sys.maxsize
