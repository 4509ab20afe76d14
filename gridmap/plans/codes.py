"""Codes of areas by rule: kept where an area goes on, else the next serial that was never used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.errors import Fault, InputError, TableError
from gridmap.plans.serials import reading_order
from gridmap.plans.sides import codes_of, levels_of, rank, refuse_faulty, texts
from gridmap.tessellation.lineage import in_metres


@dataclass(frozen=True, kw_only=True)
class Tier:
    """How the code of one level is made: ``lead``, the code of the area above, ``joint``, a serial of some digits."""

    #: digits of the serial
    digits: int = 3
    #: first serial of all that is neither merged nor special
    first: int = 1
    #: first serial of areas merged from several; None: they are numbered like the others
    merged_first: int | None = None
    #: first serial of special areas (compounds, schools, markets); None: they are numbered like the others
    special_first: int | None = None
    #: serial of an area that is the only one of the area above; None: it is numbered like the others
    sole: int | None = None
    #: text before the code of the area above
    lead: str = ""
    #: text between the code of the area above and the serial
    joint: str = ""

    def stem(self, parent: str) -> str:
        """Return what stands before the serial under the code of the area above."""
        return f"{self.lead}{parent}{self.joint}"

    def code(self, parent: str, serial: int) -> str:
        """Return the code of a serial under the code of the area above."""
        return f"{self.stem(parent)}{serial:0{self.digits}d}"

    def serial(self, parent: str, code: str) -> int | None:
        """Return the serial that a code has under the code of the area above, None where it is no such code."""
        found = re.fullmatch(re.escape(self.stem(parent)) + rf"([0-9]{{{self.digits}}})", code)
        return int(found[1]) if found else None

    def elsewhere(self, parent: str, code: str) -> bool:
        """Tell whether a code has the shape of this tier, but names another area above."""
        alike = len(code) == len(self.code(parent, self.first)) and code[-self.digits :].isdigit()
        return alike and self.serial(parent, code) is None

    def serials(self, sort: str) -> range:
        """Return the serials of a sort: basic, merged or special."""
        starts = {"merged": self.merged_first, "special": self.special_first}
        begun = starts.get(sort)
        start = self.first if begun is None else begun
        ends = [other for other in (self.first, *starts.values()) if other is not None and other > start]
        return range(start, min([*ends, 10**self.digits]))


#: The 15 digits 6+3+3+3 of DB11/T 2157-2023 and two for a micro-grid; communities merged from several are numbered
#: from 601 up (CJ/T 349-2010).
_TIERS = {"community": Tier(merged_first=601), "grid": Tier(), "micro": Tier(digits=2)}


@dataclass(frozen=True, kw_only=True)
class CodeRule:
    """How the codes of a territory are made.

    Examples
    --------
    The 20 digits of CJ/T 349-2010, of which the last two are 00 where a community has but one grid:

    >>> rule = CodeRule(tiers={"grid": Tier(lead="010101", digits=2, sole=0)})
    >>> rule.tiers["grid"].code("110101001002", 0)
    '01010111010100100200'
    """

    #: how the serials of each numbered level are made; areas of other levels bring their official codes
    tiers: Mapping[str, Tier] = field(default_factory=lambda: MappingProxyType(_TIERS))


_RULE = CodeRule()


def assign_codes(
    areas: gpd.GeoDataFrame,
    *,
    used: Iterable[str] = (),
    rule: CodeRule = _RULE,
    keep: Mapping[str, str] | None = None,
    merged: Collection[str] = (),
) -> gpd.GeoDataFrame:
    """Return the areas of a draft with the codes that they will have in force.

    An area that carries on one of the plan in force keeps its code (``keep``, which `gridmap.plans.carried_on` tells),
    unless that code names another area above than it now lies in. Any other area of a numbered level gets the next
    serial of its parent that was never used: the one above the greatest used of its sort (basic, merged, special), and
    where none is left, the least that was passed over. New areas of one parent are numbered in reading order, west to
    east, then north to south (`gridmap.plans.serials.reading_order`). Areas of levels that the rule does not number
    keep the codes that they bring.

    Parameters
    ----------
    areas
        The draft: code (any, each its own), level, parent, polygon; ``kind`` may say ``special``. All levels mixed; a
        parent that the table does not hold is taken as it is.
    used
        Every code that ever was in the record.
    rule
        How codes are made.
    keep
        Code in force by code of the draft.
    merged
        Codes of the draft's areas that are merged from several.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows in their order with ``code`` and ``parent`` as they will be, and ``draft_code`` as it was.

    Raises
    ------
    TableError
        If codes are missing or repeated, geometries missing, areas of a numbered level without a parent, or two areas
        would have one code; all faults at once.
    InputError
        If the serials of an area above run out: it is named, with the number of its serials.

    Examples
    --------
    >>> from shapely import box
    >>> table = gpd.GeoDataFrame({"code": ["x", "y"], "parent": ["320613001002"] * 2, "level": ["grid"] * 2},
    ...     geometry=[box(100, 0, 200, 100), box(0, 0, 100, 100)], crs=4549)
    >>> assign_codes(table, used=["320613001002001"])["code"].tolist()
    ['320613001002003', '320613001002002']
    """
    refuse_faulty(areas, "areas")
    draft = pd.DataFrame(
        {"code": codes_of(areas), "parent": texts(areas, "parent"), "level": levels_of([areas])[0]}, dtype=object
    )
    draft["sort"] = _sorts(areas, draft["code"], merged)
    keep, taken, final = dict(keep or {}), {str(code) for code in used}, dict[str, str]()
    for level in sorted(set(draft["level"]), key=rank):
        rows = draft[draft["level"] == level]
        above = [final.get(parent, parent) for parent in rows["parent"]]
        rows = rows.assign(above=pd.Series(above, index=rows.index, dtype=object))
        tier = rule.tiers.get(level)
        kept = _kept(rows, keep, tier)
        final |= kept
        taken |= set(kept.values())
        if tier is not None:
            shapes = in_metres(areas)[0][0][rows.index]
            final |= _numbered(rows.assign(shape=shapes)[~rows["code"].isin(kept)], rows["above"], tier, taken)
    return _coded(areas, draft, final)


def _sorts(areas: gpd.GeoDataFrame, codes: pd.Series[Any], merged: Collection[str]) -> NDArray[np.object_]:
    """Return the sort of each area: special, merged or basic."""
    special = texts(areas, "kind") == "special"
    return np.where(special, "special", np.where(codes.isin(list(merged)), "merged", "basic")).astype(object)


def _kept(rows: pd.DataFrame, keep: Mapping[str, str], tier: Tier | None) -> dict[str, str]:
    """Return the codes in force that areas of a level keep; where the rule does not number it, what they bring."""
    if tier is None:
        return {code: keep.get(code, code) for code in rows["code"]}
    return {
        code: keep[code]
        for code, above in zip(rows["code"], rows["above"], strict=True)
        if code in keep and not (above and tier.elsewhere(above, keep[code]))
    }


def _numbered(rows: pd.DataFrame, every: pd.Series[Any], tier: Tier, taken: Collection[str]) -> dict[str, str]:
    """Return new codes of the areas of one level."""
    _refuse_orphans(rows)
    serials, alone = _serials_by_stem(taken, tier), every.value_counts()
    given: dict[str, str] = {}
    short = []
    for above, group in rows.groupby("above", sort=True):
        stem = tier.stem(str(above))
        free = _free(group, tier, serials.get(stem, set()), sole=alone[above] == 1)
        if free is None:
            short.append(f"{above} ({len(group)} new)")
        else:
            given |= {code: tier.code(str(above), serial) for code, serial in free.items()}
    if short:
        most = f"at most {10**tier.digits - tier.first} serials that were never used, under each area above"
        raise InputError(f"no serial is left under {', '.join(short)}", expected=most, code="no_serial_left")
    return given


def _free(group: pd.DataFrame, tier: Tier, used: AbstractSet[int], *, sole: bool) -> dict[str, int] | None:
    """Return the serials of the new areas of one parent, None where they run out."""
    group = group.iloc[reading_order(group["shape"].to_numpy())]
    if sole and tier.sole is not None and tier.sole not in used:
        return {group["code"].iloc[0]: tier.sole}
    given: dict[str, int] = {}
    # sorts without a range of their own are numbered together
    for _, members in group.groupby([tier.serials(sort).start for sort in group["sort"]], sort=False):
        span = tier.serials(members["sort"].iloc[0])
        last = max((serial for serial in used if serial in span), default=span.start - 1)
        order = [serial for serial in (*range(last + 1, span.stop), *range(span.start, last)) if serial not in used]
        if len(order) < len(members):
            return None
        given |= dict(zip(members["code"], order, strict=False))
    return given


def _serials_by_stem(taken: Collection[str], tier: Tier) -> dict[str, set[int]]:
    """Return the serials that were ever used, by what stands before them."""
    found: dict[str, set[int]] = {}
    for code in taken:
        if re.fullmatch("[0-9]+", code[-tier.digits :]):
            found.setdefault(code[: -tier.digits], set()).add(int(code[-tier.digits :]))
    return found


def _refuse_orphans(rows: pd.DataFrame) -> None:
    """Refuse new areas that no area above is known of, whose code theirs begin with."""
    message = "{}: no parent, whose code its own begins with; name the area that holds it"
    lost = rows[rows["above"].isna()]
    faults = [
        Fault(code="missing_parent", message=message.format(code), feature=row + 1, column="parent")
        for row, code in zip(lost.index.tolist(), lost["code"], strict=True)
    ]
    if faults:
        raise TableError("areas", faults)


def _coded(areas: gpd.GeoDataFrame, draft: pd.DataFrame, final: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Return the areas with their codes, if no two have one."""
    codes = draft["code"].map(final)
    faults = [
        Fault(code="duplicate_code", message=f"{codes[row]} would be the code of two areas", feature=row + 1)
        for row in np.flatnonzero(codes.duplicated()).tolist()
    ]
    if faults:
        raise TableError("areas", faults)
    parents = [final.get(parent, parent) for parent in draft["parent"]]
    columns = {"code": codes.to_numpy(object), "parent": parents, "draft_code": draft["code"].to_numpy(object)}
    return areas.assign(**columns)
