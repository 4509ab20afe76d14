"""The tables of gridmap and their columns: what each promises, as data.

Synonyms are what offices and OpenStreetMap call a column; they are looked at where the promised name itself is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from gridmap.errors import InputError

#: What a cell may hold. ``text`` is pandas ``str``, ``integer`` nullable ``Int64``, ``number`` ``float64``, ``date``
#: objects of ``datetime.date`` or None, ``time`` ``datetime64[us, UTC]``, ``choice`` ``str`` out of a fixed list.
Kind = Literal["text", "integer", "number", "date", "time", "choice"]
#: ``point`` one point; ``line`` LineString or MultiLineString; ``polygon`` Polygon or MultiPolygon.
Shape = Literal["point", "line", "polygon"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One promised column."""

    #: the promised name
    name: str
    #: what its cells hold
    kind: Kind
    #: what the column says, with its unit
    meaning: str
    #: whether every row must have a value
    required: bool = False
    #: what a table without the column is taken to say, with a warning; empty where a required column must be there
    default: str = ""
    #: the only values of a ``choice``
    choices: tuple[str, ...] = ()
    #: least value that makes sense
    minimum: float | None = None
    #: greatest value that makes sense
    maximum: float | None = None
    #: what a text must look like, as a regular expression for the whole of it
    pattern: str = ""
    #: whether a text is a code, which spreadsheets like to turn into a number
    code: bool = False
    #: other names of the column, best first
    synonyms: tuple[str, ...] = ()
    #: other words for its values: ``{"球机": "ptz"}``
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What one table promises."""

    #: the table's name
    name: str
    #: its columns, in order; the geometry follows them
    columns: tuple[Column, ...]
    #: shapes its geometry may have
    geometry: tuple[Shape, ...]
    #: the column that tells one row from another (on one day, where rows are dated); None where rows may repeat
    key: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the promised columns, without the geometry."""
        return tuple(column.name for column in self.columns)

    @property
    def dated(self) -> bool:
        """Whether rows are in force from ``valid_from`` (included) to ``valid_to`` (excluded)."""
        return "valid_from" in self.names

    @property
    def pointlike(self) -> bool:
        """Whether its geometry can be made from ``lon`` and ``lat``."""
        return self.geometry == ("point",)

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name; KeyError where the frame has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


#: Names of longitude and latitude in degrees, in pairs.
LON_LAT = (
    ("lon", "lat"),
    ("lng", "lat"),
    ("longitude", "latitude"),
    ("long", "lat"),
    ("经度", "纬度"),
    ("經度", "緯度"),
)

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d|24:00"
_LEVELS = {
    **dict.fromkeys(("区", "县", "區", "縣", "市辖区", "区县", "区级"), "district"),
    **dict.fromkeys(("街道", "镇", "乡", "鎮", "鄉", "乡镇", "镇街", "街道级"), "street"),
    **dict.fromkeys(("社区", "村", "社區", "里", "村居", "村社区", "社区级"), "community"),
    **dict.fromkeys(("网格", "網格", "基础网格", "网格级", "综合网格"), "grid"),
    **dict.fromkeys(("微网格", "微網格", "微格", "微网格级"), "micro"),
}
_CAMERA_KINDS = {
    **dict.fromkeys(("固定", "枪机", "筒机", "固定枪机", "bullet"), "fixed"),
    **dict.fromkeys(("球机", "云台", "快球", "dome"), "ptz"),
    **dict.fromkeys(("鱼眼", "全景"), "fisheye"),
}
_OCTANTS = {
    "东": "E",
    "西": "W",
    "南": "S",
    "北": "N",
    **dict.fromkeys(("东南", "東南"), "SE"),
    **dict.fromkeys(("东北", "東北"), "NE"),
    "東": "E",
    "西南": "SW",
    "西北": "NW",
    **{word.casefold(): word for word in ("N", "NE", "E", "SE", "S", "SW", "W", "NW")},
}
_LIGHTS = {
    **dict.fromkeys(("无", "無", "无补光"), "none"),
    **dict.fromkeys(("红外", "红外补光", "紅外", "infrared"), "ir"),
    **dict.fromkeys(("白光", "白光补光"), "white"),
    **dict.fromkeys(("激光", "激光补光"), "laser"),
}
_YES_NO = {**dict.fromkeys(("是", "有", "true", "1"), "yes"), **dict.fromkeys(("否", "无", "無", "false", "0"), "no")}
_POINT_CLASSES = {
    **dict.fromkeys(("一类", "一类点", "一類"), "1"),
    **dict.fromkeys(("二类", "二类点", "二類"), "2"),
    **dict.fromkeys(("三类", "三类点", "三類"), "3"),
    "其他": "9",
}
_STATUS = {
    **dict.fromkeys(("在线", "正常", "启用"), "online"),
    **dict.fromkeys(("离线", "故障", "停用"), "offline"),
}

