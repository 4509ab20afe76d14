"""What `gridmap patrols` and `gridmap services` say of their answers: lines for a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.network import Round
    from gridmap.service.patrols import Covered

#: Rows that a screen holds of what may be many.
_SHOWN = 10
_LEAST = 5
#: What takes kilometres away, in words.
_STEPS = {
    "raw": "raw 原始",
    "unusable": "unusable 不可用",
    "duplicates": "duplicates 重复",
    "spikes": "spikes 飞点",
    "gaps": "gaps 断点",
    "stop_wander": "stop wander 驻留漂移",
    "held": "held for review 待核",
    "credited": "credited 有效",
}
_CHINA = "Asia/Shanghai"


def matched_said(report: Mapping[str, Any]) -> str:
    """What was matched, as lines."""
    fixes = report["fixes"]
    lines = [
        f"{_fixes_said(fixes)}, {fixes['on_street']:,} on a street",
        *waterfall_said(report["waterfall"]),
        _walked(report["walked_m"]),
    ]
    return "\n".join([*lines, *held_said(report["held"]), *notes_said(report["notes"])])


def covered_said(covered: Covered) -> str:
    """What was walked, as lines."""
    report = covered.report
    lines = [
        f"shifts of {report['since']} to {report['until']}; what is overdue, as of {_moment(report['now'])}",
        _fixes_said(report["fixes"]),
        *waterfall_said(report["waterfall"]),
        _walked(report["walked_m"]),
        _streets(report["streets_m"]),
        *_areas(covered),
        *_overdue(report["overdue"]),
        *_signins(report),
        *_gap(report),
    ]
    return "\n".join([*lines, *held_said(report["held"]), *notes_said(report["notes"])])


def nearest_said(found: pd.DataFrame) -> str:
    """The posts in the order in which they would be there."""
    sent = int(found["chosen"].sum())
    head = f"{sent} of {len(found)} posts are sent" if sent else "nobody can be sent"
    cells: list[tuple[str, ...]] = [("", "post", "on the way", "by street", "straight", "position", "")]
    cells += map(_post, rows_told(found.head(sent + _SHOWN)))
    more = len(found) + 1 - len(cells)
    return "\n".join([head, *columns_said(cells, "rlrrrrl"), *([f"and {more} more: --json has all"] if more else [])])


def _post(row: Mapping[str, Any]) -> tuple[str, ...]:
    """One post: how soon it would be there, and why it is not sent."""
    way = _known(row["seconds"])
    return (
        "" if not _known(row["rank"]) else str(row["rank"]),
        str(row["post"]),
        _clock(row["seconds"]) if way else "",
        f"{row['metres']:,.0f} m" if way else "",
        "" if not _known(row["straight_m"]) else f"{row['straight_m']:,.0f} m",
        f"{_clock(row['age_s'])} old",
        str(row["reason"]),
    )


def routed_said(made: Round) -> str:
    """A round, as lines: what it comes to, and its streets in order."""
    lines = [f"{made.length_m:,.0f} m in {made.minutes:.0f} minutes, {made.required_m:,.0f} m of them asked for"]
    if made.collected is not None and made.possible:
        lines.append(
            f"works off {made.collected:,.0f} of {made.possible:,.0f} owed ({made.collected / made.possible:.1%});"
            f" no round more than {made.collected_bound or 0:,.0f}, always the nearest next {made.habit or 0:,.0f}"
        )
    else:
        proof = "no round is shorter" if made.gap == 0 else f"no round is shorter by more than {made.gap:.2%}"
        lines.append(f"{proof}: {made.bound_m:,.0f} m at least")
    stops = made.stops
    cells = list(map(_stop, rows_told(stops.head(2 * _SHOWN))))
    lines += columns_said(cells, "rlrl")
    if len(stops) > len(cells):
        lines.append(f"and {len(stops) - len(cells)} more stretches: the layer stops has all")
    lines += [f"sign in at {name} after {at:.0f} min" for name, at in made.signins.itertuples(index=False)]
    if made.unreachable:
        lines.append(f"cannot be reached from the start: {', '.join(made.unreachable)}")
    return "\n".join(lines)


def rows_told(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows by the names of their columns."""
    return [dict(zip(map(str, table.columns), row, strict=True)) for row in table.itertuples(index=False, name=None)]


