"""The standard address: the divisions that an answer tells, and what the text says below them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from gridmap.address.divisions import canonical, nation
from gridmap.hierarchy import level_of_code

#: Levels that a postal address names; grids belong to the answer, not to the address.
_NAMED = frozenset({"district", "street", "community"})

#: Behind a name these show that it belongs to a road: the community 新村 and 新村路5号.
_ROAD_GOES_ON = re.compile("[东南西北中一二三四五六七八九十]?(?:[路街巷弄]|大道|公路|胡同)")


def upper_names(chain: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the names that an address in an area begins with: province and city, then those of its chain.

    Parameters
    ----------
    chain
        Level, code and name of the area and its ancestors, coarsest first. Province and city are told by the first
        digits of a code of GB/T 2260; where it is none, or they are unknown, they are left out.

    Raises
    ------
    None

    Examples
    --------
    >>> upper_names([{"level": "district", "code": "320613", "name": "崇川区"}])
    ('江苏省', '南通市', '崇川区')
    >>> upper_names([{"level": "grid", "code": "g1", "name": "第一网格"}])
    ()
    """
    links = list(chain)
    named = (str(link["name"]) for link in links if link["level"] in _NAMED and link["name"])
    return (*_national(str(links[0]["code"]) if links else ""), *named)


def standard_address(uppers: Iterable[str], local: str) -> str:
    """Return a standard address; a division that the local part begins with already is not said twice.

    Parameters
    ----------
    uppers
        What `upper_names` returned.
    local
        The address without its divisions.

    Raises
    ------
    None

    Examples
    --------
    >>> standard_address(("江苏省", "崇川区", "虹桥社区"), "虹桥社区1组2号")
    '江苏省崇川区虹桥社区1组2号'
    >>> standard_address(("崇川区", "新村"), "新村路5号")
    '崇川区新村新村路5号'
    """
    names = list(uppers)
    for name in names:
        local = _without(local, canonical(name))
    return "".join(names) + local


def _without(local: str, name: str) -> str:
    """Return a local address without a division that it begins with, unless that is a road named after it."""
    rest = local.removeprefix(name)
    return local if _ROAD_GOES_ON.match(rest) else rest


def _national(code: str) -> Iterator[str]:
    """Return the names of the province and city that a national code lies in."""
    if level_of_code(code):
        names = _names_by_code()
        yield from (names[digits] for digits in (code[:2], code[:4]) if digits in names)


@lru_cache(maxsize=1)
def _names_by_code() -> dict[str, str]:
    """Return the full names of provinces and cities by their codes."""
    return {code: name for code, name in nation().values() if code}
