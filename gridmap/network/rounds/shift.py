"""The round of a shift: the streets that are owed most, in the minutes that there are, with sign-ins on time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from gridmap.crs import to_system
from gridmap.errors import Fault, GridmapError, InputError, TableError
from gridmap.network.modes import FOOT, Mode
from gridmap.network.rounds.calls import Calls
from gridmap.network.rounds.ground import Ground, ground
from gridmap.network.rounds.planning import habit, planned
from gridmap.network.rounds.round import Round, told
from gridmap.network.rounds.signing import signing_order
from gridmap.network.rounds.visits import Visits, visits
from gridmap.network.rounds.walks import Walk, check_round

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How a shift is planned."""

    #: time of day at which it begins, on the clock of the checkpoints' windows
    begins: str = "08:00"
    #: who goes
    mode: Mode | str = FOOT
    #: metres from an open street within which the start and checkpoints must be
    off_m: float = 200.0
    #: seconds that a sign-in takes
    signin_s: float = 60.0
    #: how often a part of the plan is taken out and filled up; None for about a second's worth
    turns: int | None = None


#: Stretches times turns that are worth a second or so.
_WORK, _MOST, _FEWEST = 180_000, 700, 40


@dataclass(frozen=True, kw_only=True)
class _Net:
    """Shortest ways in seconds from places that are called at."""

    #: the ground
    field: Ground
    #: nodes that are called at, in ascending order
    nodes: Ints
    #: seconds from each to every node, and the node before on the way
    far_s: Floats
    before: Ints
    #: the quickest stretch between neighbours
    stretch: dict[tuple[int, int], int]


