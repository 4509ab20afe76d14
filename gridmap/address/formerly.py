"""Former names of China's districts and cities, told by whether they lie in a territory."""

from __future__ import annotations

from collections.abc import Iterable

from gridmap.address.divisions import canonical
from gridmap.address.entries import Stated
from gridmap.address.former import Successor, national_former

#: Digits of the code of a city (GB/T 2260).
_CITY_DIGITS = 4


class Formerly:
    """What former names of districts and cities mean in a territory, and which of them lie elsewhere.

    Parameters
    ----------
    own
        Level and name of the divisions of the territory, and of those that it lies in.

    Examples
    --------
    >>> formerly = Formerly([("province", "江苏省"), ("city", "南通市"), ("district", "崇川区")])
    >>> formerly.here["港闸区"], "海门市" in formerly.elsewhere, "莱芜市" in formerly.elsewhere
    ((('district', '崇川区'),), True, True)
    """

    def __init__(self, own: Iterable[Stated]) -> None:
        #: level of each division of the territory
        self._levels = {name: level for level, name in own}
        self._known = frozenset(self._levels.values())
        #: level and name of what stands in the place of a former name
        self.here: dict[str, tuple[Stated, ...]] = {}
        elsewhere = []
        for name, places in national_former().items():
            held = [self._held(place) for place in places]
            now = [_successor(name, place) for place, sure in zip(places, held, strict=True) if sure is not False]
            if found := [(self._levels[one], one) for one in now if one in self._levels]:
                self.here[name] = tuple(dict.fromkeys(found))
            elif all(sure is False or (sure and "district" in self._known) for sure in held):
                elsewhere.append(name)
        #: former names of places that the territory does not have
        self.elsewhere = frozenset(elsewhere)

    def _held(self, place: Successor) -> bool | None:
        """Tell whether the territory lies in the city of a place; None where it does not say in which it lies."""
        if place.city in self._levels:
            return True
        if "city" in self._known or ("province" in self._known and place.province not in self._levels):
            return False
        return None


def _successor(name: str, place: Successor) -> str:
    """Return the name of what holds the ground of a former division."""
    if name.endswith("市") and place.kind == "merged" and len(place.code) == _CITY_DIGITS:
        # 莱芜市 lies in 济南市 now, but only 莱芜区 stands in its place
        return canonical(name)[:-1] + "区"
    return canonical(place.name)
