"""Parcels in whatever file an office hands over, with what was decided to read them, and back into such files.

`read_parcels` takes the national coordinate-exchange text, tables of boundary points, drawings, KML and layers;
`write_parcels` writes the text, tables, KML and drawings.
"""

from __future__ import annotations

from gridmap.formats.parcels.readers import is_survey
from gridmap.formats.parcels.reading import Reading, read_parcels
from gridmap.formats.parcels.writing import refuse_unwritable, write_parcels

__all__ = ["Reading", "is_survey", "read_parcels", "refuse_unwritable", "write_parcels"]
