"""What the comparison of claims takes for granted, each as a figure that can be changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of a comparison of claims."""

    #: what coordinates are rounded to, once, in metres: surveys are written to the millimetre
    snap_m: float = 0.001
    #: widest ground between two parties that is a gap between their claims, and not land of somebody else
    gap_m: float = 50.0
    #: how far a candidate may end short of the claims' edge and still be carried on to it, beside the strip's width
    join_m: float = 1.0
    #: least share of a party's undisputed ground that lies on one side of a candidate, for that side to be the party's
    home_share: float = 2 / 3
    #: step of the profile between two lines, in metres
    profile_m: float = 0.5
    #: chance that two surveys of one line are taken for two lines
    alpha: float = 0.01
    #: error of a point, in metres, where nobody states any: the third class of TD/T 1001
    assumed_m: float = 0.10
    #: error of a point, in metres, that any survey by class keeps; a coarser source cannot decide what this one could
    survey_m: float = 0.10
    #: gaps narrower than this in metres are traces of arithmetic, and no ground
    trace_m: float = 1e-5
    #: how far beyond the contested ground an object is still told of, in metres
    near_m: float = 0.0
    #: most points of all claims and candidates together
    most_points: int = 2_000_000
