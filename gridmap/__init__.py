"""Grids, addresses, cameras, patrols and land boundaries on one dated map."""

__version__ = "0.1.0"
