"""One batch of fixes traced over the streets: states, candidates, the likeliest way, and the visits on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.compiling import COMPILED
from gridmap.tracks.matching import lattice, lattice_kernel
from gridmap.tracks.matching.corridors import Corridors
from gridmap.tracks.matching.ground import Ground
from gridmap.tracks.matching.lattice import Candidates, Steps
from gridmap.tracks.matching.paths import INFERRED, OBSERVED, UNKNOWN, Pieces, Places, bridged, joined, pieces
from gridmap.tracks.matching.states import States, Track, states
from gridmap.tracks.matching.visits import LEAST_M, Visits, onto, visits, without_spurs
from gridmap.tracks.matching.visits import joined as rejoined

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Metres by which a route may exceed twice the straight line: round a block of houses, not round a quarter.
_DETOUR_M = 100.0
#: Metres between visits of a street that are still one.
_TOUCHING_M = 1.0
#: Metres on a main street between visits beside it that are still one: a bend is longer outside than inside.
_BESIDE_M = 10.0


@dataclass(frozen=True, kw_only=True)
class Traced:
    """What became of a batch of fixes."""

    #: main street (row; -1: none near) of each fix, and metres along it
    street: Ints
    along: Floats
    #: street on which it was (the main street, or one beside it), metres along it, and metres from there to the fix
    way: Ints
    way_along: Floats
    offset: Floats
    #: stretches of streets walked, and the number of the shift that each is of
    visits: Visits
    group: Ints


@dataclass(frozen=True, kw_only=True)
class _Way:
    """States near streets, where they were, shape (n,) each."""

    #: position among all states
    state: Ints
    #: number of the shift
    group: Ints
    segment: Ints
    along: Floats
    fresh: Flags


def traced(ground: Ground, corridors: Corridors, track: Track, group: Ints, *, kernel: bool = COMPILED) -> Traced:
    """Return where the fixes of some shifts were and what was walked.

    Parameters
    ----------
    ground
        The streets.
    corridors
        Which streets run along which.
    track
        The fixes.
    group
        Number of the shift that each is of, ascending.
    kernel
        Whether the compiled kernels are used; the answer is the same.

    Raises
    ------
    Nothing
        Fixes far from all streets are on none.
    """
    made = states(track, ground.matching)
    found = candidates(ground, made.x, made.y, kernel=kernel)
    way = _located(ground, made, found, group, kernel=kernel)
    walked, shift = _walked(ground, corridors, way, made, kernel=kernel)
    street, along, offset = _placed(ground, way, made, track)
    main, main_along = corridors.places(street, along)
    return Traced(street=main, along=main_along, way=street, way_along=along, offset=offset, visits=walked, group=shift)


def candidates(ground: Ground, x: Floats, y: Floats, *, kernel: bool) -> Candidates:
    """Return the nearest edges of each fix, as `lattice.candidates` does, by numba where it is installed.

    Parameters
    ----------
    ground, x, y
        As there.
    kernel
        Whether the compiled kernel is used; the answer is the same.

    Raises
    ------
    Nothing
    """
    if not kernel:
        return lattice.candidates(ground, x, y)
    most, held = ground.matching.edges, ground.segments
    found = Candidates(
        count=np.zeros(len(x), np.int64),
        segment=np.full((len(x), most), -1, np.int32),
        along=np.zeros((len(x), most)),
        square=np.full((len(x), most), np.inf),
    )
    cells = held.cells
    grid = (cells.columns, cells.rows, cells.left, cells.bottom, cells.side, cells.begin, cells.inside, cells.far_m)
    fill = (found.count, found.segment, found.along, found.square)
    lattice_kernel.candidates((x, y), ground.matching.within_m, grid, held.packed, fill)
    return found


def likeliest(ground: Ground, found: Candidates, steps: Steps, *, kernel: bool) -> tuple[Ints, Flags]:
    """Return the candidates of the likeliest way, as `lattice.likeliest` does, by numba where it is installed.

    Parameters
    ----------
    ground, found, steps
        As there.
    kernel
        Whether the compiled kernel is used; the answer is the same.

    Raises
    ------
    Nothing
    """
    if not kernel:
        return lattice.likeliest(ground, found, steps)
    weights, held = ground.matching, ground.segments
    chosen, fresh = np.zeros(len(found.count), np.int64), np.ones(len(found.count), bool)
    lattice_kernel.likeliest(
        (held.edge, ground.first, ground.last, ground.length, ground.graph.node_xy, ground.pairs.straightest),
        ground.pairs.slots,
        (weights.beta_m, weights.shortfall, weights.change),
        (found.count, found.segment, found.along, found.square),
        (steps.linked, steps.straight, steps.most, steps.sigma),
        (chosen, fresh),
    )
    return chosen, fresh


def _located(ground: Ground, made: States, found: Candidates, group: Ints, *, kernel: bool) -> _Way:
    """Every state near a street at its place on the likeliest way."""
    near = np.flatnonzero(found.count > 0)
    some = found
    if len(near) < len(found.count):
        some = Candidates(
            count=found.count[near], segment=found.segment[near], along=found.along[near], square=found.square[near]
        )
    chosen, fresh = likeliest(ground, some, _steps(ground, made, near), kernel=kernel)
    at = np.arange(len(near)), chosen
    return _Way(
        state=near,
        group=group[np.searchsorted(np.maximum.accumulate(made.of_fix), near)],
        segment=some.segment[at].astype(np.int64),
        along=some.along[at],
        fresh=fresh,
    )


def _steps(ground: Ground, made: States, near: Ints) -> Steps:
    """Steps between states near streets: which may be linked, and how long a route may be."""
    limits = ground.matching
    x, y, sigma = made.x[near], made.y[near], made.sigma[near]
    straight = np.hypot(np.diff(x, prepend=0.0), np.diff(y, prepend=0.0))
    lasts = np.full(len(near), np.inf)
    lasts[1:] = made.begun[near[1:]] - made.ended[near[:-1]]
    linked = (straight <= limits.apart_m) & (lasts <= limits.bridged_s)
    linked[1:] &= made.leg[near[1:]] == made.leg[near[:-1]]
    most = np.minimum(straight * 2 + _DETOUR_M + 4 * sigma, limits.fastest_m_s * lasts + 6 * sigma)
    return Steps(linked=linked, straight=straight, most=most, sigma=sigma)


def _placed(ground: Ground, way: _Way, made: States, track: Track) -> tuple[Ints, Floats, Floats]:
    """Street of each fix, metres along it, and metres from it to the fix."""
    of_state = np.full(len(made.x) + 1, -1)
    of_state[way.state] = np.arange(len(way.state))
    fix = np.flatnonzero(of_state[made.of_fix] >= 0)
    on = of_state[made.of_fix[fix]]
    held, segment = ground.segments, way.segment[on]
    dx, dy = held.dx[segment], held.dy[segment]
    ahead = (made.places[0, fix] - held.x[segment]) * dx + (made.places[1, fix] - held.y[segment]) * dy
    share = np.clip(ahead / held.square[segment], 0.0, 1.0)
    x, y = held.x[segment] + share * dx, held.y[segment] + share * dy
    along = held.along[segment] + share * np.sqrt(held.square[segment])
    edge = held.edge[segment]
    street = np.full(len(track.x), -1)
    metres, offset = np.full((2, len(track.x)), np.nan)
    street[fix], metres[fix] = ground.graph.street[edge], ground.graph.from_m[edge] + along
    offset[fix] = np.hypot(x - track.x[fix], y - track.y[fix])
    return street, metres, offset


def _walked(ground: Ground, corridors: Corridors, way: _Way, made: States, *, kernel: bool) -> tuple[Visits, Ints]:
    """Visits of streets, and the number of the shift that each is of."""
    places = Places(
        edge=ground.segments.edge[way.segment],
        along=way.along,
        begun=made.begun[way.state],
        ended=made.ended[way.state],
        fresh=way.fresh,
    )
    kind = _kinds(places, way.state, made.silence[way.state], ground.matching.observed_s)
    on = np.flatnonzero(~places.fresh)
    whole = joined([pieces(ground, places, on, kind[on], kernel=kernel), _gaps(ground, places, way, made)])
    broken = np.ones(len(way.state), dtype=bool)
    broken[whole.step] = False
    run = np.cumsum(broken)
    steps = np.cumsum(broken | (np.diff(kind, prepend=-1) != 0))
    found = _visits(ground, corridors, whole, (run[whole.step], steps[whole.step]), kernel=kernel)
    return found, way.group[np.searchsorted(run, found.run)]


def _kinds(places: Places, state: Ints, silence: Floats, observed_s: float) -> Ints:
    """Kind of the step to each state: inferred where fixes lie far apart in time, or away from all streets."""
    observed = silence <= observed_s
    observed[1:] &= np.diff(state) == 1
    return np.where(places.fresh, UNKNOWN, np.where(observed, OBSERVED, INFERRED))


def _gaps(ground: Ground, places: Places, way: _Way, made: States) -> Pieces:
    """Shortest ways over the gaps within a shift, which nobody saw."""
    limits = ground.matching
    gap = np.flatnonzero(way.fresh[1:] & (way.group[1:] == way.group[:-1])) + 1
    lasts = places.begun[gap] - places.ended[gap - 1]
    one, other = way.state[gap - 1], way.state[gap]
    straight = np.hypot(made.x[other] - made.x[one], made.y[other] - made.y[one])
    most = np.minimum(limits.longest_m, limits.fastest_m_s * lasts + 4 * limits.sigma_m)
    sought = (lasts > 0) & (straight <= most)
    return bridged(ground, places, gap[sought], np.full(int(sought.sum()), UNKNOWN), most[sought])


def _visits(ground: Ground, corridors: Corridors, whole: Pieces, numbers: tuple[Ints, Ints], *, kernel: bool) -> Visits:
    """Pieces as visits of streets, without spurs and what is too short to be a visit."""
    each = visits(whole, *numbers, kernel=kernel)
    each = without_spurs(each, ground.length, ground.matching.spur_m, kernel=kernel)
    begins = ground.graph.from_m[each.line]
    on_street = Visits(
        run=each.run,
        steps=each.steps,
        line=ground.graph.street[each.line],
        low=begins + each.low,
        high=begins + each.high,
        first=begins + each.first,
        last=begins + each.last,
        begun=each.begun,
        ended=each.ended,
        kind=each.kind,
    )
    once = rejoined(on_street, _TOUCHING_M, kernel=kernel)
    together = rejoined(onto(once, corridors, kernel=kernel), _BESIDE_M, kernel=kernel)
    return together.at(together.high - together.low >= LEAST_M)
