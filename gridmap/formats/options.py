"""What a user says about a file, because the file does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gridmap import frames


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user says about a file."""

    #: the promise its table shall keep
    frame: frames.Frame | None = None
    #: the CRS of its coordinates
    crs: str | int | None = None
    #: its names of our columns
    columns: Mapping[str, str] | None = None
    #: the encoding of its text
    encoding: str | None = None
    #: the layer or sheet of several
    sublayer: str | None = None
    #: whether to mend invalid polygons
    mend: bool = False
    #: codes of faults that are only warned of
    tolerate: Collection[str] = ()
    #: whether columns that are not promised are kept
    keep_extra: bool = False
