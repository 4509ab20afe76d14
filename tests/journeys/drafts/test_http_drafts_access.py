"""Who may draft over HTTP, what is refused, and whether the documentation shows what is answered."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gridmap.api import plans_examples
from gridmap.api.auth import DRAFT_PLANS, GRANTS
from gridmap.api.desk import Call
from gridmap.api.plans import list_plans
from gridmap.errors import NotFoundError
from gridmap.store.keys import ROLES
from tests.journeys.drafting import MERGE, MOVE, ONE, TOMORROW, drafted, edited, shape, told

ROUTES = [
    ("GET", "/api/plans"),
    ("POST", "/api/plans"),
    ("GET", "/api/plans/1"),
    ("GET", "/api/plans/1/buildings"),
    ("GET", "/api/plans/1/edits"),
    ("POST", "/api/plans/1/edits"),
    ("POST", "/api/plans/1/undo"),
    ("POST", "/api/plans/1/redo"),
    ("POST", "/api/plans/1/rebase"),
    ("GET", "/api/plans/1/findings"),
    ("GET", "/api/plans/1/compare"),
    ("GET", "/api/plans/1/changes"),
    ("POST", "/api/plans/1/publish"),
    ("POST", "/api/plans/1/withdraw"),
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
def test_only_who_may_draft_reaches_a_plan(closed, role, method, path):
    client, keys = closed
    response = client.request(method, path, headers=keys[role])
    assert (response.status_code == 403) == (DRAFT_PLANS not in GRANTS[role])


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
def test_no_draft_is_read_without_a_key_even_on_loopback(closed, method, path):
    assert closed[0].request(method, path).status_code == 401


def test_grid_and_system_administrators_may_draft_and_nobody_else():
    assert {role for role in ROLES if DRAFT_PLANS in GRANTS[role]} == {"grid-admin", "system-admin"}


BAD = {
    "no object": ("/api/plans", []),
    "no name": ("/api/plans", {}),
    "blank name": ("/api/plans", {"name": "  "}),
    "long name": ("/api/plans", {"name": "x" * 101}),
    "name with a bell": ("/api/plans", {"name": "a\a"}),
    "unknown member": ("/api/plans", {"name": "a", "colour": "red"}),
    "no day": ("/api/plans", {"name": "a", "on": "yesterday"}),
    "a number for a day": ("/api/plans", {"name": "a", "on": 20260131}),
    "a word for a target": ("/api/plans", {"name": "a", "target": "many"}),
    "areas that are none": ("/api/plans", {"name": "a", "areas": {"type": "Feature"}}),
    "a copy and more": ("/api/plans", {"name": "a", "copy_of": 1, "level": "grid"}),
    "no version": ("/api/plans/1/edits", {"operation": MOVE}),
    "version as text": ("/api/plans/1/edits", {"version": "1", "operation": MOVE}),
    "version as truth": ("/api/plans/1/edits", {"version": True, "operation": MOVE}),
    "negative version": ("/api/plans/1/edits", {"version": -1, "operation": MOVE}),
    "huge version": ("/api/plans/1/edits", {"version": 2**31, "operation": MOVE}),
    "operation as text": ("/api/plans/1/edits", {"version": 0, "operation": "merge"}),
    "rebase as text": ("/api/plans/1/edits", {"version": 0, "operation": MOVE, "rebase": "yes"}),
    "unknown operation": ("/api/plans/1/edits", {"version": 0, "operation": {"op": "burn"}}),
    "coordinates as text": ("/api/plans/1/edits", {"version": 0, "operation": {**MOVE, "to": "east"}}),
    "a rule that is none": ("/api/plans/1/publish", {"version": 0, "effective": TOMORROW, "accept": ["everything"]}),
    "no list of rules": ("/api/plans/1/publish", {"version": 0, "effective": TOMORROW, "accept": "gap"}),
    "no day of force": ("/api/plans/1/publish", {"version": 0}),
    "nothing to undo it by": ("/api/plans/1/undo", {}),
}


def test_what_is_not_understood_is_refused_with_a_reason_and_changes_nothing(service):
    drafted(service)
    answers = {name: service.post(path, json=body) for name, (path, body) in BAD.items()}
    assert {name: told(answer)[0] for name, answer in answers.items() if told(answer)[0] != 400} == {}
    plans = service.get("/api/plans").json()["plans"]
    assert [(plan["version"], plan["status"]) for plan in plans] == [(0, "draft")]


def test_a_plan_that_there_is_not_is_not_found(service):
    drafted(service)
    assert {service.get(f"/api/plans/{number}").status_code for number in (0, 2, 2**31 - 1)} == {404}
    assert {service.get(f"/api/plans/{number}").status_code for number in ("x", "-1", "1.5", "9" * 40)} == {400}


def test_a_body_that_is_too_large_or_of_another_kind_is_refused(service):
    plan = drafted(service)
    line = [[120.0, 32.0]] * 200_000
    assert edited(service, plan, 0, {"op": "split", "code": ONE, "line": line}).status_code == 413
    assert service.post(f"{plan}/undo", content="version=0").status_code == 415


def test_a_service_from_files_keeps_no_plans():
    call = Call(desk=SimpleNamespace(engine=None), request=None, given={"status": None})
    with pytest.raises(NotFoundError, match="files"):
        list_plans(call).send(None)


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("", {"plans": [plans_examples.PLAN]}),
        ("/1", plans_examples.COLLECTION),
        ("/1/edits", {"version": 1, "edits": [plans_examples.EDIT]}),
        ("/1/compare", {"plan": 1, "with": None, "changes": [plans_examples.CHANGE]}),
    ],
    ids=["all", "one", "edits", "compare"],
)
def test_the_examples_of_the_documentation_have_the_shape_of_the_answers(service, path, example):
    drafted(service, MERGE)
    assert shape(service.get(f"/api/plans{path}").json()) == shape(example)


def test_the_examples_of_edits_and_publishing_have_the_shape_of_the_answers(service):
    plan = drafted(service)
    done = edited(service, plan, 0).json()
    assert shape({**done, "figures": 0}) == shape({**plans_examples.EDITED, "figures": 0})
    assert shape(done["figures"][ONE]) == shape(next(iter(plans_examples.EDITED["figures"].values())))
    published = service.post(f"{plan}/publish", json={"version": 1, "effective": TOMORROW}).json()
    assert published.keys() == plans_examples.PUBLISHED.keys()
