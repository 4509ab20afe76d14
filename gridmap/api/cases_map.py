"""``/maps/disputes``: the comparison of a case on one page; the look at each piece of evidence it shows is audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Engine
from starlette.responses import Response

from gridmap import maps, store
from gridmap.api import cases_answers as shown
from gridmap.api.answers import HTML, squeezed
from gridmap.api.cases import actor_of, compared, engine_of
from gridmap.api.desk import Call
from gridmap.api.drawing import DRAWING
from gridmap.disputes import Comparison
from gridmap.disputes.dates import SourceDates, parse_edtf
from gridmap.errors import GridmapError, InputError
from gridmap.imagery import georeference
from gridmap.maps import Source
from gridmap.maps.dispute_words import DISPUTES
from gridmap.service.cases import get_case
from gridmap.service.grids import read_layer
from gridmap.service.parcel_epochs import surveyed
from gridmap.store import Actor
from gridmap.store.cases_evidence import read_evidence
from gridmap.store.cases_reading import Case
from gridmap.territory import today

#: Sources that are laid out as ground, where their evidence is a picture with a place, or a scan with control points.
_PICTURES = frozenset({"map", "picture", "survey"})
_GEOREFERENCED = frozenset({".tif", ".tiff"})
_SCANS = _GEOREFERENCED | {".png", ".jpg", ".jpeg"}
#: What else of the record is shown lies this far around the claims, as a share of their extent.
_AROUND = 1.0


def page(call: Call, policy: Mapping[str, str]) -> Response:
    """Return the page of a request; call it in a thread.

    Parameters
    ----------
    call
        The request.
    policy
        Headers that say what the page may do.

    Raises
    ------
    InputError
        If it names no case, or its claims cannot be compared.
    NotFoundError
        If there is no such case.
    RecordError
        If the record cannot be read, or a look not be noted.
    """
    if call.given["case"] is None:
        raise InputError("no case", expected="case=CODE", do="list them at /api/cases", code="no_case_asked")
    engine = engine_of(call)
    case = get_case(engine, call.given["case"])
    found = compared(engine, case)
    body = case_page(engine, case, found, actor=actor_of(call), lang=call.given["lang"] or "zh")
    return squeezed(call.request, body, HTML, {**shown.headers(case.head), **policy})


def case_page(engine: Engine, case: Case, found: Comparison, *, actor: Actor | str, lang: str) -> bytes:
    """Return the page of a case: its sources, and the parcels of the record around its claims, epoch by epoch.

    A source whose picture or parcels cannot be shown stands on the timeline, with the reason.

    Parameters
    ----------
    engine
        The record.
    case
        The case.
    found
        What its claims come to.
    actor
        Who looks at its evidence.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    InputError
        If the language is another.
    NotFoundError
        If this installation lacks Leaflet.
    RecordError
        If the record cannot be read, or a look not be noted.
    """
    with TemporaryDirectory(prefix="gridmap-") as folder, DRAWING:
        desk = _Evidence(engine=engine, case=case, actor=actor, folder=Path(folder))
        sources = [one for row in shown.flat(case.sources) for one in desk.shown(row, lang)]
        sources += maps.dated_epochs(
            _around(engine, case, "parcels"), title=DISPUTES.one("registered", lang), lang=lang
        )
        made = maps.dispute_map(
            found,
            sources=sources,
            buildings=_around(engine, case, "buildings", today()),
            title=f"{case.head.code} {case.head.name}",
            lang=lang,
            refuse=False,
        )
        return maps.page_html(made).encode()


@dataclass(frozen=True, kw_only=True)
class _Evidence:
    """The evidence of a case, from which its sources are shown."""

    #: the record, the case, and who looks
    engine: Engine
    case: Case
    actor: Actor | str
    #: where files are laid while the page is made
    folder: Path

    def shown(self, row: Mapping[str, Any], lang: str) -> list[Source]:
        """A source of the case, of dated parcels one for each epoch; its title and dates alone if it cannot be read."""
        plain = Source(title=row["title"], kind=row["kind"], dates=_dates(row), error_m=_error(row))
        files = dict(zip(self.case.evidence["number"], self.case.evidence["file"], strict=True))
        ending = Path(files.get(row["evidence"], "")).suffix.lower()
        try:
            if row["kind"] in _PICTURES and (ending in _GEOREFERENCED or (ending in _SCANS and row["points"])):
                return [replace(plain, path=self._picture(row, ending))]
            if row["kind"] == "parcels" and ending:
                return self._epochs(row, plain, ending, lang)
        except GridmapError as error:
            return [plain.on_the_timeline(str(error))]
        return [plain]

    def _laid(self, number: int, ending: str) -> Path:
        """The content of a piece of evidence as a file, the look at it noted."""
        with self.engine.begin() as connection:
            _, content = read_evidence(connection, self.case.head.code, number, actor=self.actor)
        path = self.folder / f"{number}{ending}"
        path.write_bytes(content)
        return path

    def _picture(self, row: Mapping[str, Any], ending: str) -> Path:
        """A picture with a place: as it was handed in, or laid on the ground by the control points of its source."""
        path = self._laid(row["evidence"], ending)
        if not row["points"]:
            return path
        warped = self.folder / f"{row['number']}-placed.tif"
        made = georeference(path, pd.DataFrame(row["points"]), method=row["method"], crs=row["epsg"], out=warped)
        if made.out is None:
            raise InputError("; ".join(made.faults["message"]), expected="control points that define a warp")
        return made.out

    def _epochs(self, row: Mapping[str, Any], plain: Source, ending: str, lang: str) -> list[Source]:
        """The parcels of a file, epoch by epoch; of parcels without days those of the source count."""
        path = self._laid(row["evidence"], ending)
        crs = None if row["epsg"] is None else str(row["epsg"])
        table = surveyed(path, crs=crs)
        table = read_layer(path, "parcels", crs=crs, mend=True) if table is None else table
        found = maps.dated_epochs(table, title=plain.title, lang=lang)
        return [one if one.dates.capture else replace(one, dates=plain.dates, error_m=plain.error_m) for one in found]


def _around(engine: Engine, case: Case, layer: str, on: date | None = None) -> gpd.GeoDataFrame:
    """Rows of a layer around the claims that stand, of a day or of all days."""
    west, south, east, north = map(float, case.standing_claims.total_bounds)
    across, up = _AROUND * (east - west), _AROUND * (north - south)
    with engine.connect() as connection:
        return store.read(connection, layer, on=on, bbox=(west - across, south - up, east + across, north + up))


def _error(row: Mapping[str, Any]) -> float | None:
    """The error of a source: that of its georeferencing, else that of its points."""
    error_m: float | None = row["accuracy_m"] if row["leave_one_out_m"] is None else row["leave_one_out_m"]
    return error_m


def _dates(row: Mapping[str, Any]) -> SourceDates:
    """The dates of a source."""
    said = {"capture": row["captured"], "release": row["released"], "scan": row["scanned"]}
    return SourceDates(**{name: parse_edtf(text) for name, text in said.items() if text})
