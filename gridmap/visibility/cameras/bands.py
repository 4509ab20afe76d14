"""Levels of pixel density, and which three of them the words detect, find and recognise stand for.

Pixel density is the number of pixels that a metre parallel to the picture's rows takes up: px/m. A *profile* is a named
list of levels and the densities of the three bands: *detect* who enters (进村能发现), *find* inside (村中能找见),
*recognise* in high definition (高清能分辨). No standard ties the three Chinese words to its levels; the profiles here
take the nearest by meaning, and `profile` makes another. "Recognise" is a grade of resolution, never the recognition of
a person.

Sources of the densities: IEC 62676-4:2014, clause 6.7 (DORI), and IEC 62676-4:2025 (OODPCVS), as makers quote them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from gridmap.errors import InputError

#: Bands by their number, best first: what is nearer is seen better. ``seen`` is visible, below the lowest density.
BANDS = ("recognise", "find", "detect", "seen")


#: What the three bands are called where rural surveillance is planned (雪亮工程).
CHINESE_WORDS: Mapping[str, str] = MappingProxyType(
    {"detect": "进村能发现", "find": "村中能找见", "recognise": "高清能分辨"}
)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Pixel densities that a purpose needs, in pixels per metre."""

    #: what it is called
    name: str
    #: least density at which somebody can be told apart in high definition
    recognise: float
    #: least density at which somebody can be found among others
    find: float
    #: least density at which it is certain that somebody is there
    detect: float
    #: every level of the standard by its name, in ascending order
    levels: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def densities(self) -> tuple[float, float, float]:
        """Densities of recognise, find and detect: descending, so the limits of the bands ascend with distance."""
        return self.recognise, self.find, self.detect


#: DORI: the band "find" is the level observe ("characteristic details of the individual, such as clothing").
DORI_2014 = Profile(
    name="IEC 62676-4:2014",
    recognise=125.0,
    find=62.5,
    detect=25.0,
    levels=MappingProxyType(
        {"monitor": 12.5, "detect": 25.0, "observe": 62.5, "recognise": 125.0, "identify": 250.0, "inspect": 1000.0}
    ),
)

#: OODPCVS: detect is outline, find is discern, recognise is perceive, the levels nearest to those of 2014.
OODPCVS_2025 = Profile(
    name="IEC 62676-4:2025",
    recognise=125.0,
    find=80.0,
    detect=40.0,
    levels=MappingProxyType(
        {
            "overview": 20.0,
            "outline": 40.0,
            "discern": 80.0,
            "perceive": 125.0,
            "characterise": 250.0,
            "validate": 500.0,
            "scrutinise": 1500.0,
        }
    ),
)

#: Profiles by the words of a command line.
PROFILES: Mapping[str, Profile] = MappingProxyType({"dori": DORI_2014, "oodpcvs": OODPCVS_2025})


def profile(*, detect: float, find: float, recognise: float, name: str = "own") -> Profile:
    """Return a profile of one's own pixel densities.

    Parameters
    ----------
    detect, find, recognise
        Pixels per metre, each more than the one before.
    name
        What to call it.

    Returns
    -------
    Profile
        Its levels are the three.

    Raises
    ------
    InputError
        If a density is not a positive number, or they do not ascend.

    Examples
    --------
    >>> profile(detect=20, find=80, recognise=250).densities
    (250.0, 80.0, 20.0)
    """
    levels = {"detect": float(detect), "find": float(find), "recognise": float(recognise)}
    if not all(math.isfinite(value) and value > 0 for value in levels.values()):
        raise InputError(f"densities {levels}", expected="positive numbers of pixels per metre", code="bad_density")
    if not detect < find < recognise:
        raise InputError(
            f"densities {levels}",
            expected="detect below find below recognise, for who is recognised is found",
            code="densities_do_not_ascend",
        )
    return Profile(
        name=name, recognise=float(recognise), find=float(find), detect=float(detect), levels=MappingProxyType(levels)
    )


def of_levels(standard: Profile, *, detect: str, find: str, recognise: str) -> Profile:
    """Return a profile whose bands stand for other levels of a standard than the nearest by meaning.

    Parameters
    ----------
    standard
        The profile whose levels are meant.
    detect, find, recognise
        Names of levels, each of more density than the one before.

    Returns
    -------
    Profile
        With all levels of the standard.

    Raises
    ------
    InputError
        If the standard has no such level, or their densities do not ascend.

    Examples
    --------
    >>> of_levels(DORI_2014, detect="monitor", find="detect", recognise="identify").densities
    (250.0, 25.0, 12.5)
    """
    names = {"detect": detect, "find": find, "recognise": recognise}
    if strange := [name for name in names.values() if name not in standard.levels]:
        raise InputError(
            f"{standard.name} has no level {', '.join(strange)}",
            expected=f"levels out of {', '.join(standard.levels)}",
            code="unknown_level",
        )
    made = profile(**{band: standard.levels[name] for band, name in names.items()}, name=standard.name)
    return replace(made, levels=standard.levels)
