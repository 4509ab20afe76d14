"""What a reader of one format hands over: parcels and their points as written, before anything is decided on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmap.formats.parcels.notes import Notes

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A parcel as its file tells of it, without its points."""

    #: identifier, possibly empty
    id: str
    #: name of the place
    name: str = ""
    #: ``polygon`` or ``line``
    shape: str = "polygon"
    #: declared area as written, with its unit where the file says it
    area: str = ""
    #: how many points it declares; 0 where it does not
    count: int = 0
    #: where it stands in the file
    line: int = 0
    #: fields that go back into an exchange file: code, village, sheet, use, class
    fields: dict[str, str] = field(default_factory=dict)
    #: label of its party, where the user names the column that holds it
    party: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What a file says of its coordinate system."""

    #: ``CGCS2000``, ``Xian 1980``, ``Beijing 1954``, ``WGS 84``
    datum: str | None = None
    #: width of the zone in degrees, 3 or 6
    width: int | None = None
    #: zone number
    zone: int | None = None
    #: central meridian in degrees
    meridian: float | None = None
    #: ``m`` or ``degree``
    unit: str | None = None
    #: seven numbers of a change of datum, where they are not all zero
    parameters: tuple[float, ...] | None = None
    #: EPSG code, where the file names a registered system
    epsg: int | None = None
    #: whether its format has no place for a datum, so that silence is no fault
    silent: bool = False
    #: whether degrees of its format may be shifted ones of a web map
    doubtful: bool = False
    #: where in the file each of these stands
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Parcels and points as written; arrays are of one length, a value per point."""

    #: the parcels
    parcels: tuple[Draft, ...]
    #: position of the parcel of each point
    owner: Counts
    #: number of the ring, counted through the file: rises whenever parcel or written ring number changes
    ring: Counts
    #: name of each point
    name: NDArray[np.object_]
    #: the two coordinates, in the order of the file
    first: Numbers
    second: Numbers
    #: where each point stands in the file
    line: Counts
    #: what the file says of its system
    stated: Stated
    #: the order of coordinates that the format or the headings promise
    promised: str = "north_east"
    #: what the file says of itself, in its own words: the section of an exchange file
    header: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Gathered:
    """Parcels and points of a text or a table, as they are met from line to line."""

    #: where faults are noted
    notes: Notes
    #: points of a file at most
    most: int
    #: what lines say of the whole file, with the line of each
    header: dict[str, tuple[str, int]] = field(default_factory=dict)
    parcels: list[Draft] = field(default_factory=list)
    #: a value per point, as in `Survey`
    owner: list[int] = field(default_factory=list)
    ring: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    #: parcel and written ring of the last point
    last: tuple[int, str] = (-1, "")
    #: position of the first point of the last ring
    begun: int = 0
    #: words before names of right holders, which are left out
    holders: dict[str, None] = field(default_factory=dict)

    def add_point(self, name: str, ring: str, place: tuple[float, float], line: int) -> None:
        """Take a point of the last parcel; raises ``E_TOO_LARGE`` beyond the limit."""
        if len(self.owner) >= self.most:
            raise self.notes.stop("E_TOO_LARGE", f"more than {self.most} points; split the file", line)
        owner = len(self.parcels) - 1
        new = (owner, ring) != self.last
        if new:
            self.last, self.begun = (owner, ring), len(self.owner)
        self.ring.append(self.ring[-1] + new if self.ring else 0)
        self.owner.append(owner)
        self.name.append(name)
        self.first.append(place[0])
        self.second.append(place[1])
        self.line.append(line)

    def survey(self, stated: Stated, **more: Any) -> Survey:
        """All of it as a survey, and what was left out noted."""
        if self.holders:
            self.notes.decide("left out", ", ".join(self.holders), "names of right holders are not kept")
        return Survey(
            parcels=tuple(self.parcels),
            owner=np.array(self.owner, dtype=np.int64),
            ring=np.array(self.ring, dtype=np.int64),
            name=np.array(self.name, dtype=object),
            first=np.array(self.first, dtype=np.float64),
            second=np.array(self.second, dtype=np.float64),
            line=np.array(self.line, dtype=np.int64),
            stated=stated,
            **more,
        )
