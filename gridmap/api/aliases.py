"""``/api/aliases``: what people call an address; a wrong answer becomes a correction here.

Changes need a key that is granted them, sent as a header, and a body of JSON: no form of another site's page can make
a browser send either.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gridmap import corrections, store
from gridmap.api import deps
from gridmap.api.answers import JSON, json_reply
from gridmap.api.auth import CORRECT, READ
from gridmap.api.body import media_type, read_json
from gridmap.api.deps import Parameter
from gridmap.api.desk import Call
from gridmap.api.routes import Operation
from gridmap.corrections import Correction
from gridmap.errors import AccessError, InputError, NotFoundError, TooLargeError
from gridmap.store.aliases import Alias
from gridmap.territory import today

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

#: Keys of the body of a correction.
_REQUIRED, _OPTIONAL = {"alias", "means"}, {"effective"}

_EXAMPLE = {
    "alias": "老纺织厂宿舍",
    "means": "崇川区城东街道青年中路5号",
    "valid_from": "2026-01-31",
    "valid_to": None,
}


async def aliases(call: Call) -> Response:
    """Answer the aliases that hold on a day."""
    on = call.given["on"] or today()
    most = call.desk.limits.aliases
    limit = call.given["limit"] or most
    if limit > most:
        raise TooLargeError(f"limit={limit}", expected=f"at most {most} aliases in one answer")
    said = await run_in_threadpool(_held, _engine(call), on, limit)
    return json_reply(said, headers=_headers(said["version"]))


async def add_alias(call: Call) -> Response:
    """Take a correction."""
    if media_type(call.request) != JSON:
        raise HTTPException(415, f"the body is {media_type(call.request) or 'of no type'}; send {JSON}")
    body = _body(await read_json(call.request, call.desk.limits, most=call.desk.limits.alias_bytes))
    correction = _correction(call, body["effective"])
    alias, version = await run_in_threadpool(_correct, call, body["alias"], body["means"], correction)
    where = {"Location": f"/api/aliases/{quote(alias.alias, safe='')}"}
    return json_reply(_shown(alias, version), status=201, headers={**_headers(version), **where})


async def withdraw_alias(call: Call) -> Response:
    """End an alias."""
    correction = _correction(call, call.given["effective"])
    alias, version = await run_in_threadpool(_withdraw, call, call.given["alias"], correction)
    return json_reply(_shown(alias, version), headers=_headers(version))


def _held(engine: Engine, on: date, limit: int) -> dict[str, Any]:
    """The aliases of a day, and the revision that they are of."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        version, table = store.revision(connection), store.aliases.read(connection, on=on)
    shown = table.drop(columns="added_by").iloc[:limit].to_dict("records")
    return {
        "numberMatched": len(table),
        "numberReturned": len(shown),
        "version": version,
        "on": on.isoformat(),
        "aliases": shown,
    }


def _correct(call: Call, alias: str, means: str, correction: Correction) -> tuple[Alias, int]:
    engine = _engine(call)
    return corrections.correct(engine, call.desk.atlas, alias, means, correction), _version(engine)


def _withdraw(call: Call, alias: str, correction: Correction) -> tuple[Alias, int]:
    engine = _engine(call)
    return corrections.withdraw(engine, alias, correction), _version(engine)


def _version(engine: Engine) -> int:
    """A revision that holds what was just committed."""
    with engine.connect() as connection:
        return store.revision(connection)


def _engine(call: Call) -> Engine:
    if call.desk.engine is None:
        raise NotFoundError("this service answers from files, which hold no aliases", do="serve a record")
    return call.desk.engine


def _correction(call: Call, effective: date | None) -> Correction:
    if call.actor is None:
        raise AccessError("no key", expected="a key, so that the change can be traced to it")
    return Correction(actor=call.actor, effective=effective or today())


def _body(given: Any) -> dict[str, Any]:
    """What a correction says, checked for its shape."""
    if not isinstance(given, dict) or not _REQUIRED <= given.keys() <= _REQUIRED | _OPTIONAL:
        raise InputError(
            f"a body of {_keys(given)}", expected='{"alias": "...", "means": "..."}, and "effective" if need be'
        )
    wrong = [name for name, value in given.items() if not isinstance(value, str)]
    if wrong:
        raise InputError(f"{' and '.join(sorted(wrong))} is not text", expected="strings")
    return {**given, "effective": _effective(given["effective"]) if given.get("effective") else None}


def _keys(given: Any) -> str:
    """What a body is made of, in few words."""
    return ", ".join(sorted(str(name)[:40] for name in list(given)[:5])) if isinstance(given, dict) else "no object"


def _shown(alias: Alias, version: int) -> dict[str, Any]:
    """An alias as it is told; who added it stands in the audit trail, which not every reader may see."""
    return {
        "alias": alias.alias,
        "means": alias.means,
        "valid_from": alias.valid_from,
        "valid_to": alias.valid_to,
        "version": version,
    }


def _headers(version: int) -> dict[str, str]:
    return {"X-Gridmap-Version": str(version), "Cache-Control": "no-store"}


def _effective(text: str) -> date:
    """The first day of a change."""
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise InputError(f"effective={text[:40]!r}", expected="a day as 2026-01-31") from None


_EFFECTIVE = Parameter(
    name="effective",
    parse=_effective,
    schema={"type": "string", "format": "date"},
    meaning="first day on which it holds no longer; without it today, in China's time",
)
_LIMIT = Parameter(
    name="limit",
    parse=deps.count,
    schema={"type": "integer", "minimum": 1},
    meaning="at most so many aliases; numberMatched says how many there are",
)
_ALIAS = Parameter(
    name="alias", parse=str, schema={"type": "string"}, meaning="the alias, in whatever way it is written", place="path"
)

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/aliases",
        needs=READ,
        summary="What people call an address: the aliases that hold on a day",
        description="`numberMatched` above `numberReturned` says that the limit cut the list.",
        answer=aliases,
        takes=(deps.ON, _LIMIT),
        gives={
            JSON: {"numberMatched": 1, "numberReturned": 1, "version": 17, "on": "2026-01-31", "aliases": [_EXAMPLE]}
        },
        refusals=(404, 413),
        tag="corrections",
    ),
    Operation(
        method="POST",
        path="/api/aliases",
        needs=CORRECT,
        summary="Correct a wrong answer: let what the caller said mean a standard address",
        description=(
            "`means` must be known on the day `effective` (today without it): an address of the table, or the name of "
            "a road, compound or division. The change is audited under the key's name; an answer whose `version` is "
            "at least the one returned here knows of it."
        ),
        answer=add_alias,
        body={JSON: {"alias": _EXAMPLE["alias"], "means": _EXAMPLE["means"], "effective": "2026-01-31"}},
        status=201,
        gives={JSON: {**_EXAMPLE, "version": 18}},
        refusals=(404, 408, 409, 413, 415),
        tag="corrections",
    ),
    Operation(
        method="DELETE",
        path="/api/aliases/{alias:path}",
        needs=CORRECT,
        summary="Withdraw an alias from a day on",
        description="It is kept for questions about the days before.",
        answer=withdraw_alias,
        takes=(_ALIAS, _EFFECTIVE),
        gives={JSON: {**_EXAMPLE, "valid_to": "2026-03-31", "version": 19}},
        refusals=(404,),
        tag="corrections",
    ),
)
