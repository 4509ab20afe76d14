"""Splitting an area by a line."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from gridmap.errors import ConflictError
from gridmap.partition.editing import given
from gridmap.partition.editing.giving import cut
from gridmap.partition.editing.judging import Draft, judge
from gridmap.partition.editing.laying import chords, lay, tidy
from gridmap.partition.editing.limits import EDIT_LIMITS, EditLimits
from gridmap.partition.editing.mosaic import Mosaic, opened
from gridmap.partition.editing.net import Net
from gridmap.partition.editing.plane import Points, place
from gridmap.partition.editing.results import Change, changed
from gridmap.partition.editing.rings import Edge, Face, twice_area


def split(
    areas: gpd.GeoDataFrame, code: str, line: Any, codes: Any, *, limits: EditLimits = EDIT_LIMITS
) -> gpd.GeoDataFrame:
    """Return the areas with one of them cut along a line.

    As many pieces as ``codes`` must come out: two, unless more are asked for. The largest has the first code; the
    others follow by size. A piece whose code is the old one keeps its row and name; the others stand behind it, with
    the values of the old area but for name, counts and figures, which are missing.

    Parameters
    ----------
    areas
        The finest areas of a territory: ``code``, polygon, any CRS.
    code
        The area to cut.
    line
        Points in the areas' CRS, from border to border; what lies outside the area is left off, and ends within
        ``snap_m`` of its border are taken to it.
    codes
        Codes of the pieces, the largest first.
    limits
        Distances.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas; the neighbours have the ends of the line among their vertices.

    Raises
    ------
    NotFoundError
        If there is no area of that code.
    InputError
        If the line or the codes are none, or the line crosses itself.
    ConflictError
        If a code is another area's, the line ends inside the area or cuts it into more or fewer pieces, or a piece
        would be too thin or too small.
    TableError, CrsError
        If the areas cannot be edited.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> square = shapely.box(500000, 3500000, 500100, 3500100)
    >>> one = gpd.GeoDataFrame({"code": ["a"]}, geometry=[square], crs=4549)
    >>> split(one, "a", [(500030, 3499990), (500030, 3500110)], ["a", "b"]).area.tolist()
    [7000.0, 3000.0]
    """
    mosaic = opened(areas)
    row, names = mosaic.row(code), given.codes(codes, "codes", limits)
    _refuse_taken(mosaic, row, names)
    net = Net(mosaic, mosaic.around([row]))
    pieces = _pieces(net, row, given.line(line, mosaic, limits), limits)
    if len(pieces) != len(names):
        raise ConflictError(
            f"the line cuts area {code} into {len(pieces)} pieces",
            expected=f"{len(names)}, one for each code given",
            do="draw it from border to border once, or give as many codes as pieces are wanted",
            code="other_pieces",
            values={"area": code, "pieces": len(pieces), "wanted": len(names)},
        )
    ground = [net.polygon([piece]) for piece in pieces]
    touched = net.grown(but=[row])
    codes_after = [*names, *(mosaic.codes[other] for other in touched)]
    shapes_after = [*ground, *touched.values()]
    parts = len(names) + sum(int(shapely.get_num_geometries(mosaic.shapes[other])) for other in touched)
    judge(mosaic, Draft(rows=[row, *touched], codes=codes_after, shapes=shapes_after, parts=parts), limits)
    return changed(mosaic, _change(mosaic, row, dict(zip(names, ground, strict=True)), touched))


def _refuse_taken(mosaic: Mosaic, row: int, names: list[str]) -> None:
    """Refuse codes that other areas have."""
    taken = [name for name in names if mosaic.rows.get(name, row) != row]
    if taken:
        raise ConflictError(
            f"code {taken[0]} is another area's",
            expected="a code of its own for each piece",
            code="code_taken",
            values={"areas": taken[:1]},
        )


def _pieces(net: Net, row: int, points: Points, limits: EditLimits) -> list[Face]:
    """Return the pieces of an area along a line, the largest first; the borders have its ends."""
    before, whole = len(net.stored), net.plan(net.faces(row))
    path = lay(net, [row], points, limits)
    cuts = [step for step, holder in chords(net, path, {row: whole}).items() if holder == row]
    if not cuts:
        code = net.mosaic.codes[row]
        raise ConflictError(
            f"the line does not cross area {code}",
            expected="one from border to border of it",
            code="line_does_not_cross",
            values={"area": code},
        )
    tidy(net, before, [vertex for step in cuts for vertex in step])
    refuse_loose(net, row, cuts, whole)
    return sorted(cut(net, row, cuts), key=lambda face: -ground_of(net, face))


def refuse_loose(net: Net, row: int, cuts: list[Edge], whole: Any) -> None:
    """Refuse lines that end inside an area."""
    ends = [vertex for step in cuts for vertex in step]
    border = {start for start, _ in net.edges[row]}
    loose = [vertex for vertex in ends if ends.count(vertex) == 1 and vertex not in border]
    if loose:
        away = whole.boundary.distance(shapely.Point(net.at(loose[0])))
        raise ConflictError(
            f"the line ends at {place(net.stored[loose[0]])} inside area {net.mosaic.codes[row]}, "
            f"{away:.2f} m from its border",
            expected="an end on the border",
            do="draw it across the border",
            code="line_ends_inside",
            values={"areas": [net.mosaic.codes[row]], "metres": f"{away:.2f}", "place": place(net.stored[loose[0]])},
        )


def ground_of(net: Net, face: Face) -> float:
    """Return the square metres of a face."""
    return sum(twice_area([net.at(vertex) for vertex in ring]) for ring in face) / 2


def _change(mosaic: Mosaic, row: int, ground: dict[str, Any], touched: dict[int, Any]) -> Change:
    """Return the change: the piece of the old code in the old row, the others behind it."""
    old = mosaic.codes[row]
    unnamed = {"name": None} if "name" in mosaic.table.columns else {}
    new = [(row, {"code": code, "geometry": shape, **unnamed}) for code, shape in ground.items() if code != old]
    kept = {row: ground[old]} if old in ground else {}
    gone = () if old in ground else (row,)
    return Change(shapes={**kept, **touched}, new=new, gone=gone, counted=list(touched))
