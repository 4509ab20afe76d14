"""What can be asked about plans: each operation with what it takes, gives and refuses."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gridmap.api import plans_examples as examples
from gridmap.api.answers import GEOJSON, JSON
from gridmap.api.auth import DRAFT_PLANS
from gridmap.api.desk import Call
from gridmap.api.plans_parameters import BOX, FILE, FORMAT, ID, LEVEL, NAME, NOTE, ON, SINCE, STATUS, TARGET, WITH
from gridmap.api.routes import Answerer, Operation

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GPKG = "application/geopackage+sqlite3"

#: Media types of the files that a plan may be fetched as.
FILE_TYPES = {"gpkg": GPKG, "geojson": GEOJSON}


def _later(name: str) -> Answerer:
    """The function of `gridmap.api.plans` that answers; a service that nobody asks about plans never loads theirs."""

    async def answer(call: Call) -> Response:
        module = await run_in_threadpool(import_module, "gridmap.api.plans")
        said: Response = await getattr(module, name)(call)
        return said

    answer.__name__ = name
    return answer


def _operation(method: str, path: str, name: str, summary: str, **more: Any) -> Operation:
    """One operation on plans: all of them need the same permission, and stand under one heading."""
    refusals = (404, *more.pop("refusals", ()))
    if method == "POST":
        refusals = (*refusals, 408, 409, 413, 415)
    takes = (*((ID,) if "{id}" in path else ()), *more.pop("takes", ()))
    return Operation(
        method=method,
        path=path,
        needs=DRAFT_PLANS,
        summary=summary,
        answer=_later(name),
        takes=takes,
        refusals=refusals,
        tag="plans",
        **more,
    )


_VERSION = {JSON: {"version": 12}}
_EDITED = {JSON: examples.EDITED}

OPERATIONS = (
    _operation(
        "GET",
        "/api/plans",
        "list_plans",
        "Plans: drafts, published and withdrawn ones, those changed last first",
        takes=(STATUS,),
        gives={JSON: {"plans": [examples.PLAN]}},
    ),
    _operation(
        "POST",
        "/api/plans",
        "make_plan",
        "Make a draft",
        description=(
            "From the areas in force on a day (`on`, today without it) down to a `level`; as a copy (`copy_of`) of "
            "another plan as it is now; or from a drawn set: `areas` in the body, or a body that is a GeoJSON file, a "
            "GeoPackage or a zipped shapefile, with the rest in the address. `faults` lists all that is wrong with it."
        ),
        takes=(NAME, ON, LEVEL, TARGET, NOTE),
        body={JSON: examples.NEW},
        status=201,
        gives={JSON: examples.PLAN},
    ),
    _operation(
        "GET",
        "/api/plans/{id}",
        "one_plan",
        "The areas of a plan with their figures",
        description=(
            "A GeoJSON FeatureCollection; `plan` is the plan itself, `upper` the areas above, which have no ground of "
            "their own: it is that of the areas in them. Coordinates come with all their digits: send them back as "
            "they are."
        ),
        takes=(FILE,),
        gives={GEOJSON: examples.COLLECTION, GPKG: ""},
    ),
    _operation(
        "GET",
        "/api/plans/{id}/buildings",
        "plan_buildings",
        "The buildings in a box: how many live in each, which area of the plan holds it, whether a border cuts it",
        description="Of more buildings than are shown at once only the `count` is told; ask for a smaller box.",
        takes=(BOX,),
        gives={GEOJSON: examples.BUILDINGS},
    ),
    _operation(
        "GET",
        "/api/plans/{id}/edits",
        "plan_edits",
        "The history of a plan",
        takes=(SINCE,),
        gives={JSON: {"version": 12, "edits": [examples.EDIT]}},
    ),
    _operation(
        "POST",
        "/api/plans/{id}/edits",
        "edit_plan",
        "Change a draft",
        description=(
            "All of the operation is done, or nothing. Where others changed the draft since `version`, 409 names the "
            "`version` that stands and the areas `changed`; with `rebase: true` an operation on other areas is taken."
        ),
        body={JSON: examples.OPERATION},
        gives=_EDITED,
    ),
    _operation(
        "POST",
        "/api/plans/{id}/undo",
        "undo_edit",
        "Undo the last edit that stands, to the last bit",
        body=_VERSION,
        gives=_EDITED,
    ),
    _operation(
        "POST", "/api/plans/{id}/redo", "redo_edit", "Do again what was undone last", body=_VERSION, gives=_EDITED
    ),
    _operation(
        "POST",
        "/api/plans/{id}/rebase",
        "rebase_plan",
        "Take over what was published since a draft was made",
        description=(
            "Areas that the draft left as they were become those in force on the day `on`. Where both changed an area, "
            "409 names it. This edit is not undone."
        ),
        body={JSON: {"version": 12, "on": "2026-03-01"}},
        gives=_EDITED,
    ),
    _operation(
        "GET",
        "/api/plans/{id}/findings",
        "plan_findings",
        "What is wrong with a plan, and where",
        description="`blocks` says what keeps it from being published.",
        gives={GEOJSON: examples.FINDINGS},
    ),
    _operation(
        "GET",
        "/api/plans/{id}/compare",
        "compare_plans",
        "How a plan differs from another one, or from the areas that it was made from",
        takes=(WITH,),
        gives={JSON: {"plan": 3, "with": 4, "changes": [examples.CHANGE]}},
    ),
    _operation(
        "GET",
        "/api/plans/{id}/changes",
        "plan_changes",
        "The change sheet: which areas, buildings, households, addresses, cameras and checkpoints change, whom to tell",
        description="Of a draft, what would change if it came into force; of a published plan, kept for ever.",
        takes=(FORMAT,),
        gives={JSON: examples.SHEETS, XLSX: ""},
    ),
    _operation(
        "POST",
        "/api/plans/{id}/publish",
        "publish_plan",
        "Bring a draft into force from a day on",
        description=(
            "Checked again while it is written; codes are given by rule, and none is ever used again. `accept` names "
            "rules whose findings are lawful here, such as `multi_part` for islands."
        ),
        body={JSON: examples.PUBLISH},
        gives={JSON: examples.PUBLISHED},
    ),
    _operation(
        "POST",
        "/api/plans/{id}/withdraw",
        "withdraw_plan",
        "Withdraw a plan before its day, after which the record is as it was; or put a draft away",
        body=_VERSION,
        gives={JSON: {**examples.PLAN, "status": "withdrawn"}},
    ),
)
