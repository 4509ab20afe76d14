"""The national catalogue of cameras (GB/T 28181): its 20-digit codes, and its items as a table of cameras.

A code says, from the left: division (6 digits, GB/T 2260), grassroots unit (2), industry (2), type of device (3),
network (1), serial number (6). It has no check digit. A camera has type 131 or 132; servers, recorders and groups stand
in the same catalogue. The catalogue states the heading as an octant only.

Source: GB/T 28181-2022, annexes A (items) and E (codes); the text is not at hand, the values are those that open
implementations of it agree on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from gridmap.errors import Fault, InputError

#: Length of a code.
DIGITS = 20
#: Types of device that are cameras.
CAMERA_TYPES = ("131", "132")

#: First two digits of every province (GB/T 2260).
PROVINCES = frozenset(
    str(number)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    for number in range(first, last + 1)
)

_INDUSTRIES = {
    0: "social security, roads",
    1: "social security, communities",
    2: "social security, inside of institutions",
    3: "social security, other",
    4: "traffic, roads",
    5: "traffic, checkpoints",
    6: "traffic, inside of institutions",
    7: "traffic, other",
    8: "city management",
    9: "health and environment",
    10: "customs",
    11: "education",
}
#: Industries by ranges of numbers: first, last, name.
_INDUSTRY_RANGES = ((12, 39, "government, reserved"), (40, 79, "enterprises"), (80, 89, "residents"), (90, 99, "other"))

_TYPES = MappingProxyType(
    {
        "111": "DVR",
        "112": "video server",
        "113": "encoder",
        "114": "decoder",
        "118": "NVR",
        "131": "camera",
        "132": "network camera",
        "134": "alarm input",
        "200": "SIP server",
        "215": "business group",
        "216": "virtual organisation",
    }
)
_NETWORKS = {5: "police", 6: "government", 7: "Internet", 8: "social"}
#: Networks up to this number are dedicated ones of surveillance.
_LAST_DEDICATED = 4


@dataclass(frozen=True, kw_only=True)
class DeviceCode:
    """A code of GB/T 28181 taken apart."""

    #: division of GB/T 2260, 6 digits
    division: str
    #: grassroots unit, 2 digits
    unit: str
    #: industry, 2 digits
    industry: str
    #: type of device, 3 digits
    type: str
    #: network, 1 digit
    network: str
    #: serial number, 6 digits
    serial: str

    @property
    def industry_name(self) -> str:
        """Name of the industry; those from 12 on are only known by ranges."""
        number = int(self.industry)
        named = (name for first, last, name in _INDUSTRY_RANGES if first <= number <= last)
        return _INDUSTRIES.get(number) or next(named)

    @property
    def type_name(self) -> str:
        """Name of the type of device; empty where it is none of the usual ones."""
        return _TYPES.get(self.type, "")

    @property
    def network_name(self) -> str:
        """Name of the network; empty where the number is reserved."""
        return "dedicated" if int(self.network) <= _LAST_DEDICATED else _NETWORKS.get(int(self.network), "")

    @property
    def is_camera(self) -> bool:
        """Whether the device is a camera."""
        return self.type in CAMERA_TYPES


def parse_code(text: str, *, divisions: Collection[str] | None = None) -> DeviceCode:
    """Return a camera's code taken apart.

    Parameters
    ----------
    text
        The code; spaces around it and full-width digits do not matter.
    divisions
        The divisions that there are, 6 digits each; where it is left out, only the province is checked.

    Returns
    -------
    DeviceCode
        Its parts.

    Raises
    ------
    InputError
        If it is no camera's code; ``code`` is that of the first fault of `code_faults`.

    Examples
    --------
    >>> found = parse_code("34020000001320000001")
    >>> found.division, found.type_name, found.industry_name, found.network_name, found.serial
    ('340200', 'network camera', 'social security, roads', 'dedicated', '000001')
    """
    faults = code_faults(text, divisions=divisions)
    if faults:
        raise InputError("; ".join(fault.message for fault in faults), code=faults[0].code)
    return _apart(_plain(text))


def code_faults(
    text: str, *, divisions: Collection[str] | None = None, feature: int | None = None, column: str | None = None
) -> list[Fault]:
    """Return all that is wrong with a camera's code.

    Parameters
    ----------
    text, divisions
        As for `parse_code`.
    feature, column
        Where it stands, for the faults.

    Returns
    -------
    list of Fault
        Codes ``code_not_digits``, ``code_length``, ``unknown_division``, ``unknown_network``, ``not_a_camera``; empty
        where it is a camera's code.

    Raises
    ------
    None

    Examples
    --------
    >>> [fault.code for fault in code_faults("34020000002000000001")]
    ['not_a_camera']
    >>> [fault.code for fault in code_faults("99020000001320000001")], [fault.code for fault in code_faults("3402")]
    (['unknown_division'], ['code_length'])
    """
    code = _plain(text)
    return [
        Fault(code=word, message=f"code {code!r} {what}", feature=feature, column=column)
        for word, what in _wrong(code, divisions)
    ]


def table_faults(codes: Iterable[str | None], *, divisions: Collection[str] | None = None) -> list[Fault]:
    """Return all that is wrong with the codes of a table: each by itself, and those that stand there twice.

    Parameters
    ----------
    codes
        A code per camera; None or empty where there is none.
    divisions
        As for `parse_code`.

    Returns
    -------
    list of Fault
        As `code_faults`, and ``duplicate_code``, in the order of the rows, with feature numbers from 1.

    Raises
    ------
    None

    Examples
    --------
    >>> [(fault.code, fault.feature) for fault in table_faults(["34020000001320000001", None, "34020000001320000001"])]
    [('duplicate_code', 3)]
    """
    return [
        Fault(code=word, message=f"code {code!r} {what}", feature=row, column="code")
        for row, code, word, what in _wrong_in_table(codes, divisions)
    ]


def table_notes(cameras: pd.DataFrame, *, divisions: Collection[str] | None = None) -> pd.DataFrame:
    """Return what is wrong with the codes of a table of cameras, as notes: a wrong code hides no ground.

    Parameters
    ----------
    cameras
        ``id``, and ``code`` where known.
    divisions
        As for `parse_code`.

    Returns
    -------
    DataFrame
        ``camera``, ``code`` (of `table_faults`), ``what`` (a sentence about the camera), in the order of the rows.

    Raises
    ------
    None

    Examples
    --------
    >>> table_notes(pd.DataFrame({"id": ["a", "b"], "code": ["34020000001320000001", "12"]})).values.tolist()
    [['b', 'code_length', 'its code has 2 characters; expected 20 digits (GB/T 28181)']]
    """
    codes = cameras["code"].astype(object).tolist() if "code" in cameras else []
    ids = cameras["id"].tolist()
    rows = [(ids[row - 1], word, f"its code {what}") for row, _, word, what in _wrong_in_table(codes, divisions)]
    return pd.DataFrame(rows, columns=["camera", "code", "what"], dtype="str")


def _plain(text: str) -> str:
    """A code in half-width characters without spaces around it."""
    return unicodedata.normalize("NFKC", str(text)).strip()


def _wrong_in_table(
    codes: Iterable[str | None], divisions: Collection[str] | None
) -> Iterator[tuple[int, str, str, str]]:
    """Feature number, code, word and what is wrong, of the codes of a table."""
    first: dict[str, int] = {}
    for row, text in enumerate(codes, start=1):
        code = _plain(text) if isinstance(text, str) else ""
        if not code:
            continue
        yield from ((row, code, word, what) for word, what in _wrong(code, divisions))
        if first.setdefault(code, row) != row:
            yield row, code, "duplicate_code", f"is that of feature {first[code]} already"


def _apart(code: str) -> DeviceCode:
    """Twenty digits taken apart."""
    return DeviceCode(
        division=code[:6],
        unit=code[6:8],
        industry=code[8:10],
        type=code[10:13],
        network=code[13],
        serial=code[14:],
    )


def _wrong(code: str, divisions: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Word of each fault of a code, and what the code does wrong."""
    strange = sorted({character for character in code if not (character.isascii() and character.isdigit())})
    if strange:
        yield "code_not_digits", f"holds {''.join(strange)!r}; expected {DIGITS} digits (GB/T 28181)"
    if len(code) != DIGITS:
        yield "code_length", f"has {len(code)} characters; expected {DIGITS} digits (GB/T 28181)"
    if strange or len(code) != DIGITS:
        return
    parts = _apart(code)
    known = parts.division[:2] in PROVINCES if divisions is None else parts.division in divisions
    if not known:
        yield "unknown_division", f"begins with {parts.division}, which is no division of GB/T 2260"
    if not parts.network_name:
        yield "unknown_network", f"has network {parts.network} (digit 14); expected 0 to 8"
    if not parts.is_camera:
        name = f" ({parts.type_name})" if parts.type_name else ""
        yield "not_a_camera", f"has type {parts.type}{name} (digits 11 to 13); a camera has 131 or 132"


