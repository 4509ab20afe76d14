"""One step of a draft: an operation on the ground of its areas, or on who lies in whom above them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.errors import InputError
from gridmap.partition.editing import apply
from gridmap.service.plans_drafts import Draft
from gridmap.store.plans_rows import WORDS

#: How a code begins that stands for a new area until the plan is published.
PROVISIONAL = "new-"


@dataclass(frozen=True, kw_only=True)
class Step:
    """What an operation does to the areas of a draft."""

    #: the operation, with whatever it left open
    operation: Mapping[str, Any]
    #: codes of the areas that are replaced or taken away
    gone: tuple[str, ...]
    #: the areas that take their place; what is counted in them is not known yet
    fresh: gpd.GeoDataFrame
    #: areas above that are replaced or taken away
    gone_upper: tuple[str, ...] = ()
    #: the areas above that take their place
    fresh_upper: pd.DataFrame

    @property
    def touched(self) -> tuple[str, ...]:
        """Codes of all areas that it concerns, in order."""
        return tuple(sorted({*self.gone, *self.fresh["code"], *self.gone_upper, *self.fresh_upper["code"]}))


def step_of(draft: Draft, operation: Mapping[str, Any]) -> Step:
    """Return what an operation does to a draft.

    Parameters
    ----------
    draft
        The draft as it is.
    operation
        ``op`` and what that takes: an operation of `gridmap.partition.editing`, in degrees, or one on the levels above:
        ``merge_parents`` (codes, into), ``assign`` (codes, to, and a name where that is new), ``rename`` (code, name).
        None may move the ``outer`` border: where the territory ends is not for a draft to say.

    Raises
    ------
    InputError
        If it cannot be done; the message says why.
    """
    word = operation.get("op")
    if not isinstance(word, str):
        raise InputError("an operation without `op`", expected=f"op: {', '.join(_ABOVE)} or one on the ground")
    return _ABOVE[word](draft, operation) if word in _ABOVE else _on_the_ground(draft, operation)


def upper_after(draft: Draft, gone: Sequence[str], fresh: pd.DataFrame) -> pd.DataFrame:
    """Return the areas above the leaves when some are gone and others come.

    Raises
    ------
    None
    """
    if not gone and fresh.empty:
        return draft.upper
    stay = draft.upper[~draft.upper["code"].isin(gone)]
    parts = [part for part in (stay, fresh) if len(part)]
    return pd.concat(parts).sort_values("code", ignore_index=True) if parts else stay


def _on_the_ground(draft: Draft, operation: Mapping[str, Any]) -> Step:
    """What one of the operations that move borders does."""
    if operation.get("outer") is True:
        raise InputError(
            f"{operation['op']} with outer",
            expected="an edit that leaves the outer border of all areas where it is",
            do="load the territory with its new border, and make a draft from that",
            code="outer_shift",
        )
    if operation["op"] == "split" and not operation.get("codes"):
        operation = {**operation, "codes": [operation.get("code"), f"{PROVISIONAL}{draft.plan.version + 1}"]}
    buildings = None if draft.stock is None else draft.stock.table
    edited = apply(draft.leaves, operation, buildings=buildings)
    there = set(draft.leaves["code"])
    named = {*edited.changed, *edited.added}
    gone = tuple(sorted(({*edited.changed, *edited.removed}) & there))
    fresh = edited.areas[edited.areas["code"].isin(named)].reset_index(drop=True)
    return Step(operation=operation, gone=gone, fresh=fresh, fresh_upper=draft.upper.iloc[:0])


def _merge_parents(draft: Draft, operation: Mapping[str, Any]) -> Step:
    """Several areas of one level above become one; what lay in them lies in that."""
    codes, into = _codes(operation, "codes"), _code(operation, "into")
    merged = _upper_rows(draft, {*codes, into})
    if len(set(merged["level"])) > 1:
        raise InputError(
            f"{', '.join(sorted(merged['code']))} are of several levels",
            expected="areas of one level",
            code="several_levels",
            values={"areas": sorted(merged["code"])},
        )
    others = set(merged["code"]) - {into}
    if not others:
        raise InputError(
            f"only {into} itself is to be merged into {into}", expected="at least one other area", code="merge_of_one"
        )
    return _moved(draft, operation, lambda table: table["parent"].isin(others), into, without=others)


def _assign(draft: Draft, operation: Mapping[str, Any]) -> Step:
    """Areas lie in another area from now on, of the level of that in which they lay."""
    codes, to = set(_codes(operation, "codes")), _code(operation, "to")
    known = {*draft.leaves["code"], *draft.upper["code"]}
    _refuse_unknown(codes - known, "area")
    words = pd.concat([draft.leaves[list(WORDS)], draft.upper])
    moved = words[words["code"].isin(codes)]
    new = None if to in set(draft.upper["code"]) else _new_upper(draft, moved, to, operation)
    target = draft.upper[draft.upper["code"] == to] if new is None else new
    levels = draft.upper[draft.upper["code"].isin(set(moved["parent"]))]["level"]
    if set(levels) - {target["level"].iloc[0]}:
        raise InputError(
            f"{to} is of level {target['level'].iloc[0]}",
            expected=f"level {', '.join(set(levels))}",
            code="other_level",
            values={"area": to},
        )
    return _moved(draft, operation, lambda table: table["code"].isin(codes), to, new=new)


def _rename(draft: Draft, operation: Mapping[str, Any]) -> Step:
    """An area gets another name."""
    code, name = _code(operation, "code"), _text(operation, "name")
    _refuse_unknown({code} - {*draft.leaves["code"], *draft.upper["code"]}, "area")
    leaves, upper = (table[table["code"] == code].assign(name=name) for table in (draft.leaves, draft.upper))
    return _replaced(operation, leaves, upper)


#: Operations on the levels above the leaves.
_ABOVE: dict[str, Callable[[Draft, Mapping[str, Any]], Step]] = {
    "merge_parents": _merge_parents,
    "assign": _assign,
    "rename": _rename,
}


def _moved(
    draft: Draft,
    operation: Mapping[str, Any],
    chosen: Callable[[pd.DataFrame], pd.Series[bool]],
    to: str,
    *,
    new: pd.DataFrame | None = None,
    without: set[str] | None = None,
) -> Step:
    """Areas get another parent; those above that hold nothing any more go."""
    leaves = draft.leaves[chosen(draft.leaves)].assign(parent=to)
    upper = draft.upper[chosen(draft.upper) & ~draft.upper["code"].isin(without or set())].assign(parent=to)
    fresh = upper if new is None else pd.concat([upper, new]) if len(upper) else new
    moved = {*leaves["code"], *fresh["code"], *(without or set())}
    words = pd.concat([draft.leaves[list(WORDS)], draft.upper])
    after = pd.concat([words[~words["code"].isin(moved)], leaves[list(WORDS)], fresh])
    emptied = (without or set()) | _emptied(after, set(draft.leaves["code"]))
    stay = fresh[~fresh["code"].isin(emptied)]
    return _replaced(operation, leaves, stay, emptied=emptied & set(draft.upper["code"]))


def _emptied(words: pd.DataFrame, leaves: set[str]) -> set[str]:
    """Codes of areas above that hold nothing any more, nor anything but such areas."""
    empty: set[str] = set()
    while True:
        holding = set(words.loc[~words["code"].isin(empty), "parent"].dropna())
        further = set(words["code"]) - leaves - holding
        if further == empty:
            return empty
        empty = further


def _replaced(
    operation: Mapping[str, Any], leaves: gpd.GeoDataFrame, upper: pd.DataFrame, *, emptied: set[str] | None = None
) -> Step:
    """The step that puts rows in the place of those of the same codes."""
    return Step(
        operation=operation,
        gone=tuple(leaves["code"]),
        fresh=leaves.reset_index(drop=True),
        gone_upper=tuple(sorted({*upper["code"], *(emptied or set())})),
        fresh_upper=upper.reset_index(drop=True),
    )


def _new_upper(draft: Draft, moved: pd.DataFrame, to: str, operation: Mapping[str, Any]) -> pd.DataFrame:
    """An area above that is new: of the level and in the parent of the one that its first area leaves."""
    if to in set(draft.leaves["code"]):
        raise InputError(
            f"{to} is divided by no other area",
            expected="an area of the level above",
            code="other_level",
            values={"area": to},
        )
    left = draft.upper[draft.upper["code"] == moved["parent"].iloc[0]]
    if "name" not in operation or left.empty:
        raise InputError(
            f"no area above is called {to!r}",
            do="give its name as well, and it is made",
            code="no_area",
            values={"areas": [to]},
        )
    made: pd.DataFrame = left.assign(code=to, name=_text(operation, "name"))
    return made


def _upper_rows(draft: Draft, codes: set[str]) -> pd.DataFrame:
    _refuse_unknown(codes - set(draft.upper["code"]), "area above others")
    return draft.upper[draft.upper["code"].isin(codes)]


def _refuse_unknown(codes: set[str], what: str) -> None:
    if codes:
        raise InputError(
            f"the plan has no {what} of code {', '.join(sorted(codes)[:5])}",
            code="no_area",
            values={"areas": sorted(codes)},
        )


def _code(operation: Mapping[str, Any], name: str) -> str:
    return _text(operation, name, most=40)


def _text(operation: Mapping[str, Any], name: str, *, most: int = 200) -> str:
    """A text of an operation: printable, not empty, not longer than names are."""
    value = operation.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
        raise InputError(
            f"{name}: {str(value)[:40]!r}",
            expected=f"a text of 1 to {most} printable characters",
            code="no_text",
            values={"most": most},
        )
    return value


def _codes(operation: Mapping[str, Any], name: str) -> Sequence[str]:
    value = operation.get(name)
    if not isinstance(value, list) or not value:
        raise InputError(f"{name}: {str(value)[:40]!r}", expected="a list of codes")
    return [_text({name: code}, name, most=40) for code in value]
