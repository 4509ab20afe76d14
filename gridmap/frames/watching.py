"""The table of cameras: where they stand, where they look, what their pictures are."""

from __future__ import annotations

from types import MappingProxyType

from gridmap.frames.columns import VALID, Column, Frame, identifier

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
        identifier("identifier of the camera", "设备编号", "摄像机编号", "点位编号", "监控编号"),
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
        *VALID,
    ),
)
