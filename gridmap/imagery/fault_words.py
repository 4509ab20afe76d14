"""Every fault that control points can have: how grave it is, and what it is called in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FaultKind:
    """A kind of fault."""

    #: ``error``: no warp is made; ``warning``: one is made, and is not fit to measure on
    severity: str
    #: what is wrong and what to do
    en: str
    zh: str


#: By code; a text may name `count`, `least`, `limit`, `measured`.
FAULTS = {
    "too_few": FaultKind(
        severity="error",
        en="{measured} control points, {least} are needed for this method; add some",
        zh="控制点只有 {measured} 个，此方法至少需要 {least} 个，请补点",
    ),
    "incomplete": FaultKind(
        severity="error",
        en="the point lacks its pixel or its place; complete it or take it out",
        zh="控制点缺少图像坐标或地面坐标，请补全或删除",
    ),
    "duplicate_pixel": FaultKind(
        severity="error",
        en="points share one pixel; keep one of them",
        zh="多个控制点的图像坐标相同，请只保留一个",
    ),
    "duplicate_ground": FaultKind(
        severity="error",
        en="points share one place on the ground; keep one of them",
        zh="多个控制点的地面坐标相同，请只保留一个",
    ),
    "collinear": FaultKind(
        severity="error",
        en="the points lie on one line, on the scan or on the ground; add one well beside it",
        zh="控制点（在图像上或地面上）共线，请在线外补点",
    ),
    "undefined": FaultKind(
        severity="error",
        en="the points do not define a warp of this order; spread them, or take a lower order",
        zh="控制点的分布不能确定此阶次的变换，请分散布点或降低阶次",
    ),
    "outside_image": FaultKind(
        severity="error",
        en="the point lies outside the scan; correct its pixel and line",
        zh="控制点落在图像之外，请改正图像坐标",
    ),
    "y_sign": FaultKind(
        severity="error",
        en="lines are counted upwards, or both ways: the picture would be mirrored; count them down from the top",
        zh="行号自下而上计数或正负混用，影像会被镜像，请统一为自上而下计数",
    ),
    "axes_swapped": FaultKind(
        severity="error",
        en="x holds northings and y eastings: the picture would be mirrored; exchange the two",
        zh="x 为北坐标、y 为东坐标，影像会被镜像，请对调两列",
    ),
    "outlier": FaultKind(
        severity="warning",
        en="the point contradicts the others by {measured:.1f} m; look at it again",
        zh="控制点与其余各点相差 {measured:.1f} 米，请复核",
    ),
    "folded": FaultKind(
        severity="warning",
        en="{measured:.1%} of the picture is folded over; add points there, or take a lower order",
        zh="{measured:.1%} 的影像发生折叠，请在该处补点或降低阶次",
    ),
    "residual_too_high": FaultKind(
        severity="warning",
        en="an even scale misses the points by {measured:.1%} of their extent, over {limit:.0%}; look for a wrong one",
        zh="按统一比例尺拟合的残差占范围的 {measured:.1%}，超过 {limit:.0%}，请查找错点",
    ),
    "area_distorted": FaultKind(
        severity="warning",
        en="areas are swollen or shrunk up to {measured:.1f} times, more than {limit:.1f}; look for a wrong point",
        zh="面积局部变形达 {measured:.1f} 倍，超过 {limit:.1f} 倍，请查找错点",
    ),
    "angle_distorted": FaultKind(
        severity="warning",
        en="angles are changed by up to {measured:.0f} degrees, more than {limit:.0f}; look for a wrong point",
        zh="角度局部变形达 {measured:.0f} 度，超过 {limit:.0f} 度，请查找错点",
    ),
    "sheared": FaultKind(
        severity="warning",
        en="the scan is stretched {measured:.1f} times as much one way as the other, more than {limit:.1f}",
        zh="影像一个方向的拉伸是另一方向的 {measured:.1f} 倍，超过 {limit:.1f} 倍",
    ),
    "mask_missing": FaultKind(
        severity="warning",
        en="the annotation has no outline of the map",
        zh="标注没有图幅范围",
    ),
    "mask_too_few": FaultKind(
        severity="error",
        en="the outline of the map has {measured} corners, at least 3 are needed",
        zh="图幅范围只有 {measured} 个角点，至少需要 3 个",
    ),
    "mask_repeated_point": FaultKind(
        severity="warning",
        en="the outline of the map repeats a corner",
        zh="图幅范围有重复角点",
    ),
    "mask_self_intersection": FaultKind(
        severity="error",
        en="the outline of the map crosses itself",
        zh="图幅范围自相交",
    ),
    "mask_outside_image": FaultKind(
        severity="warning",
        en="the outline of the map leaves the scan",
        zh="图幅范围超出图像",
    ),
    "outside_mask": FaultKind(
        severity="warning",
        en="the point lies far outside the outline of the map",
        zh="控制点远在图幅范围之外",
    ),
    "crs_unknown": FaultKind(
        severity="warning",
        en="nobody says the coordinate system: metres are assumed and the picture cannot be laid over others; state it",
        zh="坐标系不明，按米处理，影像无法与其他图层叠加，请说明坐标系",
    ),
}
