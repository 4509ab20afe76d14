"""Which column of a table is which promised one, and which columns are refused because they tell of persons."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gridmap.errors import Fault
from gridmap.frames.columns import LON_LAT, Column, Frame

#: A DBF file cuts the names of its columns at this many bytes.
DBF_NAME_BYTES = 10

#: Parts of a Chinese column name that tell of persons.
_PERSONAL_CHINESE = re.compile(
    "姓名|身份证|身份號碼|身份号码|身分證|证件号|手机|手機|电话|電話|联系方式|联系人|户主|戶主|人脸|人臉|指纹|指紋|虹膜|护照|微信|出生"
)
#: Whole English names that tell of persons, without spaces and underlines.
_PERSONAL_ENGLISH = re.compile(
    r"((contact|mobile|cell|tele)?phone|mobile|tel|sjh|lxdh)(no|number)?|(id|identity)(card|no|number){1,2}|sfzh?|ssn|dob"
    r"|(citizen|national)id|(resident|person|full|first|last|sur)name|xm|givennames?|householder|headofhousehold"
    r"|face(id|image|feature)?|fingerprint|passport(no|number)?|email|wechat|birthday|birthdate|dateofbirth"
)


def plain(name: object) -> str:
    """Return a column's name as names are compared: half width, lower case, without spaces, ``_``, ``-`` and brackets.

    Raises
    ------
    None

    Examples
    --------
    >>> plain("Heading_Deg "), plain("户数（户）")
    ('headingdeg', '户数户')
    """
    return re.sub(r"[\s_\-()\[\]]", "", unicodedata.normalize("NFKC", str(name)).casefold())


def personal(name: object) -> bool:
    """Whether a column of that name tells of persons, who are none of gridmap's business.

    Parameters
    ----------
    name
        The column's name, Chinese or English.

    Raises
    ------
    None

    Examples
    --------
    >>> personal("户主姓名"), personal("id_card"), personal("surface"), personal("户数")
    (True, True, False, False)
    """
    return bool(_PERSONAL_CHINESE.search(str(name))) or _PERSONAL_ENGLISH.fullmatch(plain(name)) is not None


def personal_faults(names: Iterable[object]) -> Iterator[Fault]:
    """Faults of columns that tell of persons."""
    for name in names:
        if personal(name):
            message = "tells of persons; gridmap keeps counts per building only; take the column out of the file"
            yield Fault(code="personal", message=message, column=str(name))


def columns_of(
    names: Sequence[str], frame: Frame, columns: Mapping[str, str] | None = None
) -> tuple[dict[str, str], list[Fault]]:
    """Which of a table's columns holds each promised one.

    A column stated by the user comes first, then the promised name, then its synonyms in their order, then the synonyms
    as a DBF file cuts them, where only one column could be meant.

    Parameters
    ----------
    names
        The table's columns without its geometry.
    frame
        The promise.
    columns
        ``{"ours": "theirs"}`` as stated by the user. For tables of points ``lon`` and ``lat`` may be stated too.

    Returns
    -------
    found : dict
        Promised name to the table's name.
    faults : list of Fault
        ``unknown_column`` for statements that do not fit, ``missing_column`` for what is required, has no default and
        is not there.

    Raises
    ------
    None
    """
    stated, faults = _stated(names, frame, columns or {})
    found = dict(stated)
    free = [name for name in names if name not in set(stated.values())]
    by_plain = {plain(name): name for name in reversed(free)}
    for column in frame.columns:
        if column.name not in found and (theirs := _named(column, by_plain)) is not None:
            found[column.name] = theirs
    taken = set(found.values())
    for name in free:
        if name not in taken and (ours := _uncut(name, frame)) is not None:
            found.setdefault(ours, name)
    faults += [
        _missing(column, names)
        for column in frame.columns
        if column.required and not column.default and column.name not in found
    ]
    return found, faults


def lon_lat_of(names: Sequence[str], columns: Mapping[str, str] | None = None) -> tuple[str, str] | None:
    """The table's columns of longitude and latitude in degrees, or None.

    Parameters
    ----------
    names
        The table's columns.
    columns
        ``{"lon": "theirs", "lat": "theirs"}`` as stated by the user.

    Raises
    ------
    None

    Examples
    --------
    >>> lon_lat_of(["id", "Longitude", "Latitude"])
    ('Longitude', 'Latitude')
    """
    stated = columns or {}
    if stated.get("lon") in names and stated.get("lat") in names:
        return stated["lon"], stated["lat"]
    by_plain = {plain(name): name for name in reversed(names)}
    for lon, lat in LON_LAT:
        if lon in by_plain and lat in by_plain:
            return by_plain[lon], by_plain[lat]
    return None


def _stated(names: Sequence[str], frame: Frame, columns: Mapping[str, str]) -> tuple[dict[str, str], list[Fault]]:
    """The user's own statements that hold, and the faults of those that do not."""
    promised = [*frame.names, *(["lon", "lat"] if frame.pointlike else [])]
    faults = []
    for ours, theirs in columns.items():
        if ours not in promised:
            message = f"the table {frame.name} has no column {ours!r}; it has {', '.join(promised)}"
            faults.append(Fault(code="unknown_column", message=message))
        elif theirs not in names:
            message = f"{theirs!r}, stated for {ours}, is not in the file; it has {_listed(names)}"
            faults.append(Fault(code="unknown_column", message=message))
    fit = {ours: theirs for ours, theirs in columns.items() if ours in frame.names and theirs in names}
    return fit, faults


def _named(column: Column, by_plain: Mapping[str, str]) -> str | None:
    """The table's name of a promised column, by that name or a synonym."""
    words = (plain(word) for word in (column.name, *column.synonyms))
    return next((by_plain[word] for word in words if word in by_plain), None)


def _uncut(name: str, frame: Frame) -> str | None:
    """The promised column whose name or synonym begins like a name that fills a DBF's ten bytes."""
    sizes = {len(name.encode("utf-8")), len(name.encode("gb18030", "replace"))}
    # up to two bytes of a character may have been cut with the rest of it
    full = {DBF_NAME_BYTES} if name.isascii() else {DBF_NAME_BYTES - 2, DBF_NAME_BYTES - 1, DBF_NAME_BYTES}
    if not sizes & full:
        return None
    start = name.casefold()
    could = {
        column.name
        for column in frame.columns
        for word in (column.name, *column.synonyms)
        if word.casefold().startswith(start)
    }
    return could.pop() if len(could) == 1 else None


def _missing(column: Column, names: Sequence[str]) -> Fault:
    """The fault of a required column that is not there."""
    message = (
        f"no column {column.name} ({column.meaning}); the file has {_listed(names)};"
        f" state which one it is with columns={{{column.name!r}: ...}} or --column {column.name}=..."
    )
    return Fault(code="missing_column", message=message, column=column.name)


def _listed(names: Sequence[str]) -> str:
    """Names of columns for a message."""
    return ", ".join(map(str, names)) or "no columns"
