"""``gridmap parcels``: what parties hold in their files, how their claims differ, what the land was before.

Each command lives in a file of its own, ``parcels_<command>.py``, and imports what it computes with when it runs.
"""

from __future__ import annotations

import typer

from gridmap.cli import parcels_compare, parcels_epochs, parcels_georeference, parcels_read

app = typer.Typer(no_args_is_help=True, help="What parties claim, how far their lines differ, what was there before.")
app.command("read")(parcels_read.parcels_read)
app.command("compare")(parcels_compare.parcels_compare)
app.command("epochs")(parcels_epochs.parcels_epochs)
app.command("georeference")(parcels_georeference.parcels_georeference)
