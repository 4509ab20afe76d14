"""What the head of an exchange file says of its coordinate system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Stated

#: Words that say no more than that a datum is one.
_FILLING = re.compile(r"国家|中国|大地|坐标系统?|坐标|地心|参心|年|[\s\-_()（）]")
#: Names of datums without these words.
_DATUMS = {
    **dict.fromkeys(("2000", "CGCS2000", "C2000", "CHINA2000"), "CGCS2000"),
    **dict.fromkeys(("80", "1980", "80西安", "1980西安", "西安80", "西安1980", "XIAN80", "XIAN1980"), "Xian 1980"),
    **dict.fromkeys(
        ("54", "1954", "54北京", "1954北京", "北京54", "北京1954", "BEIJING54", "BEIJING1954"), "Beijing 1954"
    ),
    **dict.fromkeys(("WGS84", "WGS1984", "84"), "WGS 84"),
}
_UNITS = {
    **dict.fromkeys(("米", "M", "METER", "METRE", "公尺"), "m"),
    **dict.fromkeys(("度", "DEGREE", "DEGREES", "十进制度", "°"), "degree"),
}
_KEYS = {
    "datum": ("坐标系", "坐标系统", "坐标系名称", "大地坐标系"),
    "width": ("几度分带", "分带", "分带类型", "度带"),
    "zone": ("带号",),
    "meridian": ("中央子午线", "中央经线", "中央子午线经度"),
    "unit": ("计量单位", "坐标单位"),
    "parameters": ("转换参数",),
}
#: How many numbers a change of datum has: three shifts, three turns, one scale.
_SEVEN = 7
_WIDTHS = {"3": 3, "三": 3, "6": 6, "六": 6}


def datum_of(text: str) -> str | None:
    """The datum that a name stands for; None where it is not known, local systems among them.

    Parameters
    ----------
    text
        As a file or a title says it.

    Raises
    ------
    None

    Examples
    --------
    >>> datum_of("2000国家大地坐标系"), datum_of("1980西安坐标系"), datum_of("杭州2000坐标系")
    ('CGCS2000', 'Xian 1980', None)
    """
    compact = unicodedata.normalize("NFKC", text).upper()
    return _DATUMS.get(_FILLING.sub("", compact))


def stated_of(header: Mapping[str, tuple[str, int]], notes: Notes) -> Stated:
    """What the keys of a head say, each with its line; what is not understood is noted as a fault or a warning.

    Parameters
    ----------
    header
        Key to value and line.
    notes
        Where faults and warnings are noted.

    Raises
    ------
    None
        Faults are noted: ``E_DATUM_UNKNOWN``, ``E_UNIT_UNKNOWN``.
    """
    found = {what: header[key] for what, keys in _KEYS.items() for key in keys if key in header and header[key][0]}
    lines = {what: line for what, (_, line) in found.items()}
    texts = {what: unicodedata.normalize("NFKC", value) for what, (value, _) in found.items()}
    datum = datum_of(texts["datum"]) if "datum" in texts else None
    if "datum" in texts and datum is None:
        message = (
            f"the datum {texts['datum'][:40]!r} is not known; expected CGCS2000 (2000国家大地坐标系), Xian 1980, "
            "Beijing 1954 or WGS 84; a local system must be brought to one of them by its surveying office"
        )
        notes.fault("E_DATUM_UNKNOWN", message, lines["datum"])
    return Stated(
        datum=datum,
        width=_width(texts.get("width", "")),
        zone=_whole(texts.get("zone", "")),
        meridian=_degrees(texts.get("meridian", "")),
        unit=_unit(texts.get("unit", ""), lines.get("unit"), notes),
        parameters=_parameters(texts.get("parameters", ""), lines.get("parameters"), notes),
        lines=lines,
    )


def say(head: dict[str, tuple[str, int]], key: str, value: str, line: int, notes: Notes) -> None:
    """Take what a line of a file says; what tells of the system is said once, or each time the same.

    Parameters
    ----------
    head
        Key to value and line, so far; the first value of a key stays.
    key, value, line
        What the line says.
    notes
        Where ``E_HEAD_MIXED`` is noted: two files were put into one, and only one of them can be read right.

    Raises
    ------
    None
    """
    before, there = head.setdefault(key, (value, line))
    meaning = _MEANINGS.get(key)
    if meaning is None or not value or not before or before == value:
        return
    if meaning(unicodedata.normalize("NFKC", before)) != meaning(unicodedata.normalize("NFKC", value)):
        message = f"{key} is {value[:40]!r} here and {before[:40]!r} in {notes.place} {there}"
        message += ": parcels of several systems; make one file of each"
        notes.fault("E_HEAD_MIXED", message, line, before=before[:40], here=value[:40])


def _width(text: str) -> int | None:
    """The width of the zones: ``3``, ``3度带``, ``六度分带``."""
    found = re.search("[36三六]", text)
    return _WIDTHS[found[0]] if found else None


def _whole(text: str) -> int | None:
    """A zone number: ``40``, ``40带``."""
    found = re.search(r"(?<![\d.])\d{1,2}(?![\d.])", text)
    return int(found[0]) if found else None


def _degrees(text: str) -> float | None:
    """A meridian: ``120``, ``120°``, ``120.0``."""
    found = re.search(r"\d{2,3}(\.\d+)?", text)
    return float(found[0]) if found else None


def _unit(text: str, line: int | None, notes: Notes) -> str | None:
    """The unit of the coordinates."""
    unit = _UNITS.get(text.strip().upper())
    if text.strip() and unit is None:
        notes.fault(
            "E_UNIT_UNKNOWN", f"the unit {text[:20]!r} is not known; expected 米 (metres) or 度 (degrees)", line
        )
    return unit


def _parameters(text: str, line: int | None, notes: Notes) -> tuple[float, ...] | None:
    """Seven numbers of a change of datum that changes anything."""
    cells = [cell.strip() for cell in text.split(",")]
    if not any(cells):
        return None
    try:
        numbers = tuple(float(cell or 0) for cell in cells)
    except ValueError:
        notes.warn("W_PARAMETERS", f"the parameters {text[:40]!r} are no numbers and were left out", line)
        return None
    if not any(numbers):
        return None
    if len(numbers) != _SEVEN:
        notes.warn("W_PARAMETERS", f"{len(numbers)} parameters, expected seven; they were left out", line)
        return None
    return numbers


#: What the value of a key comes to: values that come to the same do not contradict each other.
_MEANINGS: dict[str, Callable[[str], object]] = {
    key: meaning
    for what, meaning in (
        ("datum", datum_of),
        ("width", _width),
        ("zone", _whole),
        ("meridian", _degrees),
        ("unit", lambda text: _UNITS.get(text.strip().upper())),
        ("parameters", str.strip),
    )
    for key in _KEYS[what]
}
