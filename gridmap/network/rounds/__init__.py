"""Rounds: every street once and home, given streets only, or what is owed most in the minutes of a shift."""

from gridmap.network.rounds.gpx import gpx
from gridmap.network.rounds.inspection import inspection_round
from gridmap.network.rounds.round import Round
from gridmap.network.rounds.shift import Shift, overdue_round

__all__ = ["Round", "Shift", "gpx", "inspection_round", "overdue_round"]