#: Pixels across and down by the number of the catalogue (annex F, the field f of SDP) and by usual names.
_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "1": (176, 144),
        "qcif": (176, 144),
        "2": (352, 288),
        "cif": (352, 288),
        "3": (704, 576),
        "4cif": (704, 576),
        "4": (720, 576),
        "d1": (720, 576),
        "5": (1280, 720),
        "720p": (1280, 720),
        "6": (1920, 1080),
        "1080p": (1920, 1080),
        "1080i": (1920, 1080),
        "2k": (2560, 1440),
        "1440p": (2560, 1440),
        "4k": (3840, 2160),
        "2160p": (3840, 2160),
        "uhd": (3840, 2160),
    }
)
#: The usual picture of so many megapixels: most are 16 to 9, those of 5 and 12 million are 4 to 3.
_MEGAPIXELS: Mapping[float, tuple[int, int]] = MappingProxyType(
    {
        1.0: (1280, 720),
        1.3: (1280, 960),
        2.0: (1920, 1080),
        3.0: (2304, 1296),
        4.0: (2560, 1440),
        5.0: (2592, 1944),
        6.0: (3072, 2048),
        8.0: (3840, 2160),
        12.0: (4000, 3000),
    }
)
_BY_SIZE = re.compile(r"(\d{3,5})\s*[*x×]\s*(\d{3,5})")
_BY_MILLIONS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:mp|m|百万像素|百万)")
_BY_TEN_THOUSANDS = re.compile(r"(\d+)\s*万(?:像素)?")


