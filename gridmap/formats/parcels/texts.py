"""Bytes of text files that offices hand over, in whatever encoding."""

from __future__ import annotations

import codecs
import math
import re
from itertools import islice

from gridmap.formats import encodings
from gridmap.formats.parcels.notes import Notes

#: Bytes in which the zeros of UTF-16 without a mark are looked for, and the share of them that tells.
_SAMPLE, _TELLING = 4096, 0.3
#: Lines with other signs than ASCII's that are looked at: names repeat, and each sign is weighed.
_LINES = 500
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(data: bytes, notes: Notes, *, encoding: str | None = None) -> tuple[str, str]:
    r"""The text of a file and Python's name of its encoding.

    Parameters
    ----------
    data
        The file.
    notes
        Where the decision is noted.
    encoding
        Where it is known; else byte order marks, the zeros of UTF-16, UTF-8, and the likelier of GB18030 and Big5.

    Raises
    ------
    FormatError
        ``E_ENCODING`` with the line where it is not text of the encoding.

    Examples
    --------
    >>> text_of("坐标".encode("utf-16-le") + "=1\n".encode("utf-16-le"), Notes("a.txt"))
    ('坐标=1\n', 'utf-16-le')
    """
    name, why = (encodings.named(encoding), "as stated by the user") if encoding else _told(data)
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        shown = data[error.start : error.start + 8].hex(" ")
        raise notes.stop(
            "E_ENCODING", f"the bytes {shown} are no {name} text; get the file again or state its encoding", line
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise notes.stop("E_ENCODING", "a zero byte in a text file; it is damaged or no text: get it again", line)
    notes.decide("encoding", name, why)
    return text, name


def _told(data: bytes) -> tuple[str, str]:
    """The encoding that the bytes tell, and by what."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, "the file begins with its mark"
    head = data[:_SAMPLE]
    if len(head) > 1:
        if head[1::2].count(0) > _TELLING * len(head[1::2]):
            return "utf-16-le", "every other byte is zero, though there is no mark"
        if head[::2].count(0) > _TELLING * len(head[::2]):
            return "utf-16-be", "every other byte is zero, though there is no mark"
    telling = islice((line for line in data.splitlines() if not line.isascii()), _LINES)
    name = encodings.pieces_encoding(list(telling), cut=False)
    if name == "cp1252":
        # any bytes are western text; here that only means that neither Chinese encoding fits all of them
        return "gb18030", "the usual encoding of land offices"
    return name, "the bytes are valid UTF-8" if name == "utf-8" else "its characters are frequent ones in it"


#: Signs that Chinese keyboards write wide where the format wants the narrow ones. Brackets of names are left alone.
_WIDE = {
    **{0xFF10 + digit: 0x30 + digit for digit in range(10)},
    **{0xFF21 + letter: 0x41 + letter for letter in range(26)},
    **{0xFF41 + letter: 0x61 + letter for letter in range(26)},
    **str.maketrans("．＝＠－＋［］【】\u3000\ufeff", ".=@-+[][]  "),
}


def narrow(text: str) -> str:
    """Text with the signs of the format in half width; a wide comma only where there is no narrow one.

    Raises
    ------
    None

    Examples
    --------
    >>> narrow("Ｊ１，１，３３５２７００．０００"), narrow("5,甲，乙,@")
    ('J1,1,3352700.000', '5,甲，乙,@')
    """
    if text.isascii():
        return text
    plain = text.translate(_WIDE)
    return plain if "," in plain else plain.replace("，", ",")


_NUMBER = re.compile(r"[+-]?(?:\d+\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d+))?")
#: Power of ten of the last digit of a number with an exponent, up to which it is a decimetre or finer.
_FINE = -1


def number(text: str) -> float | None:
    """A coordinate; None for what is none, or was one before a spreadsheet cut it to its first digits.

    Raises
    ------
    None

    Examples
    --------
    >>> number("40520700.25"), number("4.052070025E+07"), number("4.05E+07"), number("9" * 400)
    (40520700.25, 40520700.25, None, None)
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    if found[3] is not None and int(found[3][:6]) - len(found[1] or found[2] or "") > _FINE:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def lines_of(text: str) -> list[str]:
    """The lines of a text, whatever ends them; as editors count them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
