"""By what limits fixes are matched to streets, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Limits and weights of matching; the defaults suit crews on foot and on electric bicycles with usual receivers."""

    #: metres from a fix within which streets are considered: four standard errors of a usual receiver
    within_m: float = 35.0
    #: nearest edges considered for each fix; more bring no better answer in dense centres, and cost their square
    edges: int = 8
    #: standard error of a fix along each axis, metres, where the fixes do not say how exact they are
    sigma_m: float = 8.0
    #: metres by which a route may exceed the straight line before it is e times less likely
    beta_m: float = 8.0
    #: weight of a route that falls short of the straight line, as a share of that of one that exceeds it: noise along
    #: the street lengthens the straight line, so a short route is no sign of a wrong one
    shortfall: float = 1 / 3
    #: cost of going over to another edge, in units of log likelihood: keeps a match from hopping to a parallel street
    change: float = 1.0
    #: seconds between fixes up to which the way between them was observed, and up to which a route is inferred
    observed_s: float = 30.0
    bridged_s: float = 180.0
    #: metres between fixes in a row beyond which no route is sought by the table
    apart_m: float = 400.0
    #: metres a second at which no route is walked, nor ridden on an electric bicycle
    fastest_m_s: float = 12.0
    #: a fix is thrown when it takes steps of more than so many usual ones of its leg, and so many standard errors
    #: besides, to go there and back, but not to pass by
    thrown_steps: float = 2.5
    thrown_sigmas: float = 3.0
    #: metres a crew goes into a street and back by the same end that noise explains
    spur_m: float = 12.0
    #: metres at the usual pace, and seconds, within which the neighbours of a fix help to smooth it; farther ones would
    #: cut corners
    smooth_m: float = 8.0
    smooth_s: float = 31.0
    #: metres at the usual pace for which one fix is matched: a standard error and a half
    thin_m: float = 12.0
    #: metres of the routes between nodes that are kept in the table, halved until it has no more than `pairs`
    table_m: float = 600.0
    pairs: int = 1_500_000
    #: fixes matched at a time: bounds the memory, some 1 kB a fix
    batch: int = 65_536
    #: metres of the longest way that is sought over a gap
    longest_m: float = 5000.0
