"""The words of the page of cameras, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from gridmap.maps.words import Both, Words

_OWN: dict[str, Both] = {
    "title": ("视频覆盖图", "What cameras see"),
    "on": ("{on} 的覆盖情况", "Coverage as of {on}"),
    "no_date": ("日期未注明", "Date not stated"),
    "shade": ("区域着色", "Shade areas by"),
    "legend": ("可见地面", "Ground that is seen"),
    "legend_shares": ("可见面积占比（%）：{figure}", "Share of the ground, %: {figure}"),
    "recognise": ("分辨", "recognise"),
    "find": ("找见", "find"),
    "detect": ("发现", "detect"),
    "seen": ("仅可见", "seen only"),
    "guaranteed": ("必见", "guaranteed"),
    "nominal": ("标称", "nominal"),
    "possible": ("可能", "possible"),
    "share_none": ("不着色", "nothing"),
    "share_recognise": ("能分辨", "recognise"),
    "share_find": ("能找见及以上", "find or better"),
    "share_detect": ("能发现及以上", "detect or better"),
    "share_seen": ("全部可见", "seen at all"),
    "certainty_said": (
        (
            "高清能分辨、村中能找见、进村能发现；仅可见的像素不足。标称：朝向已知；只知八方位时，必见、标称、可能依次放宽；"
            "朝向不详的只算可能。占比只计标称。"
        ),
        (
            "Seen only: too few pixels to detect anybody. Nominal: the heading is known. Of an octant, ground is"
            " guaranteed, nominal or possible; without a heading, possible alone. Shares count nominal ground."
        ),
    ),
    "cameras_layer": ("摄像机", "Cameras"),
    "blind_layer": ("无人看见的路段", "Streets nobody sees"),
    "ground_layer": ("可见地面", "Seen ground"),
    "shares_layer": ("区域占比", "Shares of areas"),
    "band": ("级别", "Band"),
    "ground": ("面积", "Ground"),
    "share": ("占比", "Share"),
    "share_guaranteed": ("必见占比", "Guaranteed"),
    "share_possible": ("可能占比", "Possible"),
    "all_bands": ("合计", "together"),
    "nothing_known": ("无数据", "nothing is known"),
    "kind": ("类型", "Kind"),
    "fixed": ("固定", "fixed"),
    "ptz": ("云台", "pan-tilt-zoom"),
    "fisheye": ("鱼眼", "fisheye"),
    "status": ("状态", "Status"),
    "online": ("在线", "online"),
    "offline": ("离线", "offline"),
    "heading": ("朝向", "Heading"),
    "degrees": ("{n}°", "{n}°"),
    "octant": ("仅知方位：{octant}", "octant only: {octant}"),
    "all_round": ("全向", "all round"),
    "possible_only": ("朝向不详，只算可能覆盖", "heading not known: possible only"),
    "height": ("高度", "Height"),
    "sees_nothing": ("未见地面", "sees no ground"),
    "not_counted": ("不计入覆盖", "not counted"),
    "camera_kinds": ("标志", "Marks"),
    "mark_known": ("朝向已知", "heading known"),
    "mark_possible": ("只算可能", "possible only"),
    "mark_offline": ("离线", "offline"),
    "cameras_count": ("{count} 台", "{count}"),
    "blind": ("盲区路段", "Blind streets"),
    "blind_said": ("{count} 段无人看见，共 {metres} 米", "Stretches that no camera sees: {count}, {metres} m in all"),
    "unnamed": ("无名路", "unnamed street"),
    "areas_list": ("各区域占比", "Shares of areas"),
    "areas_change": ("占比变化", "Change of shares"),
    "cameras_change": ("摄像机变化", "Cameras that changed"),
    "camera_came": ("新增", "new"),
    "camera_gone": ("撤除", "gone"),
    "camera_moved": ("移位", "moved"),
    "camera_turned": ("改朝向", "turned"),
    "camera_status": ("{old} → {new}", "{old} → {new}"),
    "changes_none": ("无变化", "no change"),
    "old_side": ("前：{on}", "Before: {on}"),
    "new_side": ("后：{on}", "After: {on}"),
    "thinned": (
        "可见地面仅为显示而简化（约 {metres} 米），数字均按精确图形计算",
        "Seen ground is simplified for display (by up to {metres} m); all numbers are of the exact shapes",
    ),
    "possible_count": (
        "{total} 台摄像机中 {count} 台朝向不详，只算可能覆盖",
        "{count} of {total} cameras have no heading: they count as possible only",
    ),
    "offline_count": ("{count} 台离线", "{count} cameras are offline"),
    "refused_count": (
        "{count} 台位置或参数有误，未计算",
        "{count} cameras are not counted: their place or measures cannot be",
    ),
    "moved_count": ("{count} 台由墙上或屋内移出", "{count} cameras were moved clear of walls or onto roofs"),
    "no_places": (
        "此页不含摄像机位置、可见地面和盲区路段",
        "This page holds no places of cameras, no seen ground and no blind streets",
    ),
}


#: Every word of the page.
CAMERAS = Words(own=_OWN)

#: What is said of cameras, and the number that it is said of.
_COUNTS = {
    "possible_count": "possible_only",
    "offline_count": "offline",
    "refused_count": "refused",
    "moved_count": "moved",
}


def counted_said(counts: Mapping[str, int], lang: str) -> tuple[str, ...]:
    """Return how many cameras count, and how, a sentence each; what is none is not said.

    Parameters
    ----------
    counts
        ``total``, ``offline``, ``possible_only``, ``refused``, ``moved``.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.

    Examples
    --------
    >>> counted_said({"total": 40, "possible_only": 2, "offline": 0}, "en")
    ('2 of 40 cameras have no heading: they count as possible only',)
    """
    return tuple(
        CAMERAS.one(key, lang, count=counts[name], total=counts["total"])
        for key, name in _COUNTS.items()
        if counts.get(name)
    )
