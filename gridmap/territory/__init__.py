"""Which area a point or an address is in: the areas and addresses in force on one day, ready to answer."""

from gridmap.territory.answering import Answer, Territory
from gridmap.territory.days import today

__all__ = ["Answer", "Territory", "today"]
