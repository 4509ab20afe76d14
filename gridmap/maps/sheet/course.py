"""The course of lines on a sheet: boundary points, the walk in words, and posts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import shapely

from gridmap.disputes.walk import walk
from gridmap.maps.sheet.flow import Flow, heading, paragraph, table
from gridmap.maps.sheet.scene import Scene
from gridmap.maps.sheet.tables import columns, figure, records, section
from gridmap.maps.sheet.words import Voice

#: So few points stand in one table.
_FEW_ROWS = 8


def points(flow: Flow, shown: Scene, say: Voice) -> None:
    """Write the boundary points of each candidate: X is north, Y is east, and the distance to the next.

    Raises
    ------
    Nothing
    """
    heads = columns(say, point_name=16, x_north=28, y_east=28, distance_m=20)
    every = records(shown.points)
    for line in shown.candidates:
        heading(flow, [*say.each("points"), f"{say.line('candidate')} {line.number}: {line.name}"])
        rows = [
            (row["name"], f"{row['x_north']:.3f}", f"{row['y_east']:.3f}", figure(row["distance_m"], 3))
            for row in every
            if row["candidate"] == line.number
        ]
        table(flow, heads, rows, blocks=2 if len(rows) > _FEW_ROWS else 1)


def walks(flow: Flow, shown: Scene, say: Voice) -> None:
    """Write the walk of each candidate in words, in sixteen directions from true north.

    Raises
    ------
    CrsError
        As `gridmap.disputes.walk`.
    """
    if not shown.candidates:
        return
    heading(flow, say.each("walk"))
    for line in shown.candidates:
        own = shown.points[shown.points["candidate"] == line.number]
        steps = [
            walk(_line(part), shown.system, names=part["name"].tolist()) for _, part in own.groupby("part", sort=True)
        ]
        for one in say.alone():
            told = " ".join(_walked(records(each), one) for each in steps)
            paragraph(flow, one.line("walk_of", n=line.number, name=line.name) + told)
    paragraph(flow, say.line("walk_note"))


def _walked(steps: list[dict[Any, Any]], one: Voice) -> str:
    """The walk of one part of a line in one language."""
    way, comma, stop = ("direction_zh", "，", "。") if one.langs == ("zh",) else ("direction", ", ", ".")
    told = [
        one.line("walk_step", way=step[way], metres=f"{step['distance_m']:.2f}", point=step["to"]) for step in steps
    ]
    return one.line("walk_begin", point=steps[0]["from"]) + comma.join(told) + stop


def _line(part: pd.DataFrame) -> Any:
    """The line through points of a table."""
    return shapely.linestrings(part[["y_east", "x_north"]].to_numpy())


def posts(flow: Flow, known: pd.DataFrame, say: Voice) -> None:
    """Write the posts along a line, as `gridmap.disputes.post_table` tells them.

    Raises
    ------
    Nothing
    """
    heads = columns(say, post=24, kind=24, x_north=34, y_east=34, next_m=28, off_m=28)
    rows = [
        (
            row["post"],
            " ".join(say.pick(row["kind_zh"], row["kind"])),
            f"{row['x_north']:.3f}",
            f"{row['y_east']:.3f}",
            figure(row["next_m"]),
            figure(row["off_m"]),
        )
        for row in records(known)
    ]
    section(flow, say, "posts", heads, rows, "no_posts")
