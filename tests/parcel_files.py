"""Small files of parcels for tests: a square of 100 m by 66.667 m in Hangzhou, written as offices write it."""

from __future__ import annotations

from collections.abc import Sequence

HEAD = {
    "格式版本号": "1.01版本",
    "坐标系": "2000国家大地坐标系",
    "几度分带": "3",
    "投影类型": "高斯克吕格",
    "计量单位": "米",
    "带号": "40",
    "精度": "0.001",
    "转换参数": "0,0,0,0,0,0,0",
}
PARCEL = "5,0.6667,DK001,东河组,面,,住宅用地,0702,@"
NORTH, EAST = 3352700.0, 40520700.0


def square(
    *, north: float = NORTH, east: float = EAST, ring: int = 1, first: int = 1, wide: float = 100.0
) -> list[str]:
    """The lines of a square's points, closed."""
    corners = [(0, 0), (0, wide), (66.667, wide), (66.667, 0), (0, 0)]
    names = [*range(first, first + 4), first]
    return [
        f"J{name},{ring},{north + up:.3f},{east + right:.3f}" for name, (up, right) in zip(names, corners, strict=True)
    ]


def exchange(points: Sequence[str] | None = None, *, parcel: str = PARCEL, **head: str | None) -> str:
    """An exchange text; keys of the head by name, None leaves one out. Its parcel stands in line 11, points from 12."""
    lines = {**HEAD, **head}
    rows = [f"{key}={value}" for key, value in lines.items() if value is not None]
    return "\r\n".join(["[属性描述]", *rows, "[地块坐标]", parcel, *(square() if points is None else points), ""])
