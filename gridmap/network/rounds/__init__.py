"""Rounds: every street once and home, given streets only, or what is owed most in the minutes of a shift."""

from gridmap.network.rounds.inspection import inspection_round
from gridmap.network.rounds.round import Round

__all__ = ["Round", "inspection_round"]
