"""One way of writing for what people write in many: widths, radicals, dashes, punctuation, hidden characters.

Also what must not be kept: telephone and identity numbers that were pasted along with an address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

#: Longer texts are no addresses; nothing in them is looked up.
LONGEST = 200

#: Radicals that look like characters (U+2E80 to U+2EF3) and the characters meant, after Unicode's
#: EquivalentUnifiedIdeograph.txt; NFKC maps the Kangxi radicals (U+2F00 to U+2FD5) but not these.
_RADICALS = dict(
    zip(
        "⺁⺇⺈⺊⺌⺍⺎⺏⺐⺒⺓⺔⺕⺙⺛⺜⺝⺞⺠⺢⺧⺩⺪⺫⺬⺮⺯⺶⺷⺹⺻⺼⺽⻁⻃⻄⻅⻆⻇⻉⻊⻋⻌⻑⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
        "厂几刀卜小小兀尣尢巳幺彑彐攵旡日月歹民水牛王疋目示竹糸羊羊耂聿肉臼虎西西见角角贝足车辶長长门阜阜雨青韦页风飞食食首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
        strict=True,
    )
)

#: The lane of Wu in its other character, a market's sign for a knee-cloth, and what GB 2312 holds though traditional.
_VARIANTS = {"衖": "弄", "巿": "市", "後": "后", "徵": "征", "夥": "伙"}

#: What tables hold where there is nothing to be said, plainly written.
_NOTHING = frozenset({"", "无", "暂无", "不详", "未知", "NULL", "NONE", "NAN", "NA"})

_DASHES = "−~〜～"
_GAP = " "

#: Characters that one may stand for: ㍿ is four; U+FDFA, a sentence of eighteen, would make a long text endless.
_MOST_FOR_ONE = 4

#: Roman numerals that are characters of their own: Ⅱ期 is 2期.
_ROMAN = {first + place: str(place + 1) for first in map(ord, "Ⅰⅰ") for place in range(12)}

#: Half of a character, as badly cut texts hold: no codec takes it.
_SURROGATE = "Cs"


class _Writing(dict[int, str]):
    """What each character is written as: filled as characters are met, by ``str.translate``."""

    def __missing__(self, code: int) -> str:
        meant = _ROMAN.get(code) or unicodedata.normalize("NFKC", chr(code)).upper()
        plain = "".join(map(_written, meant)) if len(meant) <= _MOST_FOR_ONE else _GAP
        self[code] = plain
        return plain


def _written(char: str) -> str:
    """Return a character as it is compared: itself, a dash, a gap between words, or nothing."""
    if unicodedata.category(char) == _SURROGATE:
        return _GAP
    char = _VARIANTS.get(char) or _simplified(_RADICALS.get(char, char))
    category = unicodedata.category(char)
    if category == "Pd" or char in _DASHES:
        return "-"
    if category in {"Cf", "Mn"}:
        return ""
    return char if category[0] in "LN" or char == "#" else _GAP


def _simplified(char: str) -> str:
    """Return the simplified character for a traditional one.

    What GB 2312 holds is left alone: 乾 (乾县), 於 (於潜镇), 著 are written so in simplified names too.
    """
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        converted: str = _converter().convert(char)
        return converted if len(converted) == 1 else char
    return char


@lru_cache(maxsize=1)
def _converter() -> Any:
    """Return what writes traditional characters as simplified; loaded with the first character that needs it."""
    from opencc import OpenCC

    return OpenCC("t2s")


_WRITING = _Writing()

#: Gaps and dashes between words mean nothing; those between digits part them, and so do 一 for a dash and 15之9.
_GAPS = re.compile("[ 一至之-](?:(?<=[ -])[ -]*|(?<=[0-9].)(?=[0-9]))")
_CELLAR = re.compile("[0-9]+[层楼]")

_PERSONAL = re.compile(
    r"(?:(?:联系)?(?:电话|手机|身份证)号?码?|TEL|联系方式)?[ ]{0,3}"
    r"(?<![0-9])(?:"
    r"[1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{2}[ -]?(?:0[1-9]|1[0-2])[0-9]{2}[ -]?[0-9]{3}[0-9X]"
    r"|[1-9][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}"
    r"|[0-9]{14,}X?|[0-9]{4}(?:[ -][0-9]{4}){3}(?:[ -]?[0-9]{1,3}X?)?"
    r"|(?:(?:0086|86)[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"
    r"|(?:(?:0086|86)[ -]?)?0[0-9]{2,3}[ -]?[0-9]{7,8}"
    r")(?![0-9])"
)
_MANY_DIGITS = re.compile(r"[0-9](?:[ -]?[0-9]){9}")


def plain(text: str) -> str:
    """Return a text as it is compared: no numbers of persons, one width, capital letters, no gaps."""
    written = text.translate(_WRITING)
    if _MANY_DIGITS.search(written):
        written = _PERSONAL.sub(_GAP, written)
    return _GAPS.sub(_kept, written)


def plain_and_masked(text: str) -> tuple[str, str]:
    """Return a text as it is compared (`plain`), and as it may be shown (`masked`)."""
    written = text.translate(_WRITING)
    if _MANY_DIGITS.search(written):
        return plain(text), masked(text)
    return _GAPS.sub(_kept, written), text


def says_nothing(written: str) -> bool:
    """Tell whether a plainly written text is empty, or a word for nothing: 无, NULL."""
    return written in _NOTHING


def plain_with_origins(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text as `plain` does, and where in the original each of its characters stood."""
    written, origins = _written_with_origins(text)
    for start, end in _personal(written) if _MANY_DIGITS.search(written) else ():
        written = written[:start] + _GAP * (end - start) + written[end:]
    chars: list[str] = []
    kept: list[tuple[int, int]] = []
    position = 0
    for gap in _GAPS.finditer(written):
        chars.append(written[position : gap.start()])
        kept.extend(origins[position : gap.start()])
        if _kept(gap):
            chars.append("-")
            kept.append((origins[gap.start()][0], origins[gap.end() - 1][1]))
        position = gap.end()
    return "".join(chars) + written[position:], kept + origins[position:]


