"""What is refused about cameras, in English and Chinese: one sentence for each code, filled in."""

from __future__ import annotations

from collections.abc import Mapping

#: What each code means, in English and in Chinese; ``{camera}`` and the like are values of the error.
CAMERA_REFUSALS: Mapping[str, tuple[str, str]] = {
    "no_cameras": ("This service answers from files, which hold no cameras.", "此服务从文件应答，没有摄像机库。"),
    "no_camera": (
        "Camera {camera} is not in force on {day}. /api/cameras lists those that are.",
        "{day} 没有编号为 {camera} 的摄像机。现有摄像机见 /api/cameras。",
    ),
    "no_such_area": (
        "No area in force has the code {area}. /api/areas lists them.",
        "没有代码为 {area} 的生效区域。现有区域见 /api/areas。",
    ),
    "no_area_asked": (
        "Name an area: area=CODE. /api/areas lists them.",
        "请指明区域：area=代码。现有区域见 /api/areas。",
    ),
    "no_band": ("There is no band {band}. There are: {bands}.", "没有 {band} 这一档。可用：{bands}。"),
    "days_unclear": (
        "Name one day (`on`), or two that are compared (`from` and `to`).",
        "请给出一天（on），或相比较的两天（from 和 to）。",
    ),
    "days_reversed": ("{first} is not before {last}.", "{first} 不早于 {last}。"),
    "same_day": ("Both days are {day}. Choose another one to compare with.", "两天都是 {day}，请另选一天来比较。"),
    "camera_without_place": (
        "Camera {camera} has no place: give lon and lat.",
        "摄像机 {camera} 没有位置，请给出 lon 和 lat。",
    ),
    "camera_without_kind": (
        "Camera {camera} is of no kind: fixed, ptz or fisheye.",
        "摄像机 {camera} 没有类型（kind）：fixed 固定、ptz 云台或 fisheye 鱼眼。",
    ),
    "camera_says_other": (
        "Camera {camera}: {words} is nothing that is known of a camera.",
        "摄像机 {camera}：{words} 不是摄像机的属性。",
    ),
    "camera_without_id": ("Each camera needs its id.", "每台摄像机都须有编号。"),
    "nothing_changes": ("Name at least one camera, and each once.", "请至少写一台摄像机，每台只写一次。"),
    "too_many_cameras": ("{given} cameras are more than {most}.", "{given} 台摄像机，超过了上限 {most}。"),
    "stale_camera": (
        "Others changed camera {camera}, or it was there already. Look at it again, and change it from there.",
        "别人已改动摄像机 {camera}，或它早已存在。请重新查看，再从那里改动。",
    ),
    "camera_gone": (
        "Camera {camera} is not there any more. Send it as a new one, without `seen`.",
        "摄像机 {camera} 已不存在。请作为新的提交，不带 seen。",
    ),
    "look_first": (
        "Give `seen`, as it was answered when the camera was looked at.",
        "请给出查看摄像机时返回的 seen。",
    ),
    "key_for_looks": (
        "A key is needed, so that the look can be traced to it.",
        "须有密钥，以便记录是谁查看。",
    ),
}
