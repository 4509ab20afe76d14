"""What may be written into a case: labels, short notes about land, dates; nothing that numbers a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from gridmap.errors import InputError, TooLargeError

#: Characters of a note, of a label, and of a code.
NOTE_MOST, LABEL_MOST, CODE_MOST = 2000, 200, 40
#: Bytes of a file's name: what file systems hold.
NAME_MOST = 255

#: GB 11643: a division, a day of birth, a serial and a check character; with blanks or hyphens between, or without. A
#: wrong check character is no excuse: a number that was copied badly still is somebody's. Without a day of birth in it,
#: a number of eighteen digits is one of land.
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}[ -]?(?:18|19|20)\d\d[ -]?(?:0[1-9]|1[0-2])[ -]?(?:0[1-9]|[12]\d|3[01])"
    r"[ -]?\d{3}[0-9Xx](?![0-9A-Za-z])",
    re.ASCII,
)
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])", re.ASCII)
_LEFT_OUT = "(left out: it numbers a person)"
_CODE = re.compile(r"[0-9A-Za-z一-鿿][0-9A-Za-z一-鿿_.-]*")


def numbers_a_person(text: str) -> bool:
    """Tell whether a text holds an identity number or the number of a mobile telephone, in digits of any width.

    Raises
    ------
    None

    Examples
    --------
    >>> texts = ("证号320613199001011234", "证号320613199013011234", "宗地320613001001GB00001", "12.5 m")
    >>> [numbers_a_person(text) for text in texts]  # no year has a month 13
    [True, False, False, False]
    """
    plain = unicodedata.normalize("NFKC", text)
    return bool(_IDENTITY.search(plain) or _MOBILE.search(plain))


def masked(value: Any) -> Any:
    """Return a JSON value that numbers no person: texts and whole numbers that do are left out, and said to be.

    Raises
    ------
    InputError
        If a member is named after holders of land, or other persons.

    Examples
    --------
    >>> masked({"message": "line 3: 13912345678", "line": 3, "id": 320613199001011234})
    {'message': '(left out: it numbers a person)', 'line': 3, 'id': '(left out: it numbers a person)'}
    """
    if isinstance(value, str) or type(value) is int:
        return _LEFT_OUT if numbers_a_person(str(value)) else value
    if isinstance(value, Mapping):
        return {_member(str(key)): masked(one) for key, one in value.items()}
    return [masked(one) for one in value] if isinstance(value, list | tuple) else value


def _member(name: str) -> str:
    from gridmap.formats.parcels.holders import tells_of_holders  # as `edtf`: few need what comes with it

    if tells_of_holders(name):
        given = f"a member {name[:40]!r} tells of persons"
        raise InputError(
            given, do="take it out: parties are labels", code="tells_of_persons", values={"name": name[:40]}
        )
    return str(masked(name))


def label(value: str | None, what: str, *, most: int = LABEL_MOST) -> str:
    """Return a text of one line that is there.

    Raises
    ------
    InputError
        If it is missing, has line breaks or other control characters, or numbers a person.
    TooLargeError
        If it is longer than ``most`` characters.
    """
    found = note(value, what, most=most)
    if not found:
        raise InputError(f"there is no {what}", do="give one", code="missing_text", values={"what": what})
    if any(unicodedata.category(letter).startswith("C") for letter in found):
        raise InputError(f"the {what} holds control characters", expected="one line of text", code="control_character")
    return found


def note(value: str | None, what: str, *, most: int = NOTE_MOST) -> str:
    """Return a text, which may be empty.

    Raises
    ------
    InputError
        If it numbers a person, or holds what no record can (a zero character, half a surrogate pair).
    TooLargeError
        If it is longer than ``most`` characters.
    """
    found = (value or "").strip()
    if "\0" in found or any("\ud800" <= letter <= "\udfff" for letter in found):
        raise InputError(f"the {what} holds characters that are none", expected="text", code="control_character")
    if len(found) > most:
        raise TooLargeError(f"the {what} has {len(found)} characters", expected=f"{most} at most", code="text_too_long")
    if numbers_a_person(found):
        raise InputError(
            f"the {what} holds an identity number or a mobile telephone's",
            expected="labels of parties and notes about land, no persons",
            do="take the number out",
            code="numbers_a_person",
            values={"what": what},
        )
    return found


def code(value: str) -> str:
    """Return the code of a case.

    Raises
    ------
    InputError
        If it is none: letters, digits, hyphens, dots, and no path.
    TooLargeError
        If it is too long.

    Examples
    --------
    >>> code("2026-0007")
    '2026-0007'
    """
    found = label(value, "code", most=CODE_MOST)
    if not _CODE.fullmatch(found):
        raise InputError(f"the code {found!r}", expected="letters, digits, - _ ., such as 2026-0007", code="bad_code")
    return found


def edtf(value: str | None, what: str) -> str | None:
    """Return a date as it was written, or None where there is none.

    Raises
    ------
    InputError
        As `gridmap.disputes.dates.parse_edtf`.
    """
    from gridmap.disputes.dates import parse_edtf  # with it comes all of disputes, which few who open a record need

    return parse_edtf(label(value, what)).text if value and value.strip() else None


def file_name(value: str) -> str:
    """Return the name of a file, without folders.

    Raises
    ------
    InputError
        If it is no name that any system takes: empty, dots, with a path or control characters, or it numbers a person.
    TooLargeError
        If it has more than `NAME_MOST` bytes.
    """
    given = unicodedata.normalize("NFC", value)
    if len(given.encode("utf-8", "surrogatepass")) > NAME_MOST:
        raise TooLargeError("the name of the file is too long", expected=f"{NAME_MOST} bytes at most", code="long_name")
    found = label(given, "name of the file", most=NAME_MOST)
    if found in {".", ".."} or set(found) & set('/\\:*?"<>|'):
        raise InputError(f"the name {found!r}", expected="the name of a file without folders", code="bad_file_name")
    return found


def hexadecimal(value: str | None, what: str) -> str | None:
    """Return a SHA-256 in small letters, or None where there is none.

    Raises
    ------
    InputError
        If it is no such hash.
    """
    if value is None or re.fullmatch(r"[0-9a-f]{64}", value.lower()):
        return value.lower() if value else None
    raise InputError(f"the {what} is no SHA-256", expected="64 hexadecimal digits", code="bad_hash")
