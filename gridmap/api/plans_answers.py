"""What is answered about plans: summaries, areas as GeoJSON, findings, change sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import formats
from gridmap.api.plans_words import finding
from gridmap.service.plans_buildings import Found
from gridmap.service.plans_carrying import Answer
from gridmap.service.plans_drafts import Draft
from gridmap.service.plans_figures import Figures
from gridmap.service.plans_naming import names_of
from gridmap.service.plans_publishing import Published
from gridmap.store.plans import Plan
from gridmap.store.plans_edits import Edit
from gridmap.store.plans_rows import WORDS

#: Nothing of a draft is kept by what lies between: it is not public.
NOT_KEPT = {"Cache-Control": "no-store"}

#: Decimals of a degree of what is only looked at: about a centimetre.
_DECIMALS = 7


def headers(plan: Plan, *more: object) -> dict[str, str]:
    """Return the headers that say which version of a plan, and of what else, an answer is of."""
    tag = ".".join(map(str, (plan.id, plan.version, plan.status, *more)))
    return {**NOT_KEPT, "ETag": f'"{tag}"', "X-Gridmap-Plan-Version": str(plan.version)}


def draft_headers(draft: Draft) -> dict[str, str]:
    """Return the same for what is counted in a draft: buildings that are loaded again make it another answer."""
    return headers(draft.plan, *(() if draft.stock is None else draft.stock.digest))


def plan(held: Plan) -> dict[str, Any]:
    """Return what a plan says of itself."""
    return {name: value for name, value in vars(held).items() if name != "load_id"}


def edit(held: Edit) -> dict[str, Any]:
    """Return one line of a history."""
    return dict(vars(held))


def collection(draft: Draft) -> bytes:
    """Return the areas of a draft as a FeatureCollection, encoded."""
    said = {"type": "FeatureCollection", "plan": plan(draft.plan), "upper": _upper(draft)}
    return orjson.dumps(said)[:-1] + b',"features":[' + b",".join(_features(draft.leaves, draft.figures)) + b"]}"


def answer(done: Answer, *, chinese: bool) -> dict[str, Any]:
    """Return what an edit did; findings speak the reader's language."""
    held = done.draft.plan
    features = [orjson.Fragment(feature) for feature in _features(done.changed, done.draft.figures)]
    return {
        "version": held.version,
        "changed": {"type": "FeatureCollection", "features": features},
        "removed": list(done.removed),
        "upper": _upper(done.draft) if done.upper_changed else None,
        "findings": findings(done.findings, _concerned(done), chinese=chinese),
        "figures": done.figures,
        "can_undo": held.can_undo,
        "can_redo": held.can_redo,
    }


def _concerned(done: Answer) -> dict[str, str]:
    """Names of the areas that the findings of an edit tell of; a plan may have thousands of others."""
    codes = {code for codes in done.findings["codes"] for code in codes.split(";")}
    return names_of(done.draft, codes) if codes else {}


def findings(found: gpd.GeoDataFrame, names: Mapping[str, str], *, chinese: bool) -> dict[str, Any]:
    """Return findings as a FeatureCollection, in the reader's language and with the names of areas."""
    shapes = shapely.to_geojson(found.geometry.to_numpy())
    features = [
        {
            "type": "Feature",
            "geometry": None if shape is None else orjson.Fragment(shape),
            "properties": {**row, **_words(row, names, chinese=chinese), "codes": row["codes"].split(";")},
        }
        for row, shape in zip(rows(found), shapes, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _words(row: Mapping[str, Any], names: Mapping[str, str], *, chinese: bool) -> dict[str, str]:
    message, mend = finding(row, names, chinese=chinese)
    return {"message": message, "mend": mend}


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as a list of objects, missing values as null; without its geometry."""
    columns = {str(name): table[name].tolist() for name in table.columns if name != "geometry"}
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in zip(*columns.values(), strict=True)]


def change_sheets(held: Plan, sheets: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return the change sheet of a plan."""
    said = {"plan": held.id, "status": held.status, "version": held.version, "effective": held.effective}
    return {**said, "sheets": {name: rows(table) for name, table in sheets.items()}}


def file_of(tables: Mapping[str, pd.DataFrame], suffix: str) -> bytes:
    """Return tables as a file: a GeoPackage or GeoJSON, or a workbook, which has no use for shapes."""
    if suffix == ".xlsx":
        tables = {name: table.drop(columns="geometry", errors="ignore") for name, table in tables.items()}
    with TemporaryDirectory(prefix="gridmap-") as folder:
        path = Path(folder) / f"file{suffix}"
        formats.write(tables, path)
        return path.read_bytes()


def buildings(found: Found) -> bytes:
    """Return buildings as a FeatureCollection, encoded; of more than are shown at once only how many there are."""
    shapes = shapely.to_geojson(shapely.transform(found.table.geometry.to_numpy(), _to_centimetres))
    members = ({**row, "residents": row["residents"]} for row in rows(found.table))
    features = [
        {"type": "Feature", "id": row["id"], "properties": row, "geometry": orjson.Fragment(shape)}
        for row, shape in zip(members, shapes, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "count": found.count, "features": features})


def _to_centimetres(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners to the centimetre: they are looked at, and never sent back."""
    return np.round(points, _DECIMALS)


def published(done: Published) -> dict[str, Any]:
    """Return what a publish did."""
    return {
        "plan": plan(done.plan),
        "codes": dict(done.codes),
        "lineage": dict(done.lineage),
        "ended": list(done.ended),
        "territory_version": done.version,
    }


def dumped(said: Any) -> bytes:
    """Return a value as JSON, numbers of numpy included."""
    return orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY)


def _features(leaves: gpd.GeoDataFrame, figures: Mapping[str, Figures]) -> Iterator[bytes]:
    """Each area as a feature, its corners with all their digits."""
    shapes = shapely.to_geojson(leaves.geometry.to_numpy())
    words = leaves[list(WORDS)].to_numpy(dtype=object)
    for row, shape in zip(words, shapes, strict=True):
        said = {name: None if pd.isna(value) else value for name, value in zip(WORDS, row, strict=True)}
        head = {"type": "Feature", "id": said["code"], "properties": {**said, **figures[str(said["code"])]}}
        yield orjson.dumps(head)[:-1] + b',"geometry":' + shape.encode() + b"}"


def _upper(draft: Draft) -> list[dict[str, Any]]:
    return rows(draft.upper[["code", "name", "level", "parent"]])


def _plain(value: Any) -> Any:
    """A value that JSON has a word for; a missing one is null."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