def overdue_round(
    streets: gpd.GeoDataFrame,
    start: tuple[float, float],
    minutes: float,
    *,
    overdue: pd.DataFrame,
    signins: gpd.GeoDataFrame | None = None,
    shift: Shift | None = None,
) -> Round:
    """Return a round within some minutes that works off as much debt as was found, and meets all sign-ins.

    Debt is what a street is owed (metric R3: metres times periods overdue); it is spread evenly along the street, and
    worked off by walking there in either direction, once. Streets met on the way count. The plan is a good one, not
    proven the best: ``collected_bound`` is what no round can exceed, ``habit`` what going to the nearest overdue street
    next would bring, without any sign-ins.

    Parameters
    ----------
    streets
        Lines in any CRS; ``id``, ``name``, ``class`` where known.
    start
        Longitude and latitude in degrees of the station: the round starts and ends there.
    minutes
        How long the round may take.
    overdue
        ``street`` (id) and ``weight`` (its debt, 0 or more; by default its metres), one row a street.
    signins
        Checkpoints at which to sign in once each, all of those given: ``id``, ``opens``, ``closes`` (HH:MM) and
        ``place_in_order`` where known, points in any CRS. Those that have a place are signed in at in this order.
    shift
        When it begins, who goes, and how it is planned.

    Returns
    -------
    Round
        ``collected`` of ``possible`` debt, ``collected_bound``, ``habit``, ``signins``; ``required`` marks stretches
        that are owed.

    Raises
    ------
    InputError
        If the minutes are not above 0, the start or a checkpoint is off the streets, nothing overdue can be reached,
        or sign-ins cannot be met: it names them.
    NotFoundError
        If an overdue street is unknown.
    TableError, CrsError
        If a table cannot be read.

    Examples
    --------
    In three minutes the near debt is worked off; the far one is worth more, but too far:

    >>> import shapely
    >>> from gridmap.crs import to_wgs84
    >>> arms = [[(0, 0), (60, 0)], [(0, 0), (0, 400)], [(0, 400), (0, 500)]]
    >>> lines = [shapely.LineString(arm) for arm in arms]
    >>> table = gpd.GeoDataFrame({"id": ["near", "way", "far"]}, geometry=lines, crs=4549)
    >>> at = to_wgs84(0, 0, 4549)
    >>> owed = pd.DataFrame({"street": ["near", "far"], "weight": [1.0, 9.0]})
    >>> made = overdue_round(table, at, 3, overdue=owed)
    >>> made.collected, made.possible, made.stops["street"].tolist()
    (1.0, 10.0, ['near', 'near'])
    """
    asked = shift or Shift()
    if not 0 < minutes < np.inf:
        raise InputError(
            f"{minutes} minutes", expected="more than 0", do="give the length of the shift", code="no_time"
        )
    places = None if signins is None or not len(signins) else _degrees(signins)
    field = ground(streets, start, mode=asked.mode, off_m=asked.off_m, places=places)
    worth, unreachable = _owed(field, overdue)
    stretches = np.flatnonzero(worth > 0)
    if not len(stretches):
        raise InputError(
            "overdue streets of which none can be reached from the start",
            expected="streets joined to it that are open to the mode",
            do="start elsewhere, or draw what joins them",
            code="none_reached",
        )
    due = visits(signins, asked.begins)
    names, net = due.names, _net(field, stretches)
    calls = _calls(net, stretches, worth, due, asked, minutes * 60)
    signing = signing_order(calls, names)
    turns = asked.turns if asked.turns is not None else int(np.clip(_WORK // len(stretches), _FEWEST, _MOST))
    plan = planned(calls, signing, turns=turns)
    made = _round(net, calls, stretches, worth, plan, names)
    usual = _walk(net, calls, stretches, habit(calls))[0]
    return replace(made, unreachable=unreachable, habit=float(worth[np.unique(usual.edge)].sum()))


def _degrees(table: gpd.GeoDataFrame) -> Floats:
    """Points in degrees."""
    points = to_system(table.geometry, 4490)
    return np.column_stack([points.x, points.y])


def _owed(field: Ground, overdue: pd.DataFrame) -> tuple[Floats, tuple[str, ...]]:
    """Return (debt of each stretch that can be reached, ids of streets with debt that cannot)."""
    rows, weight = _debts(field, overdue)
    debt = np.bincount(rows, weight, minlength=len(field.ids))
    graph = field.ways.graph
    share = debt[graph.street] * graph.length_m / np.maximum(graph.street_m[graph.street], 1e-9)
    of_first = np.bincount(field.ways.twin, share, minlength=len(graph))
    worth = of_first[field.edge] * field.length_m / np.maximum(graph.length_m[field.edge], 1e-9)
    reached = np.zeros(len(graph), dtype=bool)
    reached[field.edge[field.reached]] = True
    missed = np.intersect1d(np.unique(graph.street[~reached[field.ways.twin]]), rows[weight > 0])
    return np.where(field.reached, worth, 0.0), tuple(str(name) for name in field.ids[missed])


def _debts(field: Ground, overdue: pd.DataFrame) -> tuple[Ints, Floats]:
    """Rows of the streets and what they are owed."""
    if "street" not in overdue:
        raise TableError("overdue", [Fault(code="missing_column", message="no column street; give ids of streets")])
    ids = overdue["street"].tolist()
    rows = [field.rows([name]) for name in ids] if len(set(map(str, ids))) < len(ids) else None
    every = field.rows(ids)
    if rows is not None or len(every) != len(ids):
        message = "a street more than once; give one row a street, and streets with ids of their own"
        raise TableError("overdue", [Fault(code="repeated_street", message=message)])
    if "weight" not in overdue:
        return every, field.ways.graph.street_m[every]
    weight = pd.to_numeric(overdue["weight"], errors="coerce").to_numpy(dtype=float)
    bad = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if len(bad):
        message = "a weight that is no number of 0 or more; give its debt"
        raise TableError("overdue", [Fault(code="bad_weight", message=message, feature=int(at) + 1) for at in bad])
    return every, weight


def _net(field: Ground, stretches: Ints) -> _Net:
    """Shortest ways from the ends of stretches, checkpoints and the start."""
    nodes = np.unique(np.concatenate([field.ends[stretches].ravel(), field.places]))
    low, high, seconds = field.ends.min(axis=1), field.ends.max(axis=1), field.seconds
    order = np.lexsort([seconds, high, low])
    first = low[order] != high[order]
    first[1:] &= (low[order[1:]] != low[order[:-1]]) | (high[order[1:]] != high[order[:-1]])
    edge = order[first]
    shape = (field.nodes, field.nodes)
    matrix = sparse.csr_matrix((np.maximum(seconds[edge], 1e-9), (low[edge], high[edge])), shape=shape)
    far, before = csgraph.dijkstra(matrix, directed=False, indices=nodes, return_predecessors=True)
    pairs = zip(low[edge].tolist(), high[edge].tolist(), strict=True)
    return _Net(
        field=field, nodes=nodes, far_s=far, before=before, stretch=dict(zip(pairs, edge.tolist(), strict=True))
    )


def _calls(net: _Net, stretches: Ints, worth: Floats, due: Visits, shift: Shift, over_s: float) -> Calls:
    """What may be called at."""
    field, points = net.field, net.field.places[1:]
    ends = np.searchsorted(net.nodes, field.ends[stretches])
    spots = np.searchsorted(net.nodes, np.concatenate([points, [field.home]]))
    count, last = 2 * len(stretches), np.zeros(1)
    return Calls(
        begin=np.concatenate([ends.ravel(), spots]),
        end=np.concatenate([ends[:, ::-1].ravel(), spots]),
        takes_s=np.concatenate([np.repeat(field.seconds[stretches], 2), np.full(len(points), shift.signin_s), last]),
        worth=np.concatenate([np.repeat(worth[stretches], 2), np.zeros(len(points) + 1)]),
        opens_s=np.concatenate([np.zeros(count), due.windows_s[:, 0], last]),
        closes_s=np.concatenate([np.full(count, np.inf), due.windows_s[:, 1], [np.inf]]),
        place=np.concatenate([np.full(count, np.nan), due.place, [np.nan]]),
        far_s=net.far_s[:, net.nodes],
        stretches=len(stretches),
        over_s=over_s,
    )


def _knapsack(calls: Calls) -> float:
    """Debt that no round works off more than: the best stretches that time would do for, were there no ways between.

    Nothing counts from which there is no time to come home.
    """
    both = np.arange(2 * calls.stretches)
    trip = calls.from_end[calls.home, both] + calls.takes_s[both] + calls.from_end[both, calls.home]
    worth, takes = calls.worth[both][::2], calls.takes_s[both][::2]
    fits = trip.reshape(-1, 2).min(axis=1) <= calls.over_s + 1e-6
    worth, takes = worth[fits], np.maximum(takes[fits], 1e-9)
    order = np.argsort(-worth / takes, kind="stable")
    left = calls.over_s - calls.takes_s[calls.checkpoints].sum() - np.concatenate([[0.0], np.cumsum(takes[order])[:-1]])
    return float((worth[order] * np.clip(left / takes[order], 0, 1)).sum())


def _walk(net: _Net, calls: Calls, stretches: Ints, plan: list[int]) -> tuple[Walk, Floats, dict[int, float]]:
    """Return (the walk of a plan, when each step is begun, when each checkpoint is signed in at)."""
    edges: list[int] = []
    forward: list[bool] = []
    begun: list[float] = []
    signed: dict[int, float] = {}
    ends, seconds, now, at = net.field.ends, net.field.seconds, 0.0, net.field.home

    def step(edge: int, ahead: bool) -> None:  # noqa: FBT001  (a direction, as everywhere here)
        nonlocal now
        edges.append(edge)
        forward.append(ahead)
        begun.append(now)
        now += float(seconds[edge])

    for call in [*plan, calls.home]:
        goal = int(net.nodes[calls.begin[call]])
        for edge, ahead in _way(net, at, goal):
            step(edge, ahead)
        at = int(net.nodes[calls.end[call]])
        if call < 2 * calls.stretches:
            step(int(stretches[call // 2]), call % 2 == 0)
        elif call != calls.home:
            now = max(now, float(calls.opens_s[call]))
            signed[call] = now
            now += float(calls.takes_s[call])
    walk = Walk(edge=np.array(edges, dtype=np.int64), forward=np.array(forward, dtype=bool))
    check_round(walk, ends, np.zeros(len(ends), dtype=bool), net.field.home)
    return walk, np.array([*begun, now]), signed


def _way(net: _Net, start: int, goal: int) -> list[tuple[int, bool]]:
    """The stretches of the quickest way between two nodes that are called at, and their directions."""
    row = net.before[int(np.searchsorted(net.nodes, start))]
    way: list[tuple[int, bool]] = []
    node = goal
    while node != start:
        back = int(row[node])
        edge = net.stretch[min(back, node), max(back, node)]
        way.append((edge, int(net.field.ends[edge, 0]) == back))
        node = back
    return way[::-1]


def _round(net: _Net, calls: Calls, stretches: Ints, worth: Floats, plan: list[int], names: list[str]) -> Round:
    """The round of a plan, checked: within the time, no sign-in missed, no more collected than can be."""
    field = net.field
    walk, begun, signed = _walk(net, calls, stretches, plan)
    least, length = _knapsack(calls), float(field.length_m[walk.edge].sum())
    collected = float(worth[np.unique(walk.edge)].sum())
    late = begun[-1] > calls.over_s + 1e-3 or any(time > calls.closes_s[call] + 1e-3 for call, time in signed.items())
    if late or len(signed) < len(names) or collected > least * (1 + 1e-9) + 1e-9:
        raise GridmapError("a round that breaks its limits was found", do="report it: this is a fault of gridmap")
    stops, line = told(field, walk, worth > 0, begun[:-1])
    first = calls.checkpoints[0] if names else 0
    return Round(
        stops=stops,
        line=line,
        crs=field.crs,
        length_m=length,
        required_m=float(field.length_m[np.unique(walk.edge)][worth[np.unique(walk.edge)] > 0].sum()),
        bound_m=0.0,
        gap=least / collected - 1 if collected else np.inf,
        minutes=float(begun[-1]) / 60,
        collected=collected,
        possible=float(worth.sum()),
        collected_bound=least,
        signins=pd.DataFrame(
            {
                "checkpoint": [names[call - first] for call in signed],
                "minutes": [time / 60 for time in signed.values()],
            }
        ),
    )