_NAME = Column(
    name="name",
    kind="text",
    meaning="name as it is spoken",
    synonyms=("名称", "名稱", "名字", "全称", "NAME_CHN", "mc"),
)
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
_SOURCE = Column(
    name="source", kind="text", meaning="where it comes from", synonyms=("来源", "來源", "数据来源", "资料来源")
)
_ACCURACY = Column(
    name="accuracy_m",
    kind="number",
    meaning="standard error of position in metres",
    minimum=0,
    synonyms=("精度", "定位精度", "中误差", "accuracy", "hdop_m"),
)
_PARTY = Column(
    name="party",
    kind="text",
    meaning="who claims or holds it: a village, a group, an office",
    synonyms=("当事方", "权利人", "权利方", "主张方", "单位", "所属单位"),
)
_VALID = (
    Column(
        name="valid_from",
        kind="date",
        meaning="first day in force",
        synonyms=("生效日期", "启用日期", "开始日期", "有效起始", "start_date"),
    ),
    Column(
        name="valid_to",
        kind="date",
        meaning="first day no longer in force",
        synonyms=("失效日期", "停用日期", "结束日期", "有效截止", "end_date"),
    ),
)


def _id(meaning: str, *synonyms: str) -> Column:
    """Return the column ``id``."""
    common = ("编号", "編號", "编码", "代码", "标识", "标识码", "序号", "gid", "fid", "objectid")
    return Column(name="id", kind="text", meaning=meaning, required=True, code=True, synonyms=(*synonyms, *common))


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
        replace(_NAME, synonyms=(*_NAME.synonyms, "网格名称", "社区名称", "区域名称", "单位名称")),
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
        *_VALID,
    ),
)

