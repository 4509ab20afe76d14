"""Tables of what a territory is made of: areas, buildings, streets, addresses, places."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from gridmap.frames.columns import NAME, VALID, Column, Frame, identifier

_LEVELS = {
    **dict.fromkeys(("区", "县", "區", "縣", "市辖区", "区县", "区级"), "district"),
    **dict.fromkeys(("街道", "镇", "乡", "鎮", "鄉", "乡镇", "镇街", "街道级"), "street"),
    **dict.fromkeys(("社区", "村", "社區", "里", "村居", "村社区", "社区级"), "community"),
    **dict.fromkeys(("网格", "網格", "基础网格", "网格级", "综合网格"), "grid"),
    **dict.fromkeys(("微网格", "微網格", "微格", "微网格级"), "micro"),
}
_HOUSEHOLDS = Column(
    name="households",
    kind="integer",
    meaning="number of households",
    minimum=0,
    synonyms=("户数", "戶數", "住户数", "总户数", "household", "hh"),
)
_RESIDENTS = Column(
    name="residents",
    kind="integer",
    meaning="number of residents",
    minimum=0,
    synonyms=("人数", "人數", "人口", "人口数", "常住人口", "居民数", "population", "pop"),
)


AREAS = Frame(
    name="areas",
    key="code",
    geometry=("polygon",),
    columns=(
        Column(
            name="code",
            kind="text",
            meaning="code of the area",
            required=True,
            code=True,
            synonyms=(
                "编码",
                "編碼",
                "代码",
                "代碼",
                "网格编码",
                "网格代码",
                "区划代码",
                "行政区划代码",
                "社区编码",
                "社区代码",
                "区域编码",
                "adcode",
                "编号",
            ),
        ),
        replace(NAME, synonyms=(*NAME.synonyms, "网格名称", "社区名称", "区域名称", "单位名称")),
        Column(
            name="level",
            kind="text",
            meaning="district, street, community, grid, micro, or a word of your own",
            synonyms=("层级", "層級", "级别", "等级", "网格层级", "类型"),
            words=MappingProxyType(_LEVELS),
        ),
        Column(
            name="parent",
            kind="text",
            meaning="code of the area one level up",
            code=True,
            synonyms=("上级", "上級", "上级编码", "上级代码", "上级网格", "所属社区编码", "父级编码", "parent_code"),
        ),
        _HOUSEHOLDS,
        _RESIDENTS,
        *VALID,
    ),
)

BUILDINGS = Frame(
    name="buildings",
    key="id",
    geometry=("polygon",),
    columns=(
        identifier("identifier of the building", "楼栋编码", "楼栋编号", "建筑编码", "建筑编号", "房屋编号", "osm_id"),
        _HOUSEHOLDS,
        _RESIDENTS,
        Column(
            name="height_m",
            kind="number",
            meaning="height above ground in metres",
            minimum=0,
            maximum=1000,
            synonyms=("高度", "楼高", "建筑高度", "height"),
        ),
        Column(
            name="floors",
            kind="integer",
            meaning="floors above ground",
            minimum=0,
            maximum=250,
            synonyms=("楼层", "樓層", "层数", "楼层数", "地上层数", "floor", "building:levels"),
        ),
    ),
)

STREETS = Frame(
    name="streets",
    key="id",
    geometry=("line",),
    columns=(
        identifier("identifier of the street piece", "道路编码", "道路编号", "路段编号", "osm_id"),
        replace(NAME, synonyms=("道路名称", "路名", "街道名称", *NAME.synonyms)),
        Column(
            name="class",
            kind="text",
            meaning="value of OpenStreetMap's key highway",
            synonyms=("highway", "fclass", "等级", "道路等级", "类别"),
        ),
        Column(
            name="barrier",
            kind="text",
            meaning="what keeps people from crossing: yes, no, or OpenStreetMap's word",
            synonyms=("隔离", "阻隔", "障碍"),
        ),
    ),
)

ADDRESSES = Frame(
    name="addresses",
    key="id",
    geometry=("point",),
    columns=(
        identifier("identifier of the address", "地址编码", "地址编号", "门牌编码"),
        Column(
            name="text",
            kind="text",
            meaning="the standard address in full",
            required=True,
            synonyms=("地址", "标准地址", "標準地址", "详细地址", "地址全称", "门牌地址", "address"),
        ),
        Column(
            name="building",
            kind="text",
            meaning="id of its building",
            code=True,
            synonyms=("楼栋", "楼栋编码", "建筑编码", "building_id"),
        ),
    ),
)

PLACES = Frame(
    name="places",
    key="id",
    geometry=("point",),
    columns=(
        identifier("identifier of the place", "场所编号", "设施编号", "机构编码", "osm_id"),
        Column(
            name="kind",
            kind="text",
            meaning="kind of service",
            required=True,
            synonyms=("类型", "类别", "场所类型", "设施类型", "type", "fclass"),
        ),
        Column(
            name="floor_m2",
            kind="number",
            meaning="floor space in square metres",
            minimum=0,
            synonyms=("建筑面积", "面积", "使用面积"),
        ),
        Column(
            name="staff",
            kind="integer",
            meaning="number of staff",
            minimum=0,
            synonyms=("工作人员", "人员数", "工作人员数", "编制数"),
        ),
    ),
)
