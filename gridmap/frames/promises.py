"""The tables of gridmap: what each promises, as data.

Synonyms are what offices and OpenStreetMap call a column; they are looked at where the promised name itself is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gridmap.errors import InputError
from gridmap.frames.columns import Frame
from gridmap.frames.land import CANDIDATES, CLAIMS, PARCELS
from gridmap.frames.patrolling import CHECKPOINTS, FIXES, SIGNINS
from gridmap.frames.territory import ADDRESSES, AREAS, BUILDINGS, PLACES, STREETS
from gridmap.frames.watching import CAMERAS

#: Every table by its name.
FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        frame.name: frame
        for frame in (
            AREAS,
            BUILDINGS,
            STREETS,
            ADDRESSES,
            CAMERAS,
            CHECKPOINTS,
            FIXES,
            SIGNINS,
            PLACES,
            CLAIMS,
            CANDIDATES,
            PARCELS,
        )
    }
)


def frame(name: str) -> Frame:
    """Return what the table of that name promises.

    Parameters
    ----------
    name
        Such as ``"areas"``.

    Raises
    ------
    InputError
        If there is no such table; the message lists those there are.

    Examples
    --------
    >>> frame("areas").key
    'code'
    """
    if name not in FRAMES:
        raise InputError(f"no table is called {name!r}", expected=f"one of {', '.join(FRAMES)}")
    return FRAMES[name]
