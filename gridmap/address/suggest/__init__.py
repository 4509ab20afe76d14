"""Addresses while they are being typed: what a person at the search box may mean so far."""

from gridmap.address.suggest.suggestions import Suggestion, Suggestions

__all__ = ["Suggestion", "Suggestions"]
