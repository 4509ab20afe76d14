"""What is refused about plans, in English and Chinese: one sentence for each code, filled with what the error tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.api.cameras_words import CAMERA_REFUSALS
from gridmap.api.cases_words import CASE_REFUSALS
from gridmap.api.patrols_words import PATROL_REFUSALS
from gridmap.errors import Fault, GridmapError, TableError

#: How many areas, buildings or plans a sentence names before it only counts the rest.
NAMED = 5

#: Values that are codes of areas, to be called by their names.
_AREAS = frozenset({"area", "areas", "parents"})

#: What each code means, in English and in Chinese; ``{areas}`` and the like are values of the error.
REFUSALS: Mapping[str, tuple[str, str]] = {
    # borders, corners and lines
    "border_of_parents": (
        (
            "The border between {parents} would move too. Stay inside one of them, or allow borders of communities "
            "to move (`across`)."
        ),
        "{parents}之间的界线也会移动。请只在其中一方之内改动，或者允许移动社区边界（across）。",
    ),
    "areas_overlap": (
        "{areas} overlap at {place}. Clean the areas first; the check shows where.",
        "{areas}在 {place} 处重叠。请先清理图形，检查结果里有位置。",
    ),
    "line_too_near": (
        (
            "The line runs so near to the borders at {place} that it is not clear what it crosses. Draw it farther "
            "from them, or along their corners."
        ),
        "线在 {place} 处离界线太近，分不清穿过哪里。请画得离界线远些，或沿着界点画。",
    ),
    "line_crosses_itself": (
        "The line crosses or meets itself near {place}. Draw it anew.",
        "线在 {place} 附近与自身相交或相接，请重画。",
    ),
    "line_of_one": ("There are too few points. Mark more of them.", "点太少，请多画几个点。"),
    "line_does_not_cross": (
        "The line does not cross {area}. Draw it from border to border.",
        "线没有穿过{area}。请从界到界画。",
    ),
    "line_ends_inside": (
        "The line ends at {place} inside {areas}, {metres} m from the border. Draw it on to the border.",
        "线的一端 {place} 在{areas}之内，离界线还有 {metres} 米。请画到界线上。",
    ),
    "line_leaves": (
        "The line leaves {areas} at {place}. Draw it inside their ground, or give ground of a third one first.",
        "线在 {place} 处离开了{areas}。请在两者之内画，或先划出第三方的地块。",
    ),
    "line_does_not_part": (
        (
            "The line would leave {areas} in several parts or without ground. Draw it from border to border, "
            "across the old border where ground changes sides."
        ),
        "按这条线，{areas}会分成几块，或者没有地块。请从界到界画；要换边的地方，线须穿过原来的界线。",
    ),
    "border_as_it_is": (
        "The line is the border of {areas} as it is. Draw another one.",
        "这条线就是{areas}现在的界线，请另画。",
    ),
    "other_pieces": (
        "The line cuts {area} into {pieces} pieces instead of {wanted}. Draw it from border to border, once.",
        "线把{area}切成了 {pieces} 块，应为 {wanted} 块。请从界到界只画一次。",
    ),
    "borders_meet": (
        "{borders} borders meet at {place}: that corner cannot go. Move it, or merge what meets there.",
        "{place} 处有 {borders} 条界线相交，这个界点不能删。可以移动它，或合并相交于此的网格。",
    ),
    "corner_needed": (
        "The corner at {place} is needed: without it a grid would have no ground.",
        "{place} 处的界点不能删：没有它，就有网格失去地块。",
    ),
    "no_corner_there": (
        "There is no corner at {place}. Point at it more exactly, on the plan as it is now.",
        "{place} 处没有界点。请在当前方案上点准一些。",
    ),
    "no_border_there": (
        "There is no border at {place}. Point at it more exactly, on the plan as it is now.",
        "{place} 处没有界线。请在当前方案上点准一些。",
    ),
    "corner_too_near": (
        "The corner would be {metres} m from the one at {place}; at least {least} m are needed. Move that one instead.",
        "新界点离 {place} 处的界点只有 {metres} 米，至少须 {least} 米。请改为移动那个界点。",
    ),
    "corner_there": (
        "There is another corner at {place}. Move it elsewhere, or delete one of both.",
        "{place} 处已有另一个界点。请移到别处，或删去其中一个。",
    ),
    "outer_border": (
        "The corner at {place} lies on the outer border of the territory, which a draft does not move.",
        "{place} 处的界点在辖区的外边界上，方案不能移动外边界。",
    ),
    "outer_shift": (
        (
            "The outer border of the territory would move, which a draft does not do. Load the territory with its "
            "new border and make a draft from that."
        ),
        "辖区的外边界会移动，方案不能这样改。请先载入有新边界的辖区，再由此起草。",
    ),
    "far_away": ("{place} lies far outside the plan.", "{place} 远在方案范围之外。"),
    # what an edit would leave
    "crosses_itself": (
        "The border of {area} would cross or touch itself. Move or draw less far.",
        "{area}的界线会与自身相交或相接。请少移一些，或画得近一些。",
    ),
    "crosses_itself_already": (
        "The border of {area} crosses itself, already before this step. Clean the areas first.",
        "{area}的界线与自身相交，这一步之前就是这样。请先清理图形。",
    ),
    "in_parts": (
        "{area} would fall into {parts} parts. Choose ground along a common border.",
        "{area}会分成 {parts} 块。请选择沿共同界线的地块。",
    ),
    "too_small": (
        "{area} would have {left} m² left; at least {least} m² are needed. If it is to end, merge it with a neighbour.",
        "{area}只剩 {left} 平方米，至少须 {least} 平方米。如要撤销它，请与相邻网格合并。",
    ),
    "too_thin": (
        (
            "The borders of {areas} would come within {metres} m of each other at {place}; at least {least} m are "
            "needed. Draw along the border there, or farther from it."
        ),
        "{areas}的界线在 {place} 处相距只有 {metres} 米，至少须 {least} 米。请沿界线画，或离它远些。",
    ),
    "would_overlap": (
        "Grids would overlap or not share their border at {place}. Move or draw less far.",
        "网格在 {place} 处会重叠，或界线不再共用。请少移一些，或画得近一些。",
    ),
    "overlap_already": (
        "Grids overlap or do not share their border at {place}, already before this step. Clean the areas first.",
        "网格在 {place} 处重叠或界线不共用，这一步之前就是这样。请先清理图形。",
    ),
    "nothing_moves": ("Nothing would change.", "这一步什么也不改变。"),
    "no_ground_left": (
        "{area} would have no ground left. If it is to end, merge it.",
        "{area}会失去全部地块。如要撤销它，请用“合并”。",
    ),
    # who gives what to whom
    "no_area": ("This plan has no area {areas}. Load it again.", "方案里没有{areas}，请重新载入。"),
    "code_taken": ("The code {areas} is in use already.", "代码 {areas} 已被使用。"),
    "merge_of_one": ("Select two or more to merge.", "请选中两个以上再合并。"),
    "not_neighbours": (
        "{areas} have no border in common. Select those between them too.",
        "{areas}没有共同的界线。请把它们之间的也选上。",
    ),
    "own_neighbour": ("{area} is no neighbour of itself.", "{area}不能与自己相邻。"),
    "several_givers": (
        "The ground lies in several: {areas}. Draw it inside one of them.",
        "地块跨了几个：{areas}。请只在其中一个之内画。",
    ),
    "nothing_to_give": (
        "The ground is the receiver's already, or nobody's. Draw it in a neighbour.",
        "地块已属接收一方，或不属于任何网格。请在相邻网格里画。",
    ),
    "ground_crosses_itself": ("The outline crosses itself. Draw it anew.", "地块的轮廓与自身相交，请重画。"),
    "no_building": ("There is no building {buildings}.", "没有编号为 {buildings} 的楼栋。"),
    "buildings_there": (
        "Building {buildings}: in {area} already, or in no grid.",
        "楼栋 {buildings} 已在{area}，或不在任何网格里。",
    ),
    "buildings_out_of_reach": (
        (
            "The ground of building {buildings} ends {metres} m from the neighbour; between them: {between}. Give "
            "those too, or ask for a strip."
        ),
        "楼栋 {buildings} 的地块离相邻网格还有 {metres} 米，中间有楼栋 {between}。请一并划出，或填写走廊宽。",
    ),
    "open_ground_between": (
        "The ground of building {buildings} ends {metres} m from the neighbour, over open ground. Ask for a strip.",
        "楼栋 {buildings} 的地块离相邻网格还有 {metres} 米，中间是空地。请填写走廊宽。",
    ),
    "no_strip": (
        "No strip of {metres} m runs between the other buildings. Ask for a narrower one, or give those between too.",
        "其他楼栋之间没有 {metres} 米宽的走廊。请改窄一些，或把中间的楼栋一并划出。",
    ),
    "strip_width": (
        "A strip is from {least} to {most} m wide.",
        "走廊宽须在 {least} 到 {most} 米之间。",
    ),
    "building_cut": (
        "The border would cut building {buildings}. Give that building too, or not at all.",
        "界线会切开楼栋 {buildings}。请整栋划出，或不划。",
    ),
    "twice": ("{word} is named twice.", "{word} 写了两次。"),
    "too_many_members": ("That is more than {most} at once.", "一次不能超过 {most} 个。"),
    # names, levels, drafts
    "no_text": (
        "A text of 1 to {most} printable characters is needed.",
        "须填 1 到 {most} 个可显示的字符。",
    ),
    "several_levels": (
        "{areas} are of several levels. Merge those of one level.",
        "{areas}不属同一层级，请合并同一层级的。",
    ),
    "other_level": ("{area} is not of the level above.", "{area}不是上一层级的区域。"),
    "no_such_level": (
        "No area is of level {level}. There are: {levels}.",
        "没有层级为 {level} 的区域。现有层级：{levels}。",
    ),
    "no_target": (
        "The households of one area must be a number above 0.",
        "每格目标户数须是大于 0 的数。",
    ),
    "no_day": ("A day is written as 2026-01-31.", "日期应写作 2026-01-31。"),
    "no_box": ("A box is written as bbox=west,south,east,north in degrees.", "范围应写作 bbox=西,南,东,北（度）。"),
    "nothing_in_force": (
        "No area is in force on {day}. Choose another day.",
        "{day} 没有生效的网格。请另选一天。",
    ),
    "no_plan": ("There is no plan {plan}.", "没有编号为 {plan} 的方案。"),
    "no_plans": ("This service answers from files, which hold no plans.", "此服务从文件应答，没有方案库。"),
    "too_many_areas": ("{given} areas are more than {most}.", "{given} 个区域，超过了上限 {most}。"),
    "too_many_drafts": (
        "{most} drafts are open. Discard those that nobody needs.",
        "已有 {most} 份草稿。请先作废不用的。",
    ),
    "too_many_edits": ("The draft has had {most} edits. Copy it to go on.", "草稿已改动 {most} 次。请复制一份再改。"),
    "plans_one_draft_per_name": ("Another draft has that name. Choose another one.", "已有同名草稿，请换一个名称。"),
    "plans_one_plan_per_day": (
        "Another plan comes into force on that day. Choose another day.",
        "另一份方案在这一天生效，请另选一天。",
    ),
    "one_row_per_day": (
        "{given} is in the record already for some of these days.",
        "{given} 在其中几天已有记录。",
    ),
    "plan_areas_pkey": ("The code is another area's in this plan.", "该代码在方案里已属另一个区域。"),
    "plan_edits_pkey": (
        "Somebody else changed the plan at the same time. Try again.",
        "别人同时改动了方案，请再试一次。",
    ),
    "busy": ("Somebody else changed the record at the same time. Try again.", "别人同时改动了数据库，请再试一次。"),
    # steps, versions, publishing
    "stale_version": (
        "Others changed this plan; it is of version {version} now. They changed: {areas}. Look at that, and try again.",
        "别人已改动此方案，现为版本 {version}。改动了：{areas}。请看过之后再试。",
    ),
    "nothing_to_undo": ("No edit is left to be undone.", "没有可撤销的改动。"),
    "nothing_to_redo": ("No edit is left to be done again.", "没有可重做的改动。"),
    "not_a_draft": (
        "This plan is no draft any more: {status}. Copy it to go on.",
        "此方案已不是草稿（{status}）。请复制一份再改。",
    ),
    "base_changed": (
        (
            "The areas in force on {day} are not those that this plan was made from; changed: {areas}. Take that "
            "over, look at the plan, and publish it then."
        ),
        "{day} 生效的网格已不是此方案起草时的样子，改动了：{areas}。请先接收这些改动，看过之后再发布。",
    ),
    "both_changed": (
        "Both this plan and what is in force on {day} changed {areas}. Undo that here, or draft it anew from that day.",
        "此方案与 {day} 生效的网格都改动了{areas}。请在此撤销，或从那一天重新起草。",
    ),
    "overlapping_plan": (
        "{day} is not after the day of {plans}. Choose a later day, or withdraw that plan first.",
        "{day} 不晚于以下方案的生效日期：{plans}。请选更晚的日期，或先撤回那份方案。",
    ),
    "in_force": (
        "This plan is in force since {day}. To change the areas, publish another one.",
        "此方案自 {day} 起已生效。要再改，请另发布一份方案。",
    ),
    "changed_since": (
        "{areas} were changed after this plan was published. Undo that first.",
        "此方案发布之后，{areas}又有改动。请先撤回那些改动。",
    ),
    "not_acceptable": ("That rule cannot be accepted.", "这条规则不能认可。"),
    "blocked": (
        "Findings keep this plan from being published. Mend them, or accept what is lawful here:\n{findings}",
        "有问题未解决，不能发布。请改正，或认可合法的例外：\n{findings}",
    ),
    # cameras
    **CAMERA_REFUSALS,
    # patrols and service places
    **PATROL_REFUSALS,
    # cases of land disputes
    **CASE_REFUSALS,
}

#: The same in Chinese of what is wrong with a file, of which the error's own sentence tells the details in English.
_FILES: Mapping[str, str] = {
    "empty_file": "文件是空的。",
    "empty_layer": "文件里没有要素。",
    "truncated": "文件不完整，请重新取得。",
    "wrong_format": "文件内容与扩展名不符。",
    "broken_json": "文件不是完整的 JSON。",
    "not_geojson": "文件不是 GeoJSON。",
    "broken_zip": "压缩包已损坏。",
    "zip_bomb": "压缩包解开后过大。",
    "password": "压缩包有密码，请先解开。",
    "lfs_pointer": "这只是一个指针文件，不是数据本身。",
    "missing_shx": "压缩包里缺少 .shx 文件。",
    "missing_dbf": "压缩包里缺少 .dbf 文件。",
    "missing_crs": "文件没有说明坐标系。请补上 .prj，或存成 GeoPackage。",
    "crs_contradiction": "坐标与文件所说的坐标系不符。",
    "not_degrees": "坐标不是经纬度，文件又没有说明坐标系。",
    "which_sublayer": "文件里有几个图层，分不清用哪一个。请只留网格图层。",
    "bad_encoding": "文字编码无法识别。",
    "too_large": "文件过大。",
}

#: What is wrong with one feature or column of a file, in Chinese.
_FAULTS: Mapping[str, str] = {
    "missing_column": "缺少字段",
    "unknown_column": "没有这个字段",
    "repeated_column": "字段重名",
    "missing_value": "没有填写",
    "missing_geometry": "没有图形",
    "wrong_geometry": "不是面",
    "broken_geometry": "图形已损坏",
    "invalid_ring": "边线自相交叉或不成面",
    "unclosed_ring": "边线没有闭合",
    "too_few_points": "边线的点太少",
    "zero_area": "没有面积",
    "duplicate_key": "代码与另一个区域重复",
    "duplicate_code": "代码与另一个区域重复",
    "not_a_number": "不是数字",
    "not_a_date": "不是日期",
    "negative": "不能是负数",
    "personal": "含有个人信息，不能载入",
    "unknown_parent": "所属区域既不在文件里，也未生效",
    "missing_parent": "没有所属区域，无法编码：请先载入社区，或在文件里填写所属",
    "missing_level": "没有层级",
    "unknown_code": "没有这个代码",
    "own_parent": "区域属于它自己",
    "empty_validity": "失效日期不晚于生效日期",
    "ragged_row": "列数不对",
}

#: What a plan that is no draft is, or a case that is not open, as a refusal tells it.
_STATUS = {
    "draft": ("a draft", "草稿"),
    "published": ("published", "已发布"),
    "withdrawn": ("withdrawn", "已撤回"),
    "open": ("open", "办理中"),
    "agreed": ("agreed", "已达成协议"),
    "closed": ("closed", "已结案"),
}


def refusal(error: GridmapError, *, chinese: bool) -> str | None:
    """Return what an error refuses in a language; None where there is no sentence for it.

    Raises
    ------
    None

    Examples
    --------
    >>> error = GridmapError("", code="own_neighbour", values={"area": "1"})
    >>> error.names = {"1": "东一网格"}
    >>> refusal(error, chinese=True)
    '东一网格不能与自己相邻。'
    """
    code = "both_changed" if error.code == "base_changed" and "both" in error.values else error.code
    if code not in REFUSALS:
        return _of_file(error) if chinese else None
    said = {name: _said(name, value, error, chinese=chinese) for name, value in error.values.items()}
    return REFUSALS[code][chinese].format(**said)


def _of_file(error: GridmapError) -> str | None:
    """What is wrong with a file, in Chinese, with the details in English behind it."""
    if isinstance(error, TableError):
        return "\n".join([f"有 {len(error.faults)} 处问题，没有执行：", *_fault_lines(error.faults)])
    said = "文件未能读取，没有执行。" if error.code.startswith("E_") else _FILES.get(error.code)
    return f"{said}（{error}）" if said else None


def _fault_lines(faults: Sequence[Fault]) -> list[str]:
    """The first few faults in Chinese, and how many more there are."""
    more = [f"  另有 {len(faults) - NAMED} 处"] if len(faults) > NAMED else []
    return [*(f"  {_fault_line(one)}" for one in faults[:NAMED]), *more]


def _fault_line(one: Fault) -> str:
    places = (("第 {} 个要素", one.feature), ("第 {} 行", one.line), ("字段 {}", one.column))
    where = "、".join(words.format(value) for words, value in places if value is not None)
    said = _FAULTS.get(one.code, one.message)
    return f"{where}：{said}" if where else said


def fault(one: Fault, *, chinese: bool) -> dict[str, Any]:
    """Return one thing that is wrong with a file, its message in a language where there are words for it.

    Raises
    ------
    None

    Examples
    --------
    >>> fault(Fault(code="duplicate_key", message="1: a code that another area has too", feature=7), chinese=True)
    {'code': 'duplicate_key', 'message': '代码与另一个区域重复', 'feature': 7, 'line': None, 'column': None}
    """
    said = _FAULTS.get(one.code) if chinese else None
    return {**vars(one), "message": said or one.message}


def _said(name: str, value: Any, error: GridmapError, *, chinese: bool) -> str:
    """One value in words."""
    if name == "findings":
        return _findings(error, chinese=chinese)
    if name == "status":
        return _STATUS[str(value)][chinese]
    words = [str(one) for one in (value if isinstance(value, Sequence) and not isinstance(value, str) else [value])]
    if name in _AREAS:
        words = [error.names.get(word, word) for word in words]
    return listed(words, chinese=chinese)


def listed(words: Sequence[str], *, chinese: bool) -> str:
    """Return words as part of a sentence: all of them, or the first few and how many there are.

    Raises
    ------
    None

    Examples
    --------
    >>> listed("ab", chinese=False), listed("abcdefg", chinese=False), listed("abcdefg", chinese=True)
    ('a and b', 'a, b, c, d, e and 2 more', 'a、b、c、d、e等 7 个')
    """
    if len(words) > NAMED:
        shown = words[:NAMED]
        return (
            f"{'、'.join(shown)}等 {len(words)} 个" if chinese else f"{', '.join(shown)} and {len(words) - NAMED} more"
        )
    if chinese:
        return "、".join(words)
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _findings(error: GridmapError, *, chinese: bool) -> str:
    """The findings that block a plan, a line each, and how many more there are."""
    rows: Any = error.values["findings"]
    more: Any = error.values.get("more", 0)
    rest = [f"  另有 {more} 处" if chinese else f"  and {more} more"] if more else []
    return "\n".join([*(f"  {finding(row, error.names, chinese=chinese)[0]}" for row in rows), *rest])


def finding(row: Mapping[str, Any], names: Mapping[str, str], *, chinese: bool) -> tuple[str, str]:
    """Return what a finding says and what would mend it, in a language.

    Parameters
    ----------
    row
        A finding, as `gridmap.partition.check` tells it.
    names
        What areas are called, by code.
    chinese
        The language.

    Raises
    ------
    None
    """
    # the words of the maps load their drawing too, which a service that finds nothing wrong never needs
    from gridmap.maps.finding_words import finding_said

    said = finding_said(row, names, "zh" if chinese else "en")
    return said or (str(row.get("message") or row["rule"]), str(row.get("mend") or ""))
