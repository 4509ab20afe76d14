"""What is taken for granted where a table of cameras is silent, and the list of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """What is taken for granted where a table is silent, and the limits of sense."""

    #: metres above ground: street cameras hang on poles and walls at 3.5 to 7 m, above reach and below the lamps
    height_m: float = 6.0
    #: horizontal angle of a fixed camera: a 2.8 to 4 mm lens, the usual one in streets, spans 70 to 105 degrees
    hfov_deg: float = 90.0
    #: horizontal angle of a turning camera at its widest: 4.5 to 6 mm before a 1/2.8 inch sensor
    ptz_hfov_deg: float = 60.0
    #: whole angle of a fisheye lens
    lens_deg: float = 180.0
    #: pixels across: 1080p, the least that counts as high definition
    width_px: int = 1920
    #: height of the picture over its width
    aspect: float = 9 / 16
    #: the range ends where a metre takes up fewer pixels than this: "monitor", the lowest level of IEC 62676-4:2014 ...
    range_px_per_m: float = 12.5
    #: ... and no further than this: what a tele lens resolves beyond, trees and traffic hide
    range_most_m: float = 150.0
    #: reach of infrared or white light whose reach is not stated: usual makes state 30 to 50 m
    night_m: float = 30.0
    #: a height above this is in centimetres or above the sea: lookouts on towers stand at up to 200 m
    highest_m: float = 200.0
    #: a sensor narrower than this is a format in inches: 1/4 inch is 3.6 mm wide
    least_sensor_mm: float = 1.0


class Ledger:
    """What was taken for granted, or refused, so far: which cameras, a word, a sentence."""

    def __init__(self, ids: npt.NDArray[Any]) -> None:
        self.ids = ids
        self.entries: list[tuple[Mask, str, str]] = []

    def note(self, rows: Mask, word: str, what: str) -> None:
        """Write down one thing of some cameras."""
        self.entries.append((rows, word, what))

    def fill(self, values: Floats, default: Any, word: str, what: str) -> Floats:
        """Return the values with what is missing taken for granted, and write that down."""
        missing = np.isnan(values)
        self.note(missing, word, what)
        return np.where(missing, default, values)

    @property
    def rows(self) -> Mask:
        """Which cameras stand in it."""
        found = np.zeros(len(self.ids), dtype=bool)
        for rows, _, _ in self.entries:
            found |= rows
        return found

    def table(self, word: str, what: str) -> pd.DataFrame:
        """Return a row per camera and thing, by camera."""
        rows = [np.flatnonzero(found) for found, _, _ in self.entries]
        counts = [len(found) for found in rows]
        every = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
        order = np.argsort(every, kind="stable")
        texts = [
            np.repeat(np.array([entry[place] for entry in self.entries], dtype=object), counts)[order]
            for place in (1, 2)
        ]
        return pd.DataFrame({"camera": self.ids[every[order]], word: texts[0], what: texts[1]}, dtype="str")


class Cells:
    """Cells of a table by column, missing where the table lacks the column."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table

    def numbers(self, name: str) -> Floats:
        """Numbers, NaN where missing."""
        if name not in self.table:
            return np.full(len(self.table), np.nan)
        return self.table[name].to_numpy(dtype=float, na_value=np.nan)

    def positive(self, name: str) -> Floats:
        """Numbers, NaN where missing or 0: what is 0 and cannot be is refused, but reckoned along."""
        values = self.numbers(name)
        return np.where(values > 0, values, np.nan)

    def words(self, name: str) -> npt.NDArray[Any]:
        """Texts, empty where missing."""
        if name not in self.table:
            return np.full(len(self.table), "", dtype=object)
        return self.table[name].astype(object).fillna("").to_numpy()
