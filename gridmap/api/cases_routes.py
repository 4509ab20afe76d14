"""What can be asked about cases: each operation with what it takes, gives and refuses."""

from __future__ import annotations

from typing import Any

from gridmap.api import cases_examples as examples
from gridmap.api import cases_parameters as said
from gridmap.api.answers import JSON
from gridmap.api.auth import MEDIATE, READ_CASES
from gridmap.api.patrols_routes import later
from gridmap.api.routes import Operation

PDF = "application/pdf"
ANY_FILE = "application/octet-stream"

#: Refusals of whatever brings a body.
_WRITES = (408, 409, 413, 415)


def _operation(method: str, path: str, name: str, summary: str, **more: Any) -> Operation:
    """One operation on cases: reading needs one permission, writing another."""
    module = more.pop("module", "cases_changes" if method == "POST" else "cases")
    refusals = (*(() if path == "/api/cases" and method == "GET" else (404,)), *more.pop("refusals", ()))
    takes = [said.ID] if "{id}" in path else []
    takes += [said.NUMBER] if "{number}" in path else []
    return Operation(
        method=method,
        path=path,
        needs=MEDIATE if method == "POST" else READ_CASES,
        summary=summary,
        answer=later(module, name),
        takes=(*takes, *more.pop("takes", ())),
        refusals=(*refusals, *(_WRITES if method == "POST" else ())),
        tag="cases",
        **more,
    )


_VERSION = {JSON: {"version": 5}}
_DATES = (said.CAPTURED, said.RELEASED, said.SCANNED)

