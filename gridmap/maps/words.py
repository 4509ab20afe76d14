"""The words of the map pages, in Chinese and English."""

from __future__ import annotations

from typing import Literal

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
