"""The files that a case makes: `case.json` says it all, and every other file follows from it, byte by byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import shapely

from gridmap.store.cases_import import Document

#: What a folder of a case says that it is, and the version of its form.
FORMAT, VERSION = "gridmap-case", 1
#: Bytes of a name that file systems hold.
_NAME_MOST = 255
#: Bytes of an ending; what is longer is none.
_ENDING_MOST = 16

_README = """This folder is one case of a land dispute, as gridmap wrote it.
本文件夹为一宗土地争议案卷，由 gridmap 导出。

case.json            everything: the case, its sources, claims, candidates, evidence, agreements; times are in UTC
claims.geojson       the claims for any map program (EPSG:4490, CGCS2000, longitude before latitude)
candidates.geojson   the lines proposed to settle, likewise
evidence/            the files that were handed in, each by its number, the beginning of its SHA-256 and its name
chain.txt            the chain of hashes, to be read and kept
SHA256SUMS           the SHA-256 of every other file

Check it 校验:  sha256sum -c SHA256SUMS
Take it in 导入: gridmap cases import FOLDER
Each row carries hash = sha256(hash of the row before || the row as JSON with sorted keys and no blanks); a row that is
altered, taken out or put in between no longer fits. 每条记录均含前一条的散列值，任何改动都会被发现。
"""


def evidence_names(document: Document) -> list[str]:
    """Return where the files of evidence lie in the folder of a case, in the order of their numbers.

    Raises
    ------
    None
    """
    return [f"evidence/{_within(row)}" for row in document["parts"]["evidence"]]


def plain_files(document: Document) -> dict[str, bytes]:
    """Return the files of a case but its evidence, by their names.

    Raises
    ------
    None
    """
    said = {"format": FORMAT, "version": VERSION, **document}
    files = {
        "README.txt": _README.encode(),
        "candidates.geojson": _geojson(document["parts"]["candidates"], ("number", "id", "source", "withdrawn")),
        "case.json": _json(said),
        "chain.txt": _chain(document),
        "claims.geojson": _geojson(
            document["parts"]["claims"], ("number", "party", "source", "date", "accuracy_m", "withdrawn")
        ),
    }
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    rows = document["parts"]["evidence"]
    sums |= {name: row["sha256"] for row, name in zip(rows, evidence_names(document), strict=True)}
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    return {**files, "SHA256SUMS": "".join(lines).encode()}


def _within(row: Mapping[str, Any]) -> str:
    """The name of a file after its number and hash, cut so that file systems hold it; its ending stays."""
    before, name = f"{row['number']:03}_{row['sha256'][:12]}_", row["file"]
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > _ENDING_MOST:
        stem, dot, ending = name, "", ""
    room = _NAME_MOST - len((before + dot + ending).encode())
    return str(before + stem.encode()[:room].decode(errors="ignore") + dot + ending)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def _geojson(rows: list[dict[str, Any]], names: tuple[str, ...]) -> bytes:
    """Rows as a layer, coordinates to the last bit."""
    features = [
        {
            "type": "Feature",
            "properties": {name: row[name] for name in names},
            "geometry": shapely.geometry.mapping(shapely.from_wkb(bytes.fromhex(row["geom"]))),
        }
        for row in rows
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    return _json({"type": "FeatureCollection", "crs": crs, "features": features})


def _chain(document: Document) -> bytes:
    """The chains as lines to be read."""
    head: Mapping[str, Any] = document["case"]
    lines = [f"case {head['code']}  {head['name']}  {head['status']}  version {head['version']}"]
    for part, rows in sorted(document["parts"].items()):
        lines += ["", f"{part}: {len(rows)}"]
        for row in rows:
            file = f"  sha256 {row['sha256']}  {row['bytes']} bytes  {row['file']}" if part == "evidence" else ""
            lines.append(f"{row['number']:>4}  {row['at']}  {row['hash']}{file}")
    return ("\n".join(lines) + "\n").encode()
