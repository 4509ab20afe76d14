"""The words of the map pages, in Chinese and English."""

from __future__ import annotations

from typing import Literal

from gridmap.errors import InputError

Lang = Literal["zh", "en"]

#: What goes into ``<html lang>``.
TAGS: dict[str, str] = {"zh": "zh-CN", "en": "en"}

_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "title": "网格图",
        "district": "区县",
        "street": "街道 / 镇",
        "community": "社区 / 村",
        "grid": "网格",
        "micro": "微网格",
        "area": "区域",
        "buildings": "建筑物",
        "streets": "道路",
        "code": "代码",
        "households": "户数",
        "legend": "每{level}户数（户）",
        "plain_legend": "图例",
        "unknown": "不详",
        "on": "{on} 的区划",
        "no_date": "区划日期未注明",
        "source": "数据：{source}",
        "simplified": "界线仅为显示而简化，不可量算（容差约 {metres} 米）",
        "north": "北",
        "zoom_in": "放大",
        "zoom_out": "缩小",
    },
    "en": {
        "title": "Map of grids",
        "district": "District",
        "street": "Street / town",
        "community": "Community / village",
        "grid": "Grid",
        "micro": "Micro-grid",
        "area": "Area",
        "buildings": "Buildings",
        "streets": "Streets",
        "code": "Code",
        "households": "Households",
        "legend": "Households per {level}",
        "plain_legend": "Legend",
        "unknown": "not known",
        "on": "Areas as of {on}",
        "no_date": "Date of the areas not stated",
        "source": "Data: {source}",
        "simplified": "Borders are simplified for display, not to be measured (by up to about {metres} m)",
        "north": "N",
        "zoom_in": "Zoom in",
        "zoom_out": "Zoom out",
    },
}


def word(key: str, lang: str, **values: object) -> str:
    """Return the word of that key in a language; a level of one's own has no entry and is returned as it is.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.

    Examples
    --------
    >>> word("grid", "zh"), word("legend", "en", level="grid"), word("ward", "en")
    ('网格', 'Households per grid', 'ward')
    """
    if lang not in _WORDS:
        raise InputError(f"language {lang!r}", expected="zh or en")
    return _WORDS[lang].get(key, key).format(**values) if key in _WORDS[lang] else key
