"""Changes of areas that are known by their words alone: typed by who was there before and after, without any ground."""

from __future__ import annotations

import re

import pandas as pd

from gridmap.errors import Fault, TableError

#: Columns of typed events.
COLUMNS = ("event", "year", "kind", "old", "new", "said", "why")
_NEEDED = ("event_id", "year", "event_type", "old_county_units", "new_county_units", "change_description")

#: Signs that units are parted by.
_APART = re.compile("[、，,；;]")
#: Rules in the order that they are tried: words of the decree, the kind that they tell, why. The words go before the
#: type that a register states: registers file a county that became a city under splits.
_RULES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile("并入|合并|合成"), "merge", "the decree says that one goes into another"),
    (re.compile("撤销[^；。]*以原?[^；。]*的部分|分设|划出.*设立|析置"), "split", "the decree parts one"),
    (re.compile("更名|改名|名恢复为|改称"), "renamed", "the decree gives another name"),
)
#: Types of a register that tell of no ground, or of a border alone.
_STATED = {
    "residence_change": ("unchanged", "the seat alone moved"),
    "jurisdiction_transfer": ("adjusted", "townships or whole units pass to another"),
    "jurisdiction_adjustment": ("adjusted", "townships pass to another"),
    "rename": ("renamed", "the register says so"),
    "merge": ("merge", "the register says so"),
    "establish": ("created", "the register says so, and names nobody before"),
    "abolish": ("abolished", "the register says so, and names nobody after"),
}


def typed_events(events: pd.DataFrame) -> pd.DataFrame:
    """Return changes of areas with the kind that their words tell; no ground is known, so that no share is.

    Where units before and after are named and something was abolished and set up, their numbers tell the kind: 1 to 1
    is *renamed* (a county that became a city keeps its ground), n to 1 *merge*, 1 to n *split*, n to m *complex*. Words
    of the decree go before that, and the type that the register states comes last. What none of them tells has no kind.

    Parameters
    ----------
    events
        ``event_id``, ``year``, ``event_type``, ``old_county_units``, ``new_county_units`` (names, parted by ``、``),
        ``change_description``, as texts.

    Returns
    -------
    pandas.DataFrame
        ``event``, ``year`` (EDTF), ``kind`` (None where nobody can tell), ``old``, ``new`` (names joined by ``;``),
        ``said`` (the register's own type), ``why``; in the order given.

    Raises
    ------
    TableError
        If a column is missing.

    Examples
    --------
    >>> one = {"event_id": "E1", "year": "1986", "event_type": "split", "old_county_units": "阿图什县",
    ...        "new_county_units": "阿图什市", "change_description": "撤销阿图什县，设立阿图什市"}
    >>> typed_events(pd.DataFrame([one]))[["kind", "why"]].iloc[0].tolist()
    ['renamed', '1 before and 1 after']
    """
    if lacking := [name for name in _NEEDED if name not in events]:
        faults = [Fault(code="missing_column", message=f"no column {name}; name it", column=name) for name in lacking]
        raise TableError("events", faults)
    texts = events[list(_NEEDED)].fillna("").astype(str)
    rows = []
    for name, year, stated, before, after, words in zip(*(texts[column].tolist() for column in _NEEDED), strict=True):
        old, new = _units(before), _units(after)
        kind, why = _kind(stated, (old, new), words)
        rows.append((name, year, kind, ";".join(old), ";".join(new), stated, why))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _units(text: str) -> list[str]:
    """Return the names in a cell, each once."""
    return list(dict.fromkeys(name.strip() for name in _APART.split(text) if name.strip()))


def _kind(stated: str, units: tuple[list[str], list[str]], words: str) -> tuple[str | None, str]:
    """Return the kind of an event, None where nobody can tell, and why."""
    if stated in ("residence_change", "jurisdiction_transfer", "jurisdiction_adjustment"):
        return _STATED[stated]
    for form, kind, why in _RULES:
        if form.search(words):
            return kind, why
    before, after = map(len, units)
    if before and after and "撤销" in words:
        counted = {(True, True): "renamed", (False, True): "merge", (True, False): "split"}
        return counted.get((before == 1, after == 1), "complex"), f"{before} before and {after} after"
    return _STATED.get(stated, (None, "the words name nobody before, or nobody after"))
