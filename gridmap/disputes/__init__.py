"""Claims on land: contested ground, gaps, what each proposed line gives and takes, and whether surveys can tell."""

from gridmap.disputes.area import area_error, ellipsoidal, mu

__all__ = ["area_error", "ellipsoidal", "mu"]
