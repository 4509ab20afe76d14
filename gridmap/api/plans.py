"""``/api/plans``: drafts of areas that grid administrators change, look at, publish and withdraw.

`gridmap.api.plans_routes` says which function answers what.

A draft is not public: reading it needs the permission to draft as well. A change names the version that its maker saw;
what others changed since is answered with 409 and the areas concerned, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gridmap.api import plans_answers as shown
from gridmap.api import plans_asked as asked
from gridmap.api.answers import GEOJSON, JSON, Reply, is_known, json_reply, not_modified, squeezed
from gridmap.api.body import media_type, path_of, read_file, read_json
from gridmap.api.desk import Call
from gridmap.api.errors import prefers_chinese
from gridmap.api.plans_routes import FILE_TYPES, GPKG, XLSX
from gridmap.errors import AccessError, InputError, NotFoundError
from gridmap.service import plans, plans_buildings, plans_files
from gridmap.service import plans_publishing as publishing
from gridmap.service.plans_carrying import Answer
from gridmap.service.plans_drafts import Drafts
from gridmap.service.plans_naming import names_of
from gridmap.store import Actor

#: Drafts at hand, by the record that they are of.
_drafts: WeakKeyDictionary[Engine, Drafts] = WeakKeyDictionary()

T = TypeVar("T")

#: Endings of the files that a drawn set may come as, by their media type.
_FILES = {GEOJSON: ".geojson", GPKG: ".gpkg", "application/zip": ".zip"}


async def list_plans(call: Call) -> Response:
    """Answer all plans, or those of a status."""
    found = await run_in_threadpool(plans.listed, _at_hand(call), status=call.given["status"])
    return json_reply({"plans": [shown.plan(plan) for plan in found]}, headers=shown.NOT_KEPT)


async def make_plan(call: Call) -> Response:
    """Make a draft."""
    drafts, actor = _at_hand(call), _actor(call)
    kind = media_type(call.request)
    if kind in _FILES:
        with await read_file(call.request, call.desk.limits, suffix=_FILES[kind]) as file:
            wanted = asked.wanted_of(call.given)
            made = await run_in_threadpool(asked.drawn_file, drafts, path_of(file), wanted, actor)
    else:
        body = await _body(call.request, call, most=call.desk.limits.json_bytes)
        made = await run_in_threadpool(asked.made, drafts, body, actor)
    headers = {**shown.headers(made), "Location": f"/api/plans/{made.id}"}
    return json_reply(shown.plan(made), status=201, headers=headers)


async def one_plan(call: Call) -> Response:
    """Answer the areas of a plan with their figures, or as a file."""
    if call.given["format"] not in {None, "json"}:
        return await run_in_threadpool(_file, call)
    draft = await run_in_threadpool(plans.opened, _at_hand(call), call.given["id"])
    headers = {**shown.draft_headers(draft), "Cache-Control": "no-cache"}
    if is_known(call.request, headers):
        return not_modified(headers)

    def answer() -> Reply:
        return squeezed(call.request, shown.collection(draft), GEOJSON, headers)

    return await run_in_threadpool(answer)


def _file(call: Call) -> Reply:
    """The areas of a plan, all levels with their ground, as a file that can be uploaded again."""
    draft, areas = plans_files.all_areas(_at_hand(call), call.given["id"])
    kind = call.given["format"]
    name = {"Content-Disposition": f'attachment; filename="plan-{draft.plan.id}.{kind}"'}
    body = shown.file_of({"areas": areas}, f".{kind}")
    return Reply(body, FILE_TYPES[kind], headers={**shown.draft_headers(draft), **name})


async def plan_buildings(call: Call) -> Response:
    """Answer the buildings of a plan in a box: how many live in each, which area holds it, whether a border cuts it."""
    drafts, plan_id, box = _at_hand(call), call.given["id"], call.given["bbox"]
    if box is None:
        raise InputError("no bbox", expected="bbox=west,south,east,north in degrees", code="no_box")

    def answer() -> Reply:
        draft, found = plans_buildings.within(drafts, plan_id, box)
        return squeezed(call.request, shown.buildings(found), GEOJSON, shown.draft_headers(draft))

    return await run_in_threadpool(answer)


async def plan_edits(call: Call) -> Response:
    """Answer the history of a plan."""
    plan, edits = await run_in_threadpool(
        plans.history, _at_hand(call), call.given["id"], since=call.given["since"] or 0
    )
    said = {"version": plan.version, "edits": [shown.edit(edit) for edit in edits]}
    return json_reply(said, headers=shown.headers(plan))


async def edit_plan(call: Call) -> Response:
    """Carry out an operation on a draft."""
    body = asked.edit_of(await _body(call.request, call, most=call.desk.limits.edit_bytes))
    drafts, plan_id, actor = _at_hand(call), call.given["id"], _actor(call)
    return await _answered(call, lambda: plans.edit(drafts, plan_id, actor=actor, **body))


async def undo_edit(call: Call) -> Response:
    """Undo the last edit of a draft that stands."""
    version = asked.version_of(await _body(call.request, call, most=call.desk.limits.edit_bytes))
    drafts, plan_id, actor = _at_hand(call), call.given["id"], _actor(call)
    return await _answered(call, lambda: plans.undo(drafts, plan_id, version, actor=actor))


async def redo_edit(call: Call) -> Response:
    """Do again what was undone last."""
    version = asked.version_of(await _body(call.request, call, most=call.desk.limits.edit_bytes))
    drafts, plan_id, actor = _at_hand(call), call.given["id"], _actor(call)
    return await _answered(call, lambda: plans.redo(drafts, plan_id, version, actor=actor))


async def plan_findings(call: Call) -> Response:
    """Answer what is wrong with a plan."""
    drafts, plan_id = _at_hand(call), call.given["id"]

    def answer() -> Reply:
        draft, found = publishing.findings(drafts, plan_id)
        said = shown.findings(found, names_of(draft), chinese=prefers_chinese(call.request.scope))
        return squeezed(call.request, shown.dumped(said), GEOJSON, shown.draft_headers(draft))

    return await run_in_threadpool(answer)


async def compare_plans(call: Call) -> Response:
    """Answer how a plan differs from another, or from the areas that it was made from."""
    drafts, plan_id, other = _at_hand(call), call.given["id"], call.given["with"]
    changes = await run_in_threadpool(publishing.compared, drafts, plan_id, other)
    said = {"plan": plan_id, "with": other, "changes": shown.rows(changes)}
    return json_reply(said, headers=shown.NOT_KEPT)


async def plan_changes(call: Call) -> Response:
    """Answer the change sheet of a plan."""
    drafts, plan_id = _at_hand(call), call.given["id"]

    def answer() -> Reply:
        plan, sheets = publishing.changes(drafts, plan_id)
        if call.given["format"] == "xlsx":
            name = {"Content-Disposition": f'attachment; filename="plan-{plan.id}-changes.xlsx"'}
            return Reply(shown.file_of(sheets, ".xlsx"), XLSX, headers={**shown.headers(plan), **name})
        return squeezed(call.request, shown.dumped(shown.change_sheets(plan, sheets)), JSON, shown.headers(plan))

    return await run_in_threadpool(answer)


async def publish_plan(call: Call) -> Response:
    """Bring a draft into force from a day on."""
    body = asked.publish_of(await _body(call.request, call, most=call.desk.limits.edit_bytes))
    drafts, plan_id, actor = _at_hand(call), call.given["id"], _actor(call)
    done = await run_in_threadpool(lambda: publishing.publish(drafts, plan_id, actor=actor, **body))
    return json_reply(shown.published(done), headers=shown.headers(done.plan))


async def rebase_plan(call: Call) -> Response:
    """Take over what was published since a draft was made."""
    body = asked.rebase_of(await _body(call.request, call, most=call.desk.limits.edit_bytes))
    drafts, plan_id, actor = _at_hand(call), call.given["id"], _actor(call)
    return await _answered(call, lambda: publishing.rebase(drafts, plan_id, actor=actor, **body))


async def withdraw_plan(call: Call) -> Response:
    """Withdraw a published plan before its day, or put a draft away."""
    version = asked.version_of(await _body(call.request, call, most=call.desk.limits.edit_bytes))
    drafts, plan_id, actor = _at_hand(call), call.given["id"], _actor(call)
    plan = await run_in_threadpool(lambda: publishing.withdraw(drafts, plan_id, version, actor=actor))
    return json_reply(shown.plan(plan), headers=shown.headers(plan))


async def _answered(call: Call, work: Callable[[], Answer]) -> Response:
    """What an edit did, computed and written in a thread."""
    chinese = prefers_chinese(call.request.scope)

    def answer() -> Reply:
        done = work()
        return Reply(shown.dumped(shown.answer(done, chinese=chinese)), JSON, headers=shown.draft_headers(done.draft))

    return await run_in_threadpool(answer)


async def _body(request: Request, call: Call, *, most: int) -> Any:
    if media_type(request) != JSON:
        raise HTTPException(415, f"the body is {media_type(request) or 'of no type'}; send {JSON}")
    return await read_json(request, call.desk.limits, most=most)


def _at_hand(call: Call) -> Drafts:
    """The drafts of the record that is served."""
    engine = call.desk.engine
    if engine is None:
        raise NotFoundError(
            "this service answers from files, which hold no plans", do="serve a record", code="no_plans"
        )
    return _drafts.setdefault(engine, Drafts(engine))


def _actor(call: Call) -> Actor:
    if call.actor is None:
        raise AccessError("no key", expected="a key, so that the change can be traced to it")
    return call.actor
