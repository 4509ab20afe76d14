"""The words of the page of grids, in Chinese and English."""

from __future__ import annotations

from gridmap.maps.words import Both, Words
from gridmap.plans.words import KINDS

_OWN: dict[str, Both] = {
    "title": ("网格图", "Map of grids"),
    "findings_layer": ("检查结果", "Findings"),
    "places_layer": ("服务点", "Service points"),
    "shade": ("着色", "Shade by"),
    "legend": ("每{level}{figure}", "{figure} per {level}"),
    "legend_norm": ("标准：{norm}", "Norm: {norm}"),
    "on": ("{on} 的区划", "Areas as of {on}"),
    "no_date": ("区划日期未注明", "Date of the areas not stated"),
    "old_side": ("原：{on}", "Old: {on}"),
    "new_side": ("新：{on}", "New: {on}"),
    "source": ("数据：{source}", "Data: {source}"),
    "simplified": (
        "界线仅为显示而简化，不可量算（容差约 {metres} 米）",
        "Borders are simplified for display, not to be measured (by up to about {metres} m)",
    ),
    "below": ("低于标准", "below the norm"),
    "above": ("高于标准", "above the norm"),
    "changes": ("变更", "Changes"),
    "changes_said": (
        "{count} 项变更；{households} 户更换编码（占 {share}%）",
        "{count} changes; {households} households get another code ({share} %)",
    ),
    "changes_uncounted": ("{count} 项变更", "{count} changes"),
    "changes_none": ("此层级无变更", "No change on this level"),
    "findings": ("检查结果", "Findings"),
    "off_norm": ("未达标准", "Off the norm"),
    "off_norm_none": ("各项均达标准", "All norms are kept"),
    "norm_kept": ("各项达标", "all kept"),
    "norm_broken": ("{count} 项未达标", "{count} not kept"),
    "moves": ("{households} 户更换编码", "{households} households get another code"),
    "passes": ("{area} 平方米", "{area} m²"),
    "mend": ("处理：{mend}", "Mend: {mend}"),
    "stay": ("{households} 户", "{households} households"),
    "lineage": ("变更类型", "Kind of change"),
    "norms": ("达标情况", "Norms kept"),
    "households": ("户数（户）", "Households"),
    "residents": ("人数（人）", "Residents"),
    "buildings": ("楼栋数（栋）", "Buildings"),
    "area_m2": ("面积（平方米）", "Ground, m²"),
    "compactness": ("紧凑度", "Compactness"),
    "staff": ("工作人员（人）", "Staff"),
    "staff_per_10000": ("每万人工作人员（人）", "Staff per 10 000 residents"),
    "floor_m2": ("服务用房（平方米）", "Service floor space, m²"),
    "floor_needed_m2": ("应有服务用房（平方米）", "Floor space needed, m²"),
    "floor_per_100_m2": ("每百户服务用房（平方米）", "Floor space per 100 households, m²"),
    "floor_share": ("服务用房达标率", "Floor space over what is needed"),
    "place_community_centre": ("社区服务中心", "community centre"),
    "place_clinic": ("卫生服务站", "clinic"),
    "place_social_facility": ("社会服务设施", "social facility"),
    "service_m": ("到服务点（米）", "Way to the service point, m"),
}

#: Every word of the page.
GRIDS = Words(own=_OWN | {f"kind_{kind}": both for kind, both in KINDS.items()})
