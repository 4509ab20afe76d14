"""Words of map pages in Chinese and English: those of all pages, and tables of those that one page has of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gridmap.errors import InputError

Lang = Literal["zh", "en"]

#: What goes into ``<html lang>``.
TAGS: dict[str, str] = {"zh": "zh-CN", "en": "en"}

#: A word in Chinese and in English.
Both = tuple[str, str]

#: The words of all pages.
COMMON: dict[str, Both] = {
    "district": ("区县", "District"),
    "street": ("街道 / 镇", "Street / town"),
    "community": ("社区 / 村", "Community / village"),
    "grid": ("网格", "Grid"),
    "micro": ("微网格", "Micro-grid"),
    "area": ("区域", "Area"),
    "buildings_layer": ("建筑物", "Buildings"),
    "streets_layer": ("道路", "Streets"),
    "barriers_layer": ("河流、铁路", "Rivers, railways"),
    "borders_layer": ("{level}界线", "{level} borders"),
    "code": ("代码", "Code"),
    "level": ("层级", "Level"),
    "layers": ("图层", "Layers"),
    "unknown": ("不详", "not known"),
    "undated": ("日期未注明", "date not stated"),
    "too_many": ("{count} 栋建筑物未绘出", "{count} buildings are counted, not drawn"),
    "north": ("北", "N"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "map": ("地图", "Map"),
    "areas_count": ("{count} 个", "{count} areas"),
    "more": ("另有 {count} 项", "and {count} more"),
    "nothing": ("无", "none"),
    "comma": ("、", ", "),
    "and": ("和", " and "),
    "with_code": ("{name}（{code}）", "{name} ({code})"),
    "and_others": ("{names} 等 {count} 个", "{names} and others, {count} in all"),
    "m2": ("{n} 平方米", "{n} m²"),
    "m": ("{n} 米", "{n} m"),
    "per_cent": ("{n}%", "{n} %"),
    "from_to": ("{old} → {new}", "{old} → {new}"),
    "points": ("{n} 个百分点", "{n} points"),
}


def column(lang: str) -> int:
    """Return where the words of a language stand in a table of words.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.

    Examples
    --------
    >>> column("zh"), column("en")
    (0, 1)
    """
    if lang not in TAGS:
        raise InputError(f"language {lang!r}", expected="zh or en")
    return list(TAGS).index(lang)


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of one page: its own, and before them those of all pages."""

    #: words that only this page has, or has instead of the common ones, by their key
    own: dict[str, Both]

    def every(self, lang: str) -> dict[str, str]:
        """Return every word of a language by its key, with its places still open.

        Raises
        ------
        InputError
            If the language is neither ``zh`` nor ``en``.
        """
        at = column(lang)
        return {key: both[at] for key, both in (COMMON | self.own).items()}

    def one(self, key: str, lang: str, **values: object) -> str:
        """Return the word of that key; a level of one's own has no entry and is returned as it is.

        Raises
        ------
        InputError
            If the language is neither ``zh`` nor ``en``.

        Examples
        --------
        >>> words = Words(own={"legend": ("每{level}{figure}", "{figure} per {level}")})
        >>> words.one("grid", "zh"), words.one("legend", "en", level="grid", figure="Staff"), words.one("ward", "en")
        ('网格', 'Staff per grid', 'ward')
        """
        at = column(lang)
        both = self.own.get(key) or COMMON.get(key)
        return both[at].format(**values) if both else key


#: What any page says.
ANY = Words(own={})
