"""Ground cut up without gap or overlap: faces between lines, cells around buildings, and the borders between them.

Everything is in metres. Neighbours share their vertices exactly, bit by bit, so that what is made of whole cells never
overlaps and leaves no gap.
"""

from gridmap.tessellation.bordering import Borders, borders
from gridmap.tessellation.parting import faces
from gridmap.tessellation.renewing import Shared, shared
from gridmap.tessellation.sharing import Cells, cells
from gridmap.tessellation.surrounding import surroundings

__all__ = ["Borders", "Cells", "Shared", "borders", "cells", "faces", "shared", "surroundings"]
