"""What findings of a check say, and what would mend them, in Chinese and English."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.maps.words import ANY, column

#: Rules of a check.
_RULES: dict[str, tuple[str, str]] = {
    "invalid": ("图形无效", "invalid shape"),
    "duplicate_code": ("代码重复", "duplicate code"),
    "overlap": ("重叠", "overlap"),
    "gap": ("缝隙", "gap"),
    "outside": ("越界", "outside the territory"),
    "nesting": ("不嵌套", "not nested"),
    "multi_part": ("多块", "several parts"),
    "hole": ("有洞", "hole"),
    "sliver": ("碎条", "sliver"),
    "t_junction": ("缺共用顶点", "vertex on one side only"),
    "orphan_building": ("建筑无网格", "building in no area"),
    "cut_building": ("界线穿楼", "border through a building"),
    "households": ("户数超限", "households off the norm"),
    "residents": ("人数超限", "residents off the norm"),
    "compactness": ("形状不紧凑", "not compact"),
    "name_spelling": ("名称写法不一", "spellings of one name"),
    "barrier": ("跨越屏障", "barrier inside"),
}

#: What each rule says of a place, and what would mend it. ``{all}`` are the areas concerned, ``{one}`` the first,
#: ``{rest}`` the others, ``{id}`` the first code as it is written; a rule with two sides has a sentence for each.
_SAID: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "invalid": (
        ("{one}的图形无效：边线自相交叉、相接或不成面", "the rings of {one} are no valid polygon"),
        (
            "改正边线；被偶数圈边线围住的地块算在外面",
            "mend the rings; the ground that an even number of rings encloses is outside",
        ),
    ),
    "duplicate_code": (
        ("{measured}使用同一代码 {id}", "{measured} bear the code {id}"),
        (
            "只留一个，其余另编代码；或合并为一个区域",
            "give all but one of them codes of their own, or make them one area",
        ),
    ),
    "overlap": (
        ("{all}重叠 {measured}", "{all} overlap by {measured}"),
        ("划给与重叠处共界最长的一方", "give it to the one whose border it shares longest"),
    ),
    "gap": (
        ("{all}旁有 {measured}不属于任何区域", "no area holds {measured} beside {all}"),
        ("划给与之共界最长的相邻区域", "give it to the neighbour whose border it shares longest"),
    ),
    "gap_alone": (("有 {measured}不属于任何区域", "no area holds {measured}"), ("", "")),
    "outside": (
        ("{one}有 {measured}在辖区之外", "{measured} of {one} lie outside the territory"),
        ("沿辖区边界裁去", "cut it off at the border of the territory"),
    ),
    "nesting": (
        ("{one}有 {measured}在所属的{rest}之外", "{measured} of {one} lie outside {rest}, which should hold it"),
        (
            "把该地块划给其所在上级区域的下属区域，或调整{rest}的边界",
            "give the ground to an area inside its own parent, or move the border of {rest}",
        ),
    ),
    "multi_part": (
        ("{one}分成互不相连的 {measured}", "{one} lies in {measured}"),
        (
            "把较小的几块划给相邻区域，或另设为区域",
            "give the smaller parts to their neighbours, or make them areas of their own",
        ),
    ),
    "hole": (
        ("{one}围住 {measured}不属于它的地块", "{one} encloses {measured} that it does not hold"),
        ("把该地块划入，或留出通往它的路", "give it the ground, or open a way to it"),
    ),
    "sliver": (
        (
            "{one}有一处狭条，平均宽 {measured}，处处不宽于 {limit}",
            "{one} has a part that is {measured} wide on average, nowhere wider than {limit}",
        ),
        ("并入共界最长的相邻区域", "merge it into the neighbour with the longest common border"),
    ),
    "t_junction": (
        (
            "{rest}在{one}的界线上有一个顶点，{one}在该处没有",
            "{rest} has a vertex on the border of {one}, which has none there",
        ),
        ("在{one}的界线上补上该顶点", "insert the vertex into the border of {one}"),
    ),
    "orphan_building": (
        ("建筑物 {id} 有 {measured} 在所有区域之外", "{measured} of building {id} lies outside every area"),
        (
            "把它所在的地块划给相邻区域，或更正建筑物",
            "give its ground to the neighbouring area, or correct the building",
        ),
    ),
    "cut_building": (
        (
            "建筑物 {id} 被{rest}之间的界线切开，最小的一份占 {measured}",
            "building {id} is cut by the border between {rest}; the least share is {measured}",
        ),
        ("让界线绕开建筑物", "move the border round the building"),
    ),
    **{
        f"{count}_{side}": said
        for count in ("households", "residents")
        for side, said in {
            "few": (
                ("{one}只有 {measured}，低于标准下限 {limit}", "{one} has {measured}, the norm is at least {limit}"),
                ("与相邻网格合并，或从那里划入楼栋", "merge it with a neighbour, or take buildings from one"),
            ),
            "many": (
                ("{one}有 {measured}，高于标准上限 {limit}", "{one} has {measured}, the norm is at most {limit}"),
                ("拆分，或划出楼栋", "split it, or give buildings away"),
            ),
        }.items()
    },
    "barrier": (
        (
            "{one}内有 {measured}河流、铁路或主干道穿过，限值 {limit}",
            "{measured} of rivers, railways or main roads run through {one}, the limit is {limit}",
        ),
        (
            "沿其分割，或把另一侧划给那里的相邻区域",
            "split it along them, or give what lies beyond them to the neighbour there",
        ),
    ),
    "compactness": (
        (
            "{one}形状狭长或曲折：紧凑度 {measured}，下限 {limit}，正方形为 0.785",
            "{one} is long or ragged: compactness {measured}, the limit is {limit}, a square has 0.785",
        ),
        ("与相邻区域调换地块", "exchange ground with its neighbours"),
    ),
    "name_spelling": (
        ("{all}的名称与名单上的只差一个字", "the name of {all} differs from that on the list in one character"),
        ("请确定哪个名称正确；在此之前不会合并", "say which name is right; they are not joined until somebody does"),
    ),
}

#: Units of a check; a unit without words stands behind its number as it is.
_UNITS: dict[str, tuple[str, str]] = {
    "m2": ("{n} 平方米", "{n} m²"),
    "m": ("{n} 米", "{n} m"),
    "share": ("{n}%", "{n} %"),
    "households": ("{n} 户", "{n} household|{n} households"),
    "residents": ("{n} 人", "{n} resident|{n} residents"),
    "parts": ("{n} 块", "{n} part|{n} parts"),
    "areas": ("{n} 个区域", "{n} area|{n} areas"),
    "characters": ("{n} 个字", "{n} character|{n} characters"),
    "Polsby-Popper": ("{n}", "{n}"),
}

#: How many areas a sentence names before it only counts them.
_NAMED = 5
#: Below this the decimals of a measure matter: slivers of millimetres.
_FEW = 10


def rule_name(rule: str, lang: str) -> str:
    """Return what a rule of a check is called; a rule that is not known is called as it is.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.
    """
    at = column(lang)
    return _RULES[rule][at] if rule in _RULES else rule


def finding_said(finding: Mapping[str, Any], names: Mapping[str, str], lang: str) -> tuple[str, str] | None:
    """Return what a finding says and what would mend it, put together from what was measured.

    Parameters
    ----------
    finding
        ``rule``, ``codes`` (joined by ``;``), ``measured``, ``unit``, ``limit``, as `gridmap.partition.check` tells
        them.
    names
        What areas are called, by their code; others are called by it.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    tuple of str, or None
        None where the rule is not known, or the finding does not hold what its sentence needs: then the message that
        came with it is all there is.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.

    Examples
    --------
    >>> found = {"rule": "overlap", "codes": "1;2", "measured": 1234.5, "unit": "m2", "limit": 5.0}
    >>> finding_said(found, {"1": "东一网格", "2": "东二网格"}, "zh")
    ('东一网格和东二网格重叠 1234 平方米', '划给与重叠处共界最长的一方')
    >>> finding_said(found | {"rule": "unheard of"}, {}, "zh") is None
    True
    """
    codes = [code for code in str(finding["codes"]).split(";") if code]
    numbers = {name: float(finding[name]) for name in ("measured", "limit")}
    which = _sentence(finding["rule"], codes, **numbers)
    if which not in _SAID or not all(map(math.isfinite, numbers.values())) or not (codes or which == "gap_alone"):
        return None
    called = [names.get(code, code) for code in codes] or [""]
    values = {name: _quantity(number, finding["unit"], lang) for name, number in numbers.items()}
    values |= {"all": _listed(called, lang), "rest": _listed(called[1:], lang), "one": called[0]}
    said, mend = (both[column(lang)].format(**values, id="".join(codes[:1])) for both in _SAID[which])
    return said, mend


def _sentence(rule: str, codes: Sequence[str], *, measured: float, limit: float) -> str:
    """Return which sentence a finding takes."""
    if rule in ("households", "residents"):
        return f"{rule}_few" if measured < limit else f"{rule}_many"
    return "gap_alone" if rule == "gap" and not codes else rule


def _quantity(number: float, unit: str, lang: str) -> str:
    """Return a number with its unit: to the thousandth where it is small, without zeros at the end."""
    number = number * 100 if unit == "share" else number
    digits = 3 if abs(number) < _FEW and unit != "share" else 0
    shown = f"{number:.{digits}f}"
    shown = shown.rstrip("0").rstrip(".") if digits else shown
    # the unit of an unknown file is text, never a template
    if unit not in _UNITS:
        return f"{shown} {unit}"
    one, _, more = _UNITS[unit][column(lang)].partition("|")
    return (more if more and shown != "1" else one).format(n=shown)


def _listed(names: Sequence[str], lang: str) -> str:
    """Return names as part of a sentence: all of them, or the first few and how many there are."""
    if len(names) > _NAMED:
        return ANY.one("and_others", lang, names=ANY.one("comma", lang).join(names[:_NAMED]), count=len(names))
    head = ANY.one("comma", lang).join(names[:-1])
    return ANY.one("and", lang).join(filter(None, [head, *names[-1:]]))
