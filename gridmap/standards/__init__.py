"""Figures of each area beside the norms of grassroots governance, and what its service places reach."""

from gridmap.standards.figures import FIGURES, figures, judge
from gridmap.standards.norms import FloorSpace, Norms, Range
from gridmap.standards.services import Services, services

__all__ = ["FIGURES", "FloorSpace", "Norms", "Range", "Services", "figures", "judge", "services"]
