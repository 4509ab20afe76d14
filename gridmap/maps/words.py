"""The words of the map pages, in Chinese and English."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from gridmap.errors import InputError
from gridmap.plans.words import KINDS

Lang = Literal["zh", "en"]

#: What goes into ``<html lang>``.
TAGS: dict[str, str] = {"zh": "zh-CN", "en": "en"}

_PAGE: dict[str, tuple[str, str]] = {
    "title": ("网格图", "Map of grids"),
    "district": ("区县", "District"),
    "street": ("街道 / 镇", "Street / town"),
    "community": ("社区 / 村", "Community / village"),
    "grid": ("网格", "Grid"),
    "micro": ("微网格", "Micro-grid"),
    "area": ("区域", "Area"),
    "buildings_layer": ("建筑物", "Buildings"),
    "streets_layer": ("道路", "Streets"),
    "barriers_layer": ("河流、铁路", "Rivers, railways"),
    "findings_layer": ("检查结果", "Findings"),
    "places_layer": ("服务点", "Service points"),
    "borders_layer": ("{level}界线", "{level} borders"),
    "code": ("代码", "Code"),
    "shade": ("着色", "Shade by"),
    "level": ("层级", "Level"),
    "layers": ("图层", "Layers"),
    "legend": ("每{level}{figure}", "{figure} per {level}"),
    "legend_norm": ("标准：{norm}", "Norm: {norm}"),
    "unknown": ("不详", "not known"),
    "on": ("{on} 的区划", "Areas as of {on}"),
    "no_date": ("区划日期未注明", "Date of the areas not stated"),
    "old_side": ("原：{on}", "Old: {on}"),
    "new_side": ("新：{on}", "New: {on}"),
    "undated": ("日期未注明", "date not stated"),
    "source": ("数据：{source}", "Data: {source}"),
    "simplified": (
        "界线仅为显示而简化，不可量算（容差约 {metres} 米）",
        "Borders are simplified for display, not to be measured (by up to about {metres} m)",
    ),
    "too_many": ("{count} 栋建筑物未绘出", "{count} buildings are counted, not drawn"),
    "north": ("北", "N"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "map": ("地图", "Map"),
    "below": ("低于标准", "below the norm"),
    "above": ("高于标准", "above the norm"),
    "areas_count": ("{count} 个", "{count} areas"),
    "changes": ("变更", "Changes"),
    "changes_said": (
        "{count} 项变更；{households} 户更换编码（占 {share}%）",
        "{count} changes; {households} households get another code ({share} %)",
    ),
    "changes_uncounted": ("{count} 项变更", "{count} changes"),
    "changes_none": ("此层级无变更", "No change on this level"),
    "findings": ("检查结果", "Findings"),
    "off_norm": ("未达标准", "Off the norm"),
    "off_norm_none": ("各项均达标准", "All norms are kept"),
    "norm_kept": ("各项达标", "all kept"),
    "norm_broken": ("{count} 项未达标", "{count} not kept"),
    "more": ("另有 {count} 项", "and {count} more"),
    "moves": ("{households} 户更换编码", "{households} households get another code"),
    "passes": ("{area} 平方米", "{area} m²"),
    "and_others": ("{names} 等 {count} 个", "{names} and others, {count} in all"),
    "nothing": ("无", "none"),
    "mend": ("处理：{mend}", "Mend: {mend}"),
    "comma": ("、", ", "),
    "and": ("和", " and "),
    "with_code": ("{name}（{code}）", "{name} ({code})"),
    "old_code": ("原编码", "Old code"),
    "new_code": ("新编码", "New code"),
    "stay": ("{households} 户", "{households} households"),
    "close": ("关闭", "Close"),
    "lineage": ("变更类型", "Kind of change"),
    "norms": ("达标情况", "Norms kept"),
    "households": ("户数（户）", "Households"),
    "residents": ("人数（人）", "Residents"),
    "buildings": ("楼栋数（栋）", "Buildings"),
    "area_m2": ("面积（平方米）", "Ground, m²"),
    "compactness": ("紧凑度", "Compactness"),
    "staff": ("工作人员（人）", "Staff"),
    "staff_per_10000": ("每万人工作人员（人）", "Staff per 10 000 residents"),
    "floor_m2": ("服务用房（平方米）", "Service floor space, m²"),
    "floor_needed_m2": ("应有服务用房（平方米）", "Floor space needed, m²"),
    "floor_per_100_m2": ("每百户服务用房（平方米）", "Floor space per 100 households, m²"),
    "floor_share": ("服务用房达标率", "Floor space over what is needed"),
    "place_community_centre": ("社区服务中心", "community centre"),
    "place_clinic": ("卫生服务站", "clinic"),
    "place_social_facility": ("社会服务设施", "social facility"),
    "service_m": ("到服务点（米）", "Way to the service point, m"),
}

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

_WORDS: dict[str, dict[str, str]] = {
    lang: {
        **{key: both[at] for key, both in _PAGE.items()},
        **{f"kind_{kind}": both[at] for kind, both in KINDS.items()},
        **{f"rule_{rule}": both[at] for rule, both in _RULES.items()},
    }
    for at, lang in enumerate(TAGS)
}


def word(key: str, lang: str, **values: object) -> str:
    """Return the word of that key in a language; a level of one's own has no entry and is returned as it is.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.

    Examples
    --------
    >>> word("grid", "zh"), word("legend", "en", level="grid", figure="Households"), word("ward", "en")
    ('网格', 'Households per grid', 'ward')
    """
    words = all_words(lang)
    return words[key].format(**values) if key in words else key


def all_words(lang: str) -> dict[str, str]:
    """Return every word of a language by its key, with its places still open.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.
    """
    if lang not in _WORDS:
        raise InputError(f"language {lang!r}", expected="zh or en")
    return _WORDS[lang]


def rule_name(rule: str, lang: str) -> str:
    """Return what a rule of a check is called; a rule that is not known is called as it is.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.
    """
    return all_words(lang).get(f"rule_{rule}", rule)


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
    said, mend = (both[list(TAGS).index(lang)].format(**values, id="".join(codes[:1])) for both in _SAID[which])
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
    one, _, more = _UNITS[unit][list(TAGS).index(lang)].partition("|")
    return (more if more and shown != "1" else one).format(n=shown)


def _listed(names: Sequence[str], lang: str) -> str:
    """Return names as part of a sentence: all of them, or the first few and how many there are."""
    if len(names) > _NAMED:
        return word("and_others", lang, names=word("comma", lang).join(names[:_NAMED]), count=len(names))
    head = word("comma", lang).join(names[:-1])
    return word("and", lang).join(filter(None, [head, *names[-1:]]))
