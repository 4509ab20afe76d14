"""How many points a parcel declares, held against how many it has."""

from __future__ import annotations

import numpy as np

from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Survey


def compare(survey: Survey, notes: Notes) -> None:
    """Warn of parcels whose declared number of points is neither that of their lines nor that without closing ones.

    Parameters
    ----------
    survey
        Points as written.
    notes
        Where ``W_COUNT_MISMATCH`` is noted.

    Raises
    ------
    None
    """
    lines = np.bincount(survey.owner, minlength=len(survey.parcels))
    begins = np.r_[True, survey.ring[1:] != survey.ring[:-1]]
    rings = np.bincount(survey.owner[begins], minlength=len(survey.parcels))
    for draft, found, closing in zip(survey.parcels, lines.tolist(), rings.tolist(), strict=True):
        if draft.count and draft.count not in {found, found - closing, found + closing}:
            message = f"{draft.count} points are declared, {found} lines of points follow"
            notes.warn("W_COUNT_MISMATCH", message, draft.line)