OPERATIONS = (
    _operation(
        "GET",
        "/api/cases",
        "list_cases",
        "Cases, those changed last first",
        description=(
            "`next`, and a Link header, are the address of the page that follows. A case that is changed meanwhile "
            "moves before the pages that were read already."
        ),
        takes=(said.STATUS, said.LIMIT, said.AFTER),
        gives={JSON: examples.LISTED},
        refusals=(413,),
    ),
    _operation(
        "POST",
        "/api/cases",
        "open_case",
        "Open a case",
        description="Without a `code` it gets the next number of the year. The name tells of land, never of persons.",
        body={JSON: examples.NEW},
        status=201,
        gives={JSON: examples.CASE},
    ),
    _operation(
        "POST",
        "/api/cases/archive",
        "import_case",
        "Take in a case that was handed over as an archive: identical to the last bit, or refused whole",
        description=(
            "Every hash is computed anew; any byte that differs, any file too many or too few refuses it. Where the "
            "record holds the very same case, nothing happens, and the answer is 200. Parcels that it agreed on do not "
            "come into force."
        ),
        body={said.ZIP: ""},
        status=201,
        gives={JSON: examples.IMPORTED},
        refusals=(404,),
    ),
    _operation(
        "GET",
        "/api/cases/{id}/archive",
        "case_archive",
        "A case whole, with all its evidence, as an archive; audited",
        gives={said.ZIP: ""},
        refusals=(409,),
    ),
    _operation(
        "GET",
        "/api/cases/{id}",
        "one_case",
        "A case with its claims, candidates, sources, evidence and agreements",
        description=(
            "Coordinates are longitude and latitude with all their digits. Of evidence it tells what there is and its "
            "hash; the content of a file is answered by itself, and each look at it is audited."
        ),
        gives={JSON: examples.WHOLE},
    ),
    _operation(
        "POST",
        "/api/cases/{id}/claims",
        "add_claims",
        "Add the claims in a file: coordinate-exchange TXT, CSV, XLSX, DXF, KML, GeoJSON, GeoPackage, zipped shapefile",
        description=(
            "The body is the file as it is; `file` is its name, whose ending tells how it is read. `reading` of each "
            "claim says what was decided to read it, and warns; what cannot be decided is refused with a code and a "
            "line. `party` is needed where the file names none. `version` is the version of the case that its maker "
            "saw: where others changed the case since, 409 and nothing is done."
        ),
        takes=(said.VERSION, said.FILE, said.PARTY, said.SOURCE, said.DATE, said.ACCURACY, said.EVIDENCE, said.CRS),
        body={ANY_FILE: ""},
        status=201,
        gives={JSON: {"case": examples.CASE, "claims": [examples.CLAIM], "warnings": examples.READING["warnings"]}},
    ),
    _operation(
        "POST",
        "/api/cases/{id}/claims/{number}/withdraw",
        "withdraw_claim",
        "Mark a claim as withdrawn; it stays in the case",
        body=_VERSION,
        gives={JSON: examples.CASE},
    ),
    _operation(
        "POST",
        "/api/cases/{id}/candidates",
        "add_candidates",
        "Add the lines in a file that are proposed to settle, or one that is solved for a share",
        description=(
            "A file as of claims; or JSON with the `share` of the disputed ground, more than 0 and less than 1, that "
            "`party` shall get, or the party that comes first by its label."
        ),
        takes=(said.VERSION, said.FILE, said.NAME, said.SOURCE, said.CRS),
        body={ANY_FILE: "", JSON: {"version": 5, "share": 0.5, "name": "half"}},
        status=201,
        gives={JSON: {"case": examples.CASE, "candidates": [examples.CANDIDATE], "warnings": []}},
    ),
    _operation(
        "POST",
        "/api/cases/{id}/candidates/{number}/withdraw",
        "withdraw_candidate",
        "Mark a candidate as withdrawn; it stays in the case",
        body=_VERSION,
        gives={JSON: examples.CASE},
    ),
    _operation(
        "GET",
        "/api/cases/{id}/evidence",
        "list_evidence",
        "The evidence of a case, each piece chained to the one before it by its hash",
        gives={JSON: {"case": "2026-0007", "version": 5, "evidence": [examples.EVIDENCE]}},
    ),
    _operation(
        "POST",
        "/api/cases/{id}/evidence",
        "add_evidence",
        "Add a piece of evidence: the file as it is, with a short note about the land",
        description="A file of at most 64 MB. Nothing of it is read; `kind` says what it is.",
        takes=(said.VERSION, said.FILE, said.KIND, said.PARTY, said.STATEMENT, *_DATES),
        body={ANY_FILE: ""},
        status=201,
        gives={JSON: {"case": examples.CASE, "evidence": [examples.EVIDENCE]}},
    ),
    _operation(
        "GET",
        "/api/cases/{id}/evidence/{number}",
        "evidence_content",
        "The content of a piece of evidence, to be kept as a file; the look is audited",
        gives={ANY_FILE: ""},
    ),
    _operation(
        "POST",
        "/api/cases/{id}/sources",
        "add_source",
        "Add a source that the page can show: a map, a picture or a survey, with its three dates and its error",
        body={JSON: examples.NEW_SOURCE},
        status=201,
        gives={JSON: {"case": examples.CASE, "sources": [examples.SOURCE]}},
    ),
    _operation(
        "GET",
        "/api/cases/{id}/ledger",
        "case_ledger",
        "What each candidate gives and takes, party by party, in m2 and mu; contested ground, gaps, areas and objects",
        takes=(said.CANDIDATE,),
        gives={JSON: examples.LEDGER},
    ),
    _operation(
        "GET",
        "/api/cases/{id}/points",
        "case_points",
        "Candidates as they are set out: boundary points, and the walk along each in 16 directions from true north",
        takes=(said.CANDIDATE,),
        gives={JSON: examples.POINTS},
    ),
    _operation(
        "GET",
        "/api/cases/{id}/lines",
        "case_lines",
        "How far the lines of parties lie apart, and whether that is more than survey error",
        gives={JSON: examples.LINES},
    ),
    _operation(
        "GET",
        "/api/cases/{id}/timeline",
        "case_timeline",
        "What stood on a day, and what shows it: certain, possible or no",
        description=(
            "`question` says what an `answer` answers. A claim, a document or an agreement `stood` from its date on; a "
            "map, a picture, a survey or a file of evidence `shows` the day of its capture, or some day before its "
            "release or scan. Without a date the answer is null."
        ),
        takes=(said.AT,),
        gives={JSON: examples.TIMELINE},
    ),
    _operation(
        "GET",
        "/api/cases/{id}/sheet.pdf",
        "case_sheet",
        "The mediation sheet, at an exact scale",
        takes=(said.PAPER, said.SCALE, said.SHEET_LANG, said.SHEET_ON),
        gives={PDF: ""},
    ),
    _operation(
        "GET",
        "/api/cases/{id}/verify",
        "verify_case",
        "Whether all that was handed in is as it was: every hash computed anew, and held against the audit trail",
        gives={JSON: examples.VERIFIED},
    ),
    _operation(
        "POST",
        "/api/cases/{id}/agreements",
        "add_agreement",
        "Write down what was agreed: a candidate becomes the boundary from a day on",
        description=(
            "The parcels of the record are the new ones from `effective` on, with their lineage. `parcels` may say to "
            "which parcel a party's ground goes, or what a new one is called; else it is the neighbouring one of that "
            "party, or a new one called after the case."
        ),
        body={JSON: examples.SIGNED},
        status=201,
        gives={JSON: examples.AGREED},
    ),
    _operation(
        "POST",
        "/api/cases/{id}/status",
        "set_status",
        "Close a case, withdraw it, or open it again",
        body={JSON: {"version": 5, "status": "closed"}},
        gives={JSON: {**examples.CASE, "status": "closed"}},
    ),
)
