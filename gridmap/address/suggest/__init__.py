"""Addresses while they are being typed: what a person at the search box may mean so far."""

from gridmap.address.suggest.suggestion import Suggestion
from gridmap.address.suggest.suggestions import Suggestions

__all__ = ["Suggestion", "Suggestions"]