BUILDINGS = Frame(
    name="buildings",
    key="id",
    geometry=("polygon",),
    columns=(
        _id("identifier of the building", "楼栋编码", "楼栋编号", "建筑编码", "建筑编号", "房屋编号", "osm_id"),
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
        _id("identifier of the street piece", "道路编码", "道路编号", "路段编号", "osm_id"),
        replace(_NAME, synonyms=("道路名称", "路名", "街道名称", *_NAME.synonyms)),
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
        _id("identifier of the address", "地址编码", "地址编号", "门牌编码"),
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


def _angle(name: str, meaning: str, limits: tuple[float, float], *synonyms: str) -> Column:
    """Return a column of degrees."""
    return Column(name=name, kind="number", meaning=meaning, minimum=limits[0], maximum=limits[1], synonyms=synonyms)


def _length(name: str, meaning: str, *synonyms: str) -> Column:
    """Return a column of a length of any unit."""
    return Column(name=name, kind="number", meaning=meaning, minimum=0, synonyms=synonyms)


CAMERAS = Frame(
    name="cameras",
    key="id",
    geometry=("point",),
    columns=(
        _id("identifier of the camera", "设备编号", "摄像机编号", "点位编号", "监控编号"),
        Column(
            name="code",
            kind="text",
            meaning="20 digits of GB/T 28181",
            code=True,
            synonyms=("设备编码", "国标编码", "国标编号", "设备国标编码"),
        ),
        Column(
            name="height_m",
            kind="number",
            meaning="height above ground in metres",
            minimum=0,
            maximum=1000,
            synonyms=("高度", "安装高度", "架设高度", "height"),
        ),
        _angle(
            "heading_deg", "clockwise from true north", (0, 360), "朝向", "方位角", "水平方位角", "heading", "azimuth"
        ),
        _angle("heading_accuracy_deg", "how far the heading may be off", (0, 180), "方位角精度", "方位角误差"),
        Column(
            name="octant",
            kind="choice",
            meaning="octant of the compass that it looks to, where its heading is not known better",
            choices=("N", "NE", "E", "SE", "S", "SW", "W", "NW"),
            synonyms=("监视方位", "八方位"),
            words=MappingProxyType(_OCTANTS),
        ),
        Column(
            name="direction",
            kind="text",
            meaning="where it looks in words: 朝东, 朝人民路, 全景",
            synonyms=("朝向描述", "监控方向", "监视方向", "拍摄方向", "镜头朝向"),
        ),
        _angle("hfov_deg", "horizontal angle of view", (0, 360), "水平视场角", "视场角", "hfov"),
        _angle("tilt_deg", "angle below the horizon", (-90, 90), "俯角", "俯仰角", "tilt"),
        _angle("vfov_deg", "vertical angle of view", (0, 180), "垂直视场角", "vfov"),
        Column(
            name="width_px",
            kind="integer",
            meaning="pixels across the picture",
            minimum=1,
            synonyms=("水平像素", "分辨率宽", "像素宽度"),
        ),
        Column(
            name="height_px",
            kind="integer",
            meaning="pixels down the picture",
            minimum=1,
            synonyms=("垂直像素", "分辨率高", "像素高度"),
        ),
        _length("focal_mm", "focal length of the lens in millimetres", "焦距", "镜头焦距", "focal_length"),
        _length("sensor_mm", "width of the sensor in millimetres, not its format in inches", "靶面宽度", "传感器宽度"),
        _length("pixel_um", "side of a pixel in micrometres", "像元尺寸", "像素尺寸"),
        _length("dori_detect_m", "distance of the level detect (25 px/m) that the maker states, in metres", "探测距离"),
        _length("range_m", "greatest distance of use in metres", "可视距离", "监控距离", "有效距离", "range"),
        _length("night_m", "distance in metres that its own light reaches", "补光距离", "夜视距离", "红外距离"),
        Column(
            name="light",
            kind="choice",
            meaning="its own light at night",
            choices=("none", "ir", "white", "laser"),
            synonyms=("补光属性", "补光类型", "补光"),
            words=MappingProxyType(_LIGHTS),
        ),
        Column(
            name="lit",
            kind="choice",
            meaning="whether street lamps light what it looks at",
            choices=("yes", "no"),
            synonyms=("路灯照明", "夜间照明"),
            words=MappingProxyType(_YES_NO),
        ),
        _angle(
            "turn_deg", "angle through which it turns, half of it to either side of the heading", (0, 360), "转动范围"
        ),
        Column(
            name="zoom",
            kind="number",
            meaning="optical zoom: longest focal length over shortest",
            minimum=1,
            synonyms=("光学变倍", "变倍", "光学变焦"),
        ),
        Column(
            name="kind",
            kind="choice",
            meaning="how it is mounted",
            required=True,
            default="fixed",
            choices=("fixed", "ptz", "fisheye"),
            synonyms=("类型", "类别", "摄像机类型", "设备类型", "type"),
            words=MappingProxyType(_CAMERA_KINDS),
        ),
        Column(
            name="status",
            kind="choice",
            meaning="whether it works",
            required=True,
            default="online",
            choices=("online", "offline"),
            synonyms=("状态", "狀態", "在线状态", "设备状态"),
            words=MappingProxyType(_STATUS),
        ),
        Column(
            name="point_class",
            kind="choice",
            meaning="class of the point: 1 built by the government, 2 by other offices, 3 by others, 9 anything else",
            choices=("1", "2", "3", "9"),
            synonyms=("监控点位类型", "点位类型", "点位类别"),
            words=MappingProxyType(_POINT_CLASSES),
        ),
        *_VALID,
    ),
)

FIXES = Frame(
    name="fixes",
    key=None,
    geometry=("point",),
    columns=(
        Column(
            name="post",
            kind="text",
            meaning="duty post on patrol (never a person)",
            required=True,
            code=True,
            synonyms=("岗位", "崗位", "岗位编号", "巡逻岗", "岗", "track_name"),
        ),
        Column(
            name="time",
            kind="time",
            meaning="moment of the fix, ISO 8601 with its zone",
            required=True,
            synonyms=("时间", "時間", "定位时间", "采集时间", "上报时间", "timestamp", "datetime"),
        ),
        _ACCURACY,
    ),
)

CHECKPOINTS = Frame(
    name="checkpoints",
    key="id",
    geometry=("point",),
    columns=(
        _id("identifier of the checkpoint", "签到点编号", "打卡点编号"),
        replace(_NAME, synonyms=("签到点名称", "点位名称", *_NAME.synonyms)),
        Column(
            name="opens",
            kind="text",
            meaning="time of day from which a sign-in counts, HH:MM",
            pattern=_CLOCK,
            synonyms=("开始时间", "开放时间"),
        ),
        Column(
            name="closes",
            kind="text",
            meaning="time of day until which a sign-in counts, HH:MM",
            pattern=_CLOCK,
            synonyms=("结束时间", "关闭时间"),
        ),
        Column(
            name="radius_m",
            kind="number",
            meaning="how near counts, in metres",
            minimum=0,
            synonyms=("半径", "签到半径", "radius"),
        ),
    ),
)

PLACES = Frame(
    name="places",
    key="id",
    geometry=("point",),
    columns=(
        _id("identifier of the place", "场所编号", "设施编号", "机构编码", "osm_id"),
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

CLAIMS = Frame(
    name="claims",
    key=None,
    geometry=("polygon", "line"),
    columns=(
        replace(_PARTY, required=True),
        _SOURCE,
        Column(name="date", kind="date", meaning="date of the source", synonyms=("日期", "资料日期", "年份日期")),
        _ACCURACY,
    ),
)

CANDIDATES = Frame(
    name="candidates",
    key="id",
    geometry=("line",),
    columns=(_id("identifier of the proposed line", "方案编号", "方案"), _SOURCE),
)

PARCELS = Frame(
    name="parcels",
    key="id",
    geometry=("polygon",),
    columns=(
        _id("identifier of the parcel", "宗地编号", "宗地代码", "地块编号", "地块编码", "宗地号"),
        _PARTY,
        _SOURCE,
        _ACCURACY,
    ),
)

#: Every table by its name.
FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        frame.name: frame
        for frame in (
            AREAS,
            BUILDINGS,
            STREETS,
            ADDRESSES,
            CAMERAS,
            CHECKPOINTS,
            FIXES,
            PLACES,
            CLAIMS,
            CANDIDATES,
            PARCELS,
        )
    }
)


def frame(name: str) -> Frame:
    """Return what the table of that name promises.

    Parameters
    ----------
    name
        Such as ``"areas"``.

    Raises
    ------
    InputError
        If there is no such table; the message lists those there are.

    Examples
    --------
    >>> frame("areas").key
    'code'
    """
    if name not in FRAMES:
        raise InputError(f"no table is called {name!r}", expected=f"one of {', '.join(FRAMES)}")
    return FRAMES[name]
