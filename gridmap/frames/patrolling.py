"""Tables of patrols: fixes of posts, the checkpoints that they visit, and their sign-ins there. A post is a crew."""

from __future__ import annotations

from dataclasses import replace

from gridmap.frames.columns import ACCURACY, NAME, Column, Frame, identifier

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d|24:00"

_POST = Column(
    name="post",
    kind="text",
    meaning="duty post on patrol (never a person)",
    required=True,
    code=True,
    synonyms=("岗位", "崗位", "岗位编号", "巡逻岗", "岗", "track_name"),
)
_DEVICE = Column(
    name="device",
    kind="text",
    meaning="code of the machine that sent it: several machines of one post are one patrol",
    code=True,
    synonyms=("设备编号", "终端编号", "终端", "设备", "device_id"),
)

FIXES = Frame(
    name="fixes",
    key=None,
    geometry=("point",),
    columns=(
        _POST,
        Column(
            name="time",
            kind="time",
            meaning="moment of the fix, ISO 8601 with its zone: without it no street counts as walked",
            required=True,
            synonyms=("时间", "時間", "定位时间", "采集时间", "上报时间", "timestamp", "datetime"),
        ),
        _DEVICE,
        ACCURACY,
        Column(
            name="speed_m_s",
            kind="number",
            meaning="speed that the device reports, in metres a second",
            minimum=0,
            synonyms=("速度", "speed"),
        ),
    ),
)

CHECKPOINTS = Frame(
    name="checkpoints",
    key="id",
    geometry=("point",),
    columns=(
        identifier("identifier of the checkpoint", "签到点编号", "打卡点编号"),
        replace(NAME, synonyms=("签到点名称", "点位名称", *NAME.synonyms)),
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
        Column(
            name="every_days",
            kind="number",
            meaning="how often it is due, in days (30: once a month); blank where it is due in each shift",
            minimum=0,
            synonyms=("周期", "巡查周期", "周期天数"),
        ),
        Column(
            name="visits",
            kind="integer",
            meaning="sign-ins that are needed each time",
            minimum=1,
            synonyms=("次数", "签到次数", "应到次数"),
        ),
        Column(
            name="place_in_order",
            kind="integer",
            meaning="its place in the round, where the order is fixed",
            minimum=0,
            synonyms=("顺序", "巡查顺序"),
        ),
    ),
)

SIGNINS = Frame(
    name="signins",
    key=None,
    geometry=("point",),
    placeless=True,
    columns=(
        _POST,
        Column(
            name="checkpoint",
            kind="text",
            meaning="id of the checkpoint",
            required=True,
            code=True,
            synonyms=("签到点", "签到点编号", "打卡点", "打卡点编号", "点位编号"),
        ),
        Column(
            name="time",
            kind="time",
            meaning="moment of the sign-in, ISO 8601 with its zone",
            required=True,
            synonyms=("时间", "時間", "签到时间", "打卡时间", "timestamp", "datetime"),
        ),
        _DEVICE,
        ACCURACY,
    ),
)