def resolution(text: str) -> tuple[int, int] | None:
    """Return the pixels across and down that a text states, the largest where it states several.

    Parameters
    ----------
    text
        ``"1920*1080"``, ``"1080P"``, ``"4MP"``, ``"400万"``, ``"5/6"`` (numbers of the catalogue).

    Returns
    -------
    (int, int) or None
        None where it cannot be read. Megapixels stand for the usual picture of that size.

    Raises
    ------
    None

    Examples
    --------
    >>> resolution("1920*1080"), resolution("4MP"), resolution("5/6"), resolution("高清")
    ((1920, 1080), (2560, 1440), (1920, 1080), None)
    """
    parts = re.split(r"[/,;、]", unicodedata.normalize("NFKC", text).casefold())
    sizes = [size for part in parts if (size := _size(part.strip()))]
    return max(sizes, default=None)


def _size(text: str) -> tuple[int, int] | None:
    """The pixels that one word states."""
    if found := _BY_SIZE.fullmatch(text):
        return int(found[1]), int(found[2])
    if found := _BY_MILLIONS.fullmatch(text):
        return _MEGAPIXELS.get(float(found[1]))
    if found := _BY_TEN_THOUSANDS.fullmatch(text):
        return _MEGAPIXELS.get(float(found[1]) / 100)
    return _SIZES.get(text)
