"""Devices and posts that do not belong together: one device of two posts, one post at two places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmap.tracks.flaws import Flaw
from gridmap.tracks.legs import Legs
from gridmap.tracks.ordering import Course, in_order
from gridmap.tracks.shifts import SECOND
from gridmap.tracks.taking import Taken

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: Two devices of one post are at two places when this far apart, metres, within so many seconds, so often.
_APART_M, _TOGETHER_S, _OFTEN = 200.0, 30.0, 3


def shared_devices(course: Course, legs: Legs, taken: Taken) -> list[Flaw]:
    """Devices that reported for several posts in one shift; their tracks stay apart."""
    if not taken.devices:
        return []
    keys = np.unique(
        np.column_stack([taken.device[course.row], legs.shift, taken.post[course.row]])[taken.device[course.row] >= 0],
        axis=0,
    )
    both = np.flatnonzero((np.diff(keys[:, :2], axis=0) == 0).all(axis=1))
    found: dict[tuple[int, int], list[str]] = {}
    for at in both.tolist():
        posts = found.setdefault((int(keys[at, 0]), int(keys[at, 1])), [taken.posts[int(keys[at, 2])]])
        posts.append(taken.posts[int(keys[at + 1, 2])])
    return [
        Flaw(
            code="shared_device",
            message=f"device {taken.devices[device]} reports for {', '.join(posts)} in {legs.labels[shift]}; "
            "it can be with one only: their tracks were kept apart",
            post=posts[0],
            shift=legs.labels[shift],
        )
        for (device, shift), posts in found.items()
    ]


def two_places(course: Course, taken: Taken) -> list[Flaw]:
    """Posts with devices that are at places far apart at the same time."""
    if not taken.devices:
        return []
    post, device = taken.post[course.row], taken.device[course.row]
    order = in_order(post, course.time_us)
    post, device = post[order], device[order]
    far = np.hypot(np.diff(course.x[order]), np.diff(course.y[order])) > _APART_M
    soon = np.diff(course.time_us[order]) <= _TOGETHER_S * SECOND
    split = far & soon & (np.diff(post) == 0) & (np.diff(device) != 0)
    often = np.bincount(post[1:][split], minlength=len(taken.posts))
    rows = course.row[order][1:]
    return [
        Flaw(
            code="two_places",
            message=f"the devices of {taken.posts[number]} are more than {_APART_M:.0f} m apart at {often[number]} "
            "moments: it is at two places, or is two posts; each street counts once",
            rows=tuple(np.sort(rows[split & (post[1:] == number)]).tolist()),
            post=taken.posts[number],
        )
        for number in np.flatnonzero(often >= _OFTEN).tolist()
    ]
