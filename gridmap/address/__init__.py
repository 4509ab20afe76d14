"""From the text of an address to the place it names.

`parse` tells the parts of a text; a `Gazetteer` of standard addresses tells which of them a text means: exactly one,
several, or none. It never answers with the nearest look-alike.
"""

from gridmap.address.answers import Candidate, Match, Note, Step
from gridmap.address.gazetteer import Gazetteer
from gridmap.address.parsing import Component, parse

__all__ = ["Candidate", "Component", "Gazetteer", "Match", "Note", "Step", "parse"]
