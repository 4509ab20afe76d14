"""What `gridmap cameras` says of its answers: lines for a screen, rows for JSON, sheets for a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.service.cameras import Covered
    from gridmap.visibility.placement.placing import Proposal

#: Notes that a screen holds.
_SHOWN = 12


def on_sheets(layers: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Layers without shapes: a cell of a spreadsheet is too small for them."""
    return {name: table.drop(columns="geometry", errors="ignore") for name, table in layers.items()}


def said(covered: Covered) -> str:
    """The report as lines for a screen."""
    report = covered.report
    cameras, lines = report["cameras"], []
    lines.append(
        f"{cameras['counted']} of {cameras['total']} cameras count ({cameras['offline']} offline):"
        f" {cameras['heading_known']} with their heading, {cameras['heading_uncertain']} of an octant,"
        f" {cameras['possible_only']} count as possible only, since nobody knows where they look"
    )
    if cameras["refused"] or cameras["moved"]:
        lines.append(f"{cameras['refused']} refused, {cameras['moved']} moved off a wall or onto a roof")
    for certainty, bands in report["ground_m2"].items():
        lines.append(f"{certainty}: " + ", ".join(f"{band} {m2:,.0f} m2" for band, m2 in bands.items()))
    if "street_m" in report:
        streets = report["street_m"]
        seen_m = ", ".join(f"{band} {m:,.0f} m" for band, m in streets["seen_m"].items())
        shares = [_share(streets[name]) for name in ("share", "share_guaranteed", "share_possible")]
        lines.append(
            f"streets: {shares[0]} of {streets['length_m']:,.0f} m are seen ({seen_m}),"
            f" guaranteed {shares[1]}, possibly {shares[2]}"
        )
        lines.append(f"blind: {streets['blind_stretches']} stretches, {streets['blind_m']:,.0f} m")
    lines += _told_beside(report)
    notes = report["notes"]
    lines += [f"note: {_of(note)}{note['what']}" for note in notes[:_SHOWN]]
    if len(notes) > _SHOWN:
        lines.append(f"and {len(notes) - _SHOWN} more notes: the layer notes of --out FILE, or --json, has all")
    return "\n".join(lines)


def _told_beside(report: Mapping[str, Any]) -> list[str]:
    """Lines on how many see streets and places, on rates, and on what changed."""
    lines = []
    if "depth_m" in report:
        depths = ", ".join(f"{number} or more {m:,.0f} m" for number, m in report["depth_m"].items())
        lines.append(f"streets by how many cameras see them: {depths}")
    if "places_seen" in report:
        places = report["places_seen"]
        best = ", ".join(f"{band} {count}" for band, count in places.items() if band not in {"total", "not_seen"})
        lines.append(f"places: {places['total'] - places['not_seen']} of {places['total']} are seen, at best {best}")
    lines += [
        f"rate: {rate['figure']} {rate['count']} of {rate['of']} ({_share(rate['rate'])}), target"
        f" {_share(rate['target'])}: {'kept' if rate['kept'] else 'missed'}"
        + (f"; of {rate['unknown']} it is not known" if rate["unknown"] else "")
        for rate in report["rates"]
        if rate["of"]
    ]
    if "changes_m" in report:
        lines.append(
            f"since then: {report['changes_m']['gained']:,.0f} m of street are seen more,"
            f" {report['changes_m']['lost']:,.0f} m no more"
        )
    return lines


def _of(note: Mapping[str, Any]) -> str:
    """Of whom a note is."""
    if note["cameras"] > 1:
        return f"{note['cameras']} cameras: "
    return "" if note["camera"] is None else f"camera {note['camera']}: "


def _share(value: float | None) -> str:
    return "nothing is known" if value is None else f"{100 * value:.1f} %"


def rows_of(covered: Covered) -> dict[str, Any]:
    """The report and the rows of every layer, as JSON takes them."""
    return covered.report | {name: _plain(table) for name, table in covered.layers.items() if name != "notes"}


def _plain(table: Any) -> list[dict[str, Any]]:
    """Rows without shapes; a point keeps its place."""
    from gridmap.service.camera_layers import plain

    flat = table.drop(columns="geometry", errors="ignore")
    if "geometry" in table and len(table) and table.geom_type.eq("Point").all():
        from gridmap.crs import to_system

        there = to_system(table.geometry, 4490)
        flat = flat.assign(lon=there.x, lat=there.y)
    return plain(flat)


def proposed(made: Proposal) -> dict[str, Any]:
    """Proposals as JSON takes them, with how far from the best they can be."""
    figures = ("streets_m", "before_m", "seen_m", "most_m", "gap", "candidates")
    return {
        "places": _plain(made.poles),
        "must_see": _plain(made.places),
        **{name: getattr(made, name) for name in figures},
        "uncounted": list(made.uncounted),
        "offline": list(made.offline),
    }


def placed(made: Proposal, band: str) -> str:
    """Proposals as lines for a screen."""
    from gridmap.crs import to_system

    poles, there = made.poles, to_system(made.poles.geometry, 4490)
    lines = [
        f"{rank:>3}  {point.x:.6f},{point.y:.6f}  heading {heading:5.1f}  {gain:8.1f} m more  {100 * total:5.1f} %"
        for rank, heading, gain, total, point in zip(
            poles["rank"], poles["heading_deg"], poles["gain_m"], poles["total_share"], there, strict=True
        )
    ]
    share = made.before_m / made.streets_m if made.streets_m else 0.0
    head = f"{len(poles)} places; {band} or better now {made.before_m:,.0f} of {made.streets_m:,.0f} m ({share:.1%})"
    best = "no choice is better" if made.gap == 0 else f"no choice can add {made.gap:.3%} more of what is not seen"
    wanted = made.places
    unseen = [
        f"not seen: {place}: {message}"
        for place, message, seen in zip(wanted["id"], wanted["message"], wanted["seen"], strict=True)
        if not seen
    ]
    if len(wanted):
        unseen.insert(0, f"{len(wanted) - len(unseen)} of {len(wanted)} places that must be seen are seen")
    if made.uncounted:
        unseen.append(
            f"{len(made.uncounted)} cameras are not counted: nobody knows where they look, or they see nothing"
        )
    if made.offline:
        unseen.append(f"{len(made.offline)} cameras are offline and not counted; --status all counts them")
    return "\n".join([head, *lines, f"of {made.candidates:,} candidates {best}", *unseen])
