"""What is refused about patrols, in English and Chinese: one sentence for each code, filled in."""

from __future__ import annotations

from collections.abc import Mapping

#: What each code means, in English and in Chinese; ``{shift}`` and the like are values of the error.
PATROL_REFUSALS: Mapping[str, tuple[str, str]] = {
    "no_patrols": ("This service answers from files, which hold no patrols.", "此服务从文件应答，没有巡逻记录。"),
    "no_streets": ("No street is in force on that day. Load streets.", "该日没有生效的道路，请先载入道路。"),
    "no_places": ("No service place is in force on that day. Load places.", "该日没有生效的服务设施，请先载入设施。"),
    "no_shift": (
        "The days asked about have no shift {shift}. There are all, day, night, and shifts by name: {shifts}.",
        "所问日期没有班次 {shift}。可用 all、day、night 或班次名称，如：{shifts}。",
    ),
    "too_many_days": (
        "{days} days are more than {most}. Ask for fewer.",
        "{days} 天超过了上限 {most} 天，请缩短时段。",
    ),
    "days_ahead": ("The first shift of {first} is yet to begin.", "{first} 的第一个班次尚未开始。"),
    "compare_unclear": (
        "Name the first day to compare with: compare_from, or old_from on the map.",
        "请给出对比时段的第一天：compare_from（地图上为 old_from）。",
    ),
    "no_alert_place": ("An alert needs its place: lon and lat.", "警情须有位置：lon 和 lat。"),
    "no_start": ("A round needs its start: lon and lat.", "巡逻路线须有起点：lon 和 lat。"),
    "nothing_owed": (
        "Nothing in {area} is owed a visit. Without `minutes` the round goes through all its streets.",
        "{area} 内没有超期未巡的道路。不给 minutes 则规划走遍全部道路的路线。",
    ),
    "no_such_shift": ("That shift of post {post} was not settled.", "岗位 {post} 的该班次尚未结算。"),
    "batch_differs": (
        "Another batch has this number. Give each batch a number of its own.",
        "该批次编号已被另一批数据使用，请为每批数据使用各自的编号。",
    ),
    "datum": (
        "The batch is held: {why}. State the datum that the device uses, and send it under a new number.",
        "该批数据暂不接收，坐标系与声明不符（{why}）。请声明设备实际使用的坐标系，并以新的编号重新发送。",
    ),
    "not_held": ("That track is not held. Nothing was changed.", "该轨迹未被搁置，未作任何更改。"),
    "no_offset": (
        "A clock is set right by offset_s: the seconds to add to it, not 0.",
        "校正时钟须给出 offset_s：应加的秒数，不能为 0。",
    ),
    "no_fixes": ("Post {post} has no fixes in {shift}.", "岗位 {post} 在班次 {shift} 没有定位点。"),
    "fixes_gone": (
        "The fixes of post {post} in {shift} are no longer kept. Its visits stay as they are.",
        "岗位 {post} 在班次 {shift} 的定位点已不再保存，巡逻记录保持不变。",
    ),
    "clock_ahead": (
        "With this offset the last fix would be of {moment}, which is yet to come.",
        "按此偏移，最后一个定位点的时间为 {moment}，尚未到来。",
    ),
    "no_minutes": (
        "Minutes are numbers from 1 to {most}, at most {count} of them.",
        "分钟数为 1 至 {most}，最多 {count} 个。",
    ),
}

#: What a page of patrols tells its reader, in English and in Chinese.
NOTES: Mapping[str, tuple[str, str]] = {
    "held": (
        "Tracks of {count} posts' shifts are held for review and do not count",
        "{count} 个岗位班次的轨迹待核查，未计入",
    ),
    "pending": ("{count} posts' shifts are not matched yet: not known", "{count} 个岗位班次尚未匹配，情况不详"),
    "left_out": (
        "{count} visits are of streets that are no longer in force, and left out",
        "{count} 次巡逻所在道路已不在册，未计入",
    ),
}