def waterfall_said(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """From raw to credited kilometres, as a table."""
    cells = [("", "fixes", "km", "left km")]
    for step in steps:
        whole = step["step"] in {"raw", "credited"}
        sign = "" if whole else "-"
        cells.append(
            (
                _STEPS[step["step"]],
                f"{sign}{step['fixes']:,}" if step["fixes"] else "0",
                f"{sign}{step['km']:,.1f}" if step["km"] else "0.0",
                f"{step['left_km']:,.1f}",
            )
        )
    return columns_said(cells, "lrrr")


def held_said(held: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who is held for review, and why."""
    lines = [f"held: {row['message']}" for row in held[:_SHOWN]]
    if len(held) > _SHOWN:
        lines.append(f"and {len(held) - _SHOWN} more are held: the layer held has all")
    if held:
        lines.append("what is held is not credited; once looked at: --accept-held, or --crs for another datum")
    return lines


def notes_said(notes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with fixes."""
    lines = [
        f"note: {note['what']}" + (f" ({note['fixes']} fixes)" if note["fixes"] else "") for note in notes[:_SHOWN]
    ]
    return lines + ([f"and {len(notes) - _SHOWN} more notes: the layer notes has all"] if len(notes) > _SHOWN else [])


def _fixes_said(fixes: Mapping[str, int]) -> str:
    return (
        f"{fixes['read']:,} fixes read, {fixes['in_time']:,} in the time asked about, of {fixes['posts']} posts;"
        f" {fixes['credited']:,} credited"
    )


def _streets(streets: Mapping[str, float]) -> str:
    length = streets["length_m"]
    return (
        f"streets, each metre once: {streets['walked_m']:,.0f} of {length:,.0f} m walked"
        f" ({share_said(_of(streets['walked_m'], length))}); inferred {streets['m_inferred']:,.0f} m, unknown"
        f" {streets['m_unknown']:,.0f} m, never {streets['m_never']:,.0f} m"
    )


def _walked(metres: Mapping[str, float]) -> str:
    told = ", ".join(f"{name} {m / 1000:,.1f} km" for name, m in metres.items())
    return f"walked along streets: {told}; unknown is the likeliest way over a gap, and never credited"


def _areas(covered: Covered) -> list[str]:
    """Shares of the widest areas, shift by shift, and the finest ones of which least was walked."""
    if covered.laid is None:
        return []
    areas, laid = covered.layers["areas"].drop(columns="geometry"), covered.laid
    codes = laid.areas["code"].to_numpy()
    widest = rows_told(areas[areas["code"].isin(codes[laid.parent < 0])])
    cells = [("area", "shift", "walked", "between", "inferred", "unknown", "never")]
    lines = columns_said([*cells, *map(_shares, widest[: 4 * _SHOWN])], "llrrrrr")
    if len(widest) > 4 * _SHOWN:
        lines.append(f"and {len(widest) - 4 * _SHOWN} more: the layer areas has all")
    finest = {*codes} - {*codes[laid.parent[laid.parent >= 0]]}
    told = areas[(areas["shift"] == "all") & areas["code"].isin(finest) & areas["share"].notna()]
    least = told.sort_values("share", kind="stable").head(_LEAST) if len(finest) < len(codes) else told.head(0)
    words = ", ".join(f"{row['code']} {share_said(row['share'])}" for row in rows_told(least))
    return [*lines, f"least walked: {words}"] if words else lines


def _shares(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Shares of one area in one shift."""
    low, high = row.get("share_low"), row.get("share_high")
    between = "" if not (_known(low) and _known(high)) else f"{share_said(low)} - {share_said(high)}"
    name = row.get("name")
    rest = (row["share_inferred"], row["share_unknown"], row["share_never"])
    area = str(row["code"] if not _known(name) else name)
    return area, str(row["shift"]), share_said(row["share"]), between, *map(share_said, rest)


def _overdue(owed: Mapping[str, Any]) -> list[str]:
    """Streets that are owed a visit."""
    lines = [f"overdue: {owed['streets']} streets, {owed['metres']:,.0f} m"]
    if owed["unknown"]:
        lines[0] += f"; of {owed['unknown']} more nobody knows: the record is shorter than the time they are due in"
    for row in owed["first"]:
        idle = "not walked whole since the record began" if row["idle_h"] is None else f"{row['idle_h']:.0f} h ago"
        lines.append(f"  {row['id']} {row.get('name') or ''}: {idle}, due every {row['target_h']:.0f} h")
    return lines


def _signins(report: Mapping[str, Any]) -> list[str]:
    """Sign-ins by status, and the share of what was due."""
    if "signins" not in report:
        return []
    whole = report["completion"][-1]
    told = ", ".join(f"{status} {count}" for status, count in report["signins"].items())
    told += f"; {whole['open']} more may still be made" if whole["open"] else ""
    by = "" if report.get("signins_by") != "track" else " (told from tracks that passed: no sign-ins were given)"
    return [f"sign-ins: {whole['done']} of {whole['due']} due were made ({share_said(whole['share'])}); {told}{by}"]


def _gap(report: Mapping[str, Any]) -> list[str]:
    """Metres that neither a patrol nor a camera covers."""
    if "gap_m" not in report:
        return []
    gap = report["gap_m"]
    share = share_said(_of(gap["neither_m"], gap["of_m"]))
    return [
        f"neither walked nor seen by a camera 双盲: {gap['neither_m']:,.0f} m ({share}) in {gap['stretches']} stretches"
    ]


def _stop(row: Mapping[str, Any]) -> tuple[str, ...]:
    """One stretch of a round: when it is begun, and whether it is owed, walked again, or on the way."""
    kind = "again" if row["again"] else "" if row["required"] else "on the way"
    name = row["street"] if not _known(row["name"]) or not row["name"] else row["name"]
    return f"{row['minutes']:.0f} min", str(name), f"{row['from_m']:.0f}-{row['to_m']:.0f} m", kind


def columns_said(cells: Sequence[Sequence[str]], sides: str = "") -> list[str]:
    """Rows with their cells below each other, each column to its side: ``l`` by default, or ``r``."""
    widths = [max(_width(row[at]) for row in cells) for at in range(len(cells[0]))] if cells else []
    sides = sides.ljust(len(widths), "l")
    return ["  " + "  ".join(map(_padded, row, widths, sides)).rstrip() for row in cells]


def _padded(cell: str, width: int, side: str) -> str:
    """A cell as wide as its column; wide characters take two places."""
    room = " " * (width - _width(cell))
    return room + cell if side == "r" else cell + room


def _width(text: str) -> int:
    """Places that a text takes on a screen."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def share_said(value: Any) -> str:
    """A share in per cent; what is not known is no nought."""
    return "not known" if not _known(value) else f"{100 * value:.1f} %"


def _known(value: Any) -> bool:
    import pandas as pd

    return bool(pd.notna(value))


def _of(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _clock(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"  # noqa: PLR2004 - reads better


def _moment(moment: Any) -> str:
    return f"{moment.tz_convert(_CHINA):%Y-%m-%d %H:%M} (UTC+8)"
