"""What warnings and refusals of a reading are called in Chinese; English says the same with all its figures."""

from __future__ import annotations

#: By code. A text may name figures that `Notes.warn` and `Notes.fault` are given.
CHINESE = {
    # the system of the coordinates
    "W_DATUM_ASSUMED": (
        "文件未说明坐标系，按2000国家大地坐标系读取；如为1980西安或1954北京坐标系会相差30至130米，"
        "请向测绘单位核实并用--crs说明"
    ),
    "W_DATUM_NEEDS_PARAMETERS": (
        "坐标属{datum}，转换参数未公开，坐标保持不变；请提供转换参数或两个以上公共点（--common-points）"
    ),
    "W_PARAMETERS": "转换参数不是七个数，未采用",
    "W_PARAMETERS_UNUSED": "坐标属{datum}，所提供的转换参数未使用",
    "W_HEADER_ZONE_CONTRADICTS_PREFIX": "文件头的带号或中央子午线与坐标带号不符，以坐标前的带号{zone}为准",
    "W_HEADER_WIDTH_CONTRADICTS_PREFIX": "文件头的分带与坐标带号不符，带号{zone}属{width}度带，以此为准",
    "W_UNIT_CONTRADICTS_NUMBERS": "文件所述计量单位与坐标数值不符，以数值为准",
    "W_AXIS_SWAPPED": "坐标次序与文件约定相反，已按数值范围判定",
    "W_POSSIBLY_SHIFTED": (
        "KML坐标应为WGS84，但国内地图导出的可能有偏移（GCJ-02、BD-09，300至1500米）；"
        "请与可靠影像核对，如有偏移请用--crs GCJ-02说明"
    ),
    "W_POSSIBLY_SEXAGESIMAL": (
        "已按十进制度读取，但小数位也可能是分和秒（如120.1256表示120°12′56″）；请与证载面积或地图核对"
    ),
    "W_TOO_FEW_DECIMALS": "经纬度小数位数不足，界址点误差可达{off:.2g}米；请重新导出",
    "W_OUTSIDE_TERRITORY": "{share:.1%}的界址点在辖区之外，最远{farthest:,.1f}米",
    "E_DATUM_UNKNOWN": "坐标系不明或不是国家坐标系，请用--crs说明；地方坐标系须由测绘单位转换",
    "E_UNIT_UNKNOWN": "计量单位不明，应为米或度",
    "E_ZONE_UNKNOWN": "带号无法确定：坐标不带带号或互相矛盾；带号错误会使宗地偏移数百公里，请用--crs或--within说明",
    "E_MIXED_ZONE": "坐标属于不同带号，请按带拆分或换算到同一带",
    "E_HEAD_MIXED": "文件前后所述坐标系不一致（{before}、{here}），请按坐标系拆分文件",
    "E_AXIS_MIXED": "坐标列的次序前后不一致，请按次序拆分文件",
    "E_CRS_CONTRADICTION": "所指定的坐标系与文件不符，请去掉一个或更正文件",
    "E_CRS_UNKNOWN": "坐标系无法识别，请用EPSG编号说明",
    "E_RANGE": "坐标超出合理范围，请检查单位、次序、带号和数值",
    "E_OUTSIDE_TERRITORY": "全部界址点都在辖区之外：中央子午线、坐标系或文件有误",
    # rings and areas
    "W_RING_NOT_CLOSED": "界址圈首尾不闭合，已自动闭合",
    "W_RING_NUMBER_REPEATED": "同一圈号下有多个闭合圈，已分为各自的圈",
    "W_DUPLICATE_POINT": "与上一点重合，已略去",
    "W_POINT_NAME_REPEATED": "点号{name}在同一圈中重复，请核对两行",
    "W_COUNT_MISMATCH": "所述界址点数为{declared}，实有{found}行",
    "W_AREA_MISMATCH": "所述面积{declared:.2f}平方米，图形面积{found:.2f}平方米，二者不符",
    "W_AREA_UNREADABLE": "所述面积不是面积，未采用",
    "W_AREA_UNIT_m2": "所述面积{declared:g}的单位应为平方米，图形面积{found:.2f}平方米",
    "W_AREA_UNIT_mu": "所述面积{declared:g}的单位应为亩，图形面积{found:.2f}平方米",
    "W_AREA_UNIT_ha": "所述面积{declared:g}的单位应为公顷，图形面积{found:.2f}平方米",
    "W_DUPLICATE_ID": "宗地编号重复",
    "W_LINE": "线未闭合，不是宗地，按线保留",
    "W_NESTED_PARCELS": "此界线位于另一界线之内，图形未说明是否为内环，二者均按宗地保留",
    "W_NO_PARCEL": "此要素不是面也不是线，已略去",
    "W_HIDDEN": "隐藏的工作表或关闭、冻结的图层也已读取，可用--sublayer指定",
    "E_RING_TOO_SHORT": "界址点太少：面至少三个不同的点，线至少两个",
    "E_SELF_INTERSECTION": "界址线自相交或相接触",
    "E_ZERO_AREA": "界址圈没有面积",
    "E_NO_PARCEL": "没有可读的宗地",
    # lines, rows and columns
    "E_NUMBER": "不是坐标值",
    "E_POINT_BEFORE_PARCEL": "界址点行之前没有地块行",
    "E_POINT_COLUMNS": "界址点行的列数不对，应为点号、圈号和两个坐标",
    "E_PARCEL_COLUMNS": "地块行的字段数或图形属性不对，@前应有8、10或13个字段，图形属性为面或线",
    "E_COLUMNS_TWICE": "坐标列重复：左右两栏或两套坐标并列，请上下排列或只留一套",
    "E_COLUMN": "没有该字段",
    "E_HOLDER": "该字段是权利人姓名，不予保存；当事方只用称谓",
    "E_CSV": "该行引号未闭合或单元格过长",
    # the file
    "E_ENCODING": "文字编码无法识别或文件损坏，请重新获取或用--encoding说明",
    "E_BAD_ENCODING": "文字编码无法识别或文件损坏，请重新获取或用--encoding说明",
    "E_TOO_LARGE": "文件、点数或图块过大，请拆分",
    "E_UNREADABLE": "文件无法读取，可能损坏，请重新获取或导出",
    "E_EMPTY_FILE": "文件为空，请重新获取",
    "E_EMPTY_LAYER": "图层没有要素",
    "E_LFS_POINTER": "这是Git-LFS指针而不是数据",
    "E_DWG": "DWG图形无法读取，请在AutoCAD或CASS中另存为DXF（AutoCAD 2010）",
    "E_PICTURE": "这是图片，请用gridmap parcels georeference按控制点配准",
    "E_BROKEN_XML": "XML有误或文件不完整，请重新导出",
    "E_XML_ENTITIES": "XML带有文档类型声明，不予读取，请去掉后导出",
    "E_BROKEN_ZIP": "压缩包损坏，请重新获取",
    "E_ZIP_BOMB": "压缩包解开后过大，不予读取",
    "E_NO_SUBLAYER": "没有所指定的图层或工作表",
    "E_WHICH_SUBLAYER": "文件有多个图层，请用--sublayer指定",
    "E_WRONG_FORMAT": "文件内容与扩展名不符",
    "E_UNKNOWN_ENDING": "不支持此扩展名的文件",
    "E_DATUM_PARAMETERS": "转换参数或公共点不可用，请核对",
}
#: Of codes of readers of other tables than parcels.
OTHERWISE = {"W": "请注意英文说明", "E": "文件不符合要求，请按英文说明更正或重新获取"}


def chinese(code: str, **values: object) -> str:
    """What a code is called in Chinese.

    Parameters
    ----------
    code
        Of a warning (``W_``) or a refusal (``E_``).
    values
        Figures that the text names.

    Raises
    ------
    None

    Examples
    --------
    >>> chinese("W_COUNT_MISMATCH", declared=9, found=5)
    '所述界址点数为9，实有5行'
    >>> chinese("E_TRUNCATED")
    '文件不符合要求，请按英文说明更正或重新获取'
    """
    return CHINESE.get(code, OTHERWISE[code[0]]).format(**values)
