"""Which cameras see a place: an entrance, a checkpoint, a service place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.coverage.counting import BANDS, Counting, counted, counted_views
from gridmap.crs import to_system
from gridmap.errors import CrsError, Fault, TableError
from gridmap.visibility.cameras.views import NOMINAL, Views
from gridmap.visibility.lines import Parts, parts
from gridmap.visibility.placement.doors import LEAST_M, judged_on

if TYPE_CHECKING:
    from gridmap.coverage.sweeping import Ints
    from gridmap.visibility.sweep.pieces import Pieces


def places_seen(
    pieces: Pieces,
    views: Views,
    places: gpd.GeoDataFrame,
    cameras: pd.DataFrame,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    counting: Counting | None = None,
) -> pd.DataFrame:
    """Return how many cameras see each place, which, and in which band at best.

    A place is seen where ground within half a metre of it is seen; one farther inside a building, as those of services
    are mapped, where a metre of the outline of its building is: `gridmap.visibility.placement.doors.judged_on`.

    Parameters
    ----------
    pieces, views
        Ground in view, and the views.
    places
        ``id`` and points in any CRS.
    cameras
        ``id``: the table the views were made of.
    buildings
        Polygons in any CRS; without them every place is judged where it is.
    counting
        Day and status.

    Returns
    -------
    pandas.DataFrame
        In the order of the places: ``id``, ``cameras`` (number that see it nominally), ``band`` (the best, missing
        where none does), ``by`` (their ids, the best band first, parted by spaces), ``judged`` (point or outline).

    Raises
    ------
    TableError
        If places have no id or no point, or the cameras are not those of the views.
    CrsError
        If a table states no CRS.
    """
    _refuse_faulty(places)
    shapes, outline = judged_on(to_system(places.geometry, views.crs).to_numpy(), _walls(buildings, views.crs))
    judged = np.where(outline, "outline", "point").astype(object)
    found = parts(pieces, views, gpd.GeoSeries(shapes, crs=views.crs))
    flags = counted_views(views, counted(cameras, counting))[:, NOMINAL]
    found = found.taken(flags[found.view])
    place, camera, band, metres = _held(found.line, np.asarray(views.camera)[found.view], found)
    enough = metres >= np.where(outline, LEAST_M, 0.0)[place]
    place, camera, band = place[enough], camera[enough], band[enough]
    ids = cameras["id"].astype(str).to_numpy(dtype=object)
    order = np.lexsort((ids[camera].astype(str), band, place))
    return _listed(places["id"].to_numpy(), judged, (place[order], ids[camera[order]], band[order]))


def _refuse_faulty(places: gpd.GeoDataFrame) -> None:
    if places.crs is None:
        raise CrsError("places that do not say their coordinate system", do="state it: an EPSG code such as 4490")
    faults = []
    if "id" not in places:
        faults.append(Fault(code="missing_column", message="no column id; map or add it"))
    faults += [
        Fault(code="not_a_point", message="no point; give each place one", feature=int(row) + 1)
        for row in np.flatnonzero((shapely.get_type_id(places.geometry.to_numpy()) != 0) | places.geometry.is_empty)
    ]
    if faults:
        raise TableError("places", faults)


def _walls(buildings: gpd.GeoDataFrame | None, crs: Any) -> npt.NDArray[np.object_]:
    """Buildings in metres, none where none are given."""
    if buildings is None:
        return np.zeros(0, dtype=object)
    if buildings.crs is None:
        raise CrsError("buildings that do not say their coordinate system", do="state it: an EPSG code such as 4490")
    return np.asarray(to_system(buildings.geometry, crs).to_numpy(), dtype=object)


def _held(place: Ints, camera: Ints, found: Parts) -> tuple[Ints, Ints, Ints, npt.NDArray[np.float64]]:
    """Place, camera, best band and metres of each pair of a place and a camera that sees of it."""
    pairs, pair = np.unique(np.column_stack([place, camera]), axis=0, return_inverse=True)
    band = np.full(len(pairs), len(BANDS) - 1, dtype=np.int64)
    np.minimum.at(band, pair.ravel(), found.band)
    metres = np.zeros(len(pairs))
    np.add.at(metres, pair.ravel(), found.to_m - found.from_m)
    return pairs[:, 0], pairs[:, 1], band, metres


def _listed(
    ids: npt.NDArray[np.object_],
    judged: npt.NDArray[np.object_],
    found: tuple[Ints, npt.NDArray[np.object_], Ints],
) -> pd.DataFrame:
    """Rows of places, of those who see each in the order given."""
    place, camera, band = found
    number = np.bincount(place, minlength=len(ids))
    first = np.cumsum(number) - number
    table = pd.DataFrame({"id": ids, "cameras": number, "band": None, "by": ""}, dtype=object)
    seen = number > 0
    table.loc[seen, "band"] = np.array(BANDS, dtype=object)[band[first[seen]]]
    table["by"] = [" ".join(camera[begin : begin + many]) for begin, many in zip(first, number, strict=True)]
    return table.assign(cameras=number, judged=judged)
