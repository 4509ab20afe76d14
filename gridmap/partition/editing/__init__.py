"""Changing areas that fill a territory so that they still do: pure functions from a table to a table.

An edit is made on the vertices that areas share. A new vertex on a border is put into both areas, ground goes from one
area to another by way of the edges around it, and no coordinate of what is not edited is computed anew: the geometry of
untouched areas is the very same object. Edges are straight in the metric system of the place, in which everything is
measured. Every edit is judged before it is returned, and refused whole where areas would not fill the same ground once.
"""

from gridmap.partition.editing.above import upper
from gridmap.partition.editing.bordering import redraw_border
from gridmap.partition.editing.giving import give
from gridmap.partition.editing.housing import give_buildings
from gridmap.partition.editing.limits import EDIT_LIMITS, EditLimits
from gridmap.partition.editing.merging import merge
from gridmap.partition.editing.operations import OPERATIONS, apply
from gridmap.partition.editing.results import Edited
from gridmap.partition.editing.splitting import split
from gridmap.partition.editing.vertices import delete_vertex, insert_vertex, move_vertex

__all__ = [
    "EDIT_LIMITS",
    "OPERATIONS",
    "EditLimits",
    "Edited",
    "apply",
    "delete_vertex",
    "give",
    "give_buildings",
    "insert_vertex",
    "merge",
    "move_vertex",
    "redraw_border",
    "split",
    "upper",
]
