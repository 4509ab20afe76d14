"""Chinese numerals: everyday, formal and short ones, read by words and by places."""

from __future__ import annotations

_DIGITS = {char: place % 10 for place, char in enumerate("零一二三四五六七八九〇壹贰叁肆伍陆柒捌玖")} | {"两": 2}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000}
_SCORES = {"廿": "二十", "卅": "三十"}
NUMERALS = "".join(_DIGITS) + "".join(_TENS) + "".join(_SCORES)


def number(numeral: str) -> int:
    """Return the value of a Chinese numeral, read by places (一二八) or by words (一百二十八).

    Examples
    --------
    >>> number("一百二十八"), number("一二八"), number("十五"), number("廿三"), number("二〇三")
    (128, 128, 15, 23, 203)
    """
    for short, full in _SCORES.items():
        numeral = numeral.replace(short, full)
    if not any(char in _TENS for char in numeral):
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in _TENS:
            total += (digit or 1) * _TENS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
