"""Tables of disputes: parcels, claims on land, and the lines proposed to settle them."""

from __future__ import annotations

from dataclasses import replace

from gridmap.frames.columns import ACCURACY, Column, Frame, identifier

_SOURCE = Column(
    name="source", kind="text", meaning="where it comes from", synonyms=("来源", "來源", "数据来源", "资料来源")
)
_PARTY = Column(
    name="party",
    kind="text",
    meaning="who claims or holds it: a village, a group, an office",
    synonyms=("当事方", "权利方", "主张方", "单位", "所属单位"),
)

CLAIMS = Frame(
    name="claims",
    key=None,
    geometry=("polygon", "line"),
    columns=(
        replace(_PARTY, required=True),
        _SOURCE,
        Column(name="date", kind="date", meaning="date of the source", synonyms=("日期", "资料日期", "年份日期")),
        ACCURACY,
    ),
)

CANDIDATES = Frame(
    name="candidates",
    key="id",
    geometry=("line",),
    columns=(identifier("identifier of the proposed line", "方案编号", "方案"), _SOURCE),
)

PARCELS = Frame(
    name="parcels",
    key="id",
    geometry=("polygon",),
    columns=(
        identifier("identifier of the parcel", "宗地编号", "宗地代码", "地块编号", "地块编码", "宗地号"),
        _PARTY,
        _SOURCE,
        ACCURACY,
    ),
)