def masked(text: str) -> str:
    """Return a text with the digits of telephone and identity numbers replaced by asterisks."""
    if not _MANY_DIGITS.search(text.translate(_WRITING)):
        return text
    written, origins = _written_with_origins(text)
    chars = list(text)
    for start, end in _personal(written):
        for place in range(origins[start][0], origins[end - 1][1]):
            if written[start:end] and unicodedata.category(chars[place])[0] in "NL":
                chars[place] = "*"
    return "".join(chars)


def _kept(gap: re.Match[str]) -> str:
    """Return what stands for a gap: a dash between digits or letters and before a cellar's floor, else nothing."""
    begin, start = gap.span()
    before, after = gap.string[max(begin - 1, 0) : begin], gap.string[start : start + 1]
    if before.isdigit() and after.isdigit():
        return "-"
    if "-" not in gap[0]:
        return ""
    cellar = gap[0][-1] == "-" and _CELLAR.match(gap.string, start)
    return "-" if (_joins(before) and _joins(after)) or cellar else ""


def _joins(char: str) -> bool:
    """Tell whether a dash beside this character parts two numbers."""
    return char.isascii() and char.isalnum()


def _written_with_origins(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the characters as written, and the place of each in the original."""
    pairs = [(char, (place, place + 1)) for place, code in enumerate(map(ord, text)) for char in _WRITING[code]]
    return "".join(char for char, _ in pairs), [origin for _, origin in pairs]


def _personal(written: str) -> Iterator[tuple[int, int]]:
    """Return where numbers of persons stand."""
    return (found.span() for found in _PERSONAL.finditer(written))
