"""What a reader hands over: a file's table and geometry before anything is decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy.typing as npt
import pandas as pd

from gridmap.errors import Fault


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A file's table and geometry, as they are in it."""

    #: the columns, without the geometry
    table: pd.DataFrame
    #: one geometry or None per row; None where the file has none at all
    geometry: npt.NDArray[Any] | None
    #: what the file says of its CRS; None where it is silent
    crs: Any = None
    #: whether silence means WGS 84 degrees
    implied: bool = False
    #: encoding of its text
    encoding: str = "utf-8"
    #: what could not be built, by feature
    faults: tuple[Fault, ...] = ()
    #: features with open rings, counted from 1, with the shape that closing them gives
    unclosed: Mapping[int, Any] = field(default_factory=dict)
    #: what the reader did on its own: code and message
    warnings: tuple[tuple[str, str], ...] = ()

    def changed(self, **changes: Any) -> Contents:
        """The same contents but for some fields."""
        return replace(self, **changes)
