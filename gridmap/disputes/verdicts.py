"""The lines of parties beside each other: how far apart, and whether that is more than survey error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.disputes.deviation import deviations
from gridmap.disputes.fronts import Fronts
from gridmap.disputes.ground import Ground
from gridmap.disputes.limits import Limits
from gridmap.disputes.survey import judge, limit, offset_error


def lines_table(met: Fronts, own: Ground, *, limits: Limits) -> gpd.GeoDataFrame:
    """Return the lines of all pairs of parties, compared on their common extent.

    Returns
    -------
    GeoDataFrame
        ``a``, ``b``, then as `deviations`, with ``mean_offset_error_m`` (the standard error of the mean offset), then
        as `judge`; ``limit_m`` (twice the standard error of one point), ``assumed`` (whether the error of either is
        assumed), ``said`` and ``said_zh``; both lines, in local metres.

    Raises
    ------
    Nothing
    """
    errors = own.errors.combined[met.a], own.errors.combined[met.b]
    apart = deviations(met.line_a, met.line_b, step_m=limits.profile_m)
    judged = judge(
        met.line_a,
        met.line_b,
        error_a=errors[0],
        error_b=errors[1],
        alpha=limits.alpha,
        survey_m=limits.survey_m,
    )
    table = pd.concat([apart, judged.drop(columns=["apart_m", "common_m"])], axis=1)
    parts = [(each[met.a], each[met.b]) for each in (own.errors.independent, own.errors.common)]
    error = offset_error(met.line_a, met.line_b, errors=parts[0], common=parts[1])
    table.insert(1, "mean_offset_error_m", error)
    table.insert(0, "a", [own.parties[k] for k in met.a])
    table.insert(1, "b", [own.parties[k] for k in met.b])
    table["limit_m"] = limit(*errors)
    table["assumed"] = own.errors.assumed[met.a] | own.errors.assumed[met.b]
    rows = table.to_dict("records")
    table["said"] = [said(row) for row in rows]
    table["said_zh"] = [said_zh(row) for row in rows]
    both = [shapely.multilinestrings([one, other]) for one, other in zip(met.line_a, met.line_b, strict=True)]
    return gpd.GeoDataFrame(table, geometry=np.array(both, dtype=object))


def said(row: Mapping[Any, Any]) -> str:
    """Return a verdict in a sentence.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> said({"verdict": "beyond", "beyond_m": 0.131, "over_m": 20.0, "tolerance_m": 0.169, "hausdorff_m": 0.3})
    'beyond survey error (0.169 m) by 0.131 m over 20.0 m'
    """
    if np.isnan(row["hausdorff_m"]):
        return "the lines have no common extent: nothing to compare"
    reach = f"({row['tolerance_m']:.3f} m)"
    if row["verdict"] == "beyond":
        return f"beyond survey error {reach} by {row['beyond_m']:.3f} m over {row['over_m']:.1f} m"
    if row["verdict"] == "cannot_decide":
        return f"this source cannot decide: its error {reach} is larger than the {row['hausdorff_m']:.3f} m in question"
    return f"within survey error {reach}: at most {row['hausdorff_m']:.3f} m apart"


def said_zh(row: Mapping[Any, Any]) -> str:
    """Return a verdict in a Chinese sentence.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> said_zh({"verdict": "within_survey_error", "tolerance_m": 0.169, "hausdorff_m": 0.05})
    '两线最大相距0.050米，在测量误差（0.169米）之内'
    """
    if np.isnan(row["hausdorff_m"]):
        return "两线无共同区段，无法比较"
    reach = f"（{row['tolerance_m']:.3f}米）"
    if row["verdict"] == "beyond":
        return f"超出测量误差{reach}{row['beyond_m']:.3f}米，超限长度{row['over_m']:.1f}米"
    if row["verdict"] == "cannot_decide":
        return f"该资料无法判定：其误差{reach}大于争议的{row['hausdorff_m']:.3f}米"
    return f"两线最大相距{row['hausdorff_m']:.3f}米，在测量误差{reach}之内"
