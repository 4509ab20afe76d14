"""Metres of street seen, kept by stretch and camera, so that one camera's change touches only the stretches it sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridmap.coverage.counting import CERTAINTIES
from gridmap.coverage.cuts import Cuts
from gridmap.coverage.streets import seen_metres
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.visibility.lines import Parts

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Held:
    """Parts of stretches in view of cameras that count, in the order of the stretches."""

    #: row of the stretch, shape (n,)
    stretch: Ints
    #: metres along its street
    from_m: Floats
    to_m: Floats
    #: number of the camera
    camera: Ints
    #: 0 recognise, 1 find, 2 detect, 3 seen
    band: Ints
    #: whether it counts as guaranteed, nominal, possible, shape (n, 3)
    flags: Flags

    @classmethod
    def of(cls, parts: Parts, views: Views, flags: Flags, numbers: Ints) -> Held:
        """Return parts of stretches (`gridmap.coverage.cuts.over`) whose views count; ``numbers`` by row of camera."""
        counts: Flags = np.asarray(flags.any(axis=1))
        used = parts.taken(counts[parts.view])
        return cls(
            stretch=used.line,
            from_m=used.from_m,
            to_m=used.to_m,
            camera=numbers[np.asarray(views.camera)[used.view]],
            band=used.band,
            flags=flags[used.view],
        )

    def taken(self, rows: npt.NDArray[np.int64] | Flags) -> Held:
        """Return the parts at these rows, or where a mask is true."""
        return Held(
            stretch=self.stretch[rows],
            from_m=self.from_m[rows],
            to_m=self.to_m[rows],
            camera=self.camera[rows],
            band=self.band[rows],
            flags=self.flags[rows],
        )


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Stretches of street and who sees them; it never changes once it is made."""

    #: the stretches
    laid: Cuts
    #: all parts as they were at first, and where those of each stretch begin
    held: Held
    begins: Ints
    #: stretches that each camera saw at first, by its number
    seen_by: Mapping[int, Ints]
    #: cameras that were changed since: what each sees now
    changed: Mapping[int, Held]
    #: metres seen of each stretch in each band or a better one, shape (stretches, 3 certainties, 4 bands)
    metres: Floats


def watched(inside: Parts, views: Views, flags: Flags, laid: Cuts, numbers: Ints) -> Watched:
    """Return who sees which stretches of street.

    Parameters
    ----------
    inside, views
        Metres of each stretch in view (`gridmap.coverage.cuts.over`), and the views.
    flags
        Which views count as what.
    laid
        The streets cut along areas.
    numbers
        Number of each camera, by its row.

    Raises
    ------
    Nothing
        Nobody need see anything.
    """
    held = Held.of(inside, views, flags, numbers)
    order = np.argsort(held.camera, kind="stable")
    numbered, first = np.unique(held.camera[order], return_index=True)
    stretches = np.split(held.stretch[order], first)[1:]
    return Watched(
        laid=laid,
        held=held,
        begins=np.searchsorted(held.stretch, np.arange(len(laid) + 1)),
        seen_by=MappingProxyType(dict(zip(numbered.tolist(), stretches, strict=True))),
        changed=MappingProxyType({}),
        metres=seen_metres(inside, flags, at_least=True),
    )


def with_camera(before: Watched, number: int, sees: Held) -> Watched:
    """Return the stretches with what one camera sees in place of what it saw.

    Parameters
    ----------
    before
        Who sees which stretches.
    number
        The camera's.
    sees
        What it sees now: nothing where it is gone.

    Raises
    ------
    Nothing
        A number not met before is a new camera.
    """
    saw = before.changed[number].stretch if number in before.changed else before.seen_by.get(number, sees.stretch[:0])
    after = replace(before, changed=MappingProxyType({**before.changed, number: sees}))
    touched = np.unique(np.concatenate([saw, sees.stretch]))
    metres = before.metres.copy()
    metres[touched] = _metres(after, touched)
    return replace(after, metres=metres)


def _metres(now: Watched, stretches: Ints) -> Floats:
    """Metres seen of some stretches."""
    count = now.begins[stretches + 1] - now.begins[stretches]
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    first = now.held.taken(np.repeat(now.begins[stretches], count) + nth)
    first = first.taken(~np.isin(first.camera, list(now.changed)))
    several = [first, *(held.taken(np.isin(held.stretch, stretches)) for held in now.changed.values())]
    stretch, from_m, to_m, band, flags = (
        np.concatenate([getattr(each, name) for each in several])
        for name in ("stretch", "from_m", "to_m", "band", "flags")
    )
    parts = Parts(
        line=np.searchsorted(stretches, stretch),
        from_m=from_m,
        to_m=to_m,
        view=np.arange(len(stretch)),
        band=band,
        length_m=np.zeros(len(stretches)),
    )
    return seen_metres(parts, flags.reshape(-1, len(CERTAINTIES)), at_least=True)
