"""``gridmap cases compare`` and ``agree``: what a case comes to, for both sides to look at, and what they sign."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gridmap.cli.cameras import refuse_unwritable_page
from gridmap.cli.cases_adding import Code, Seen
from gridmap.cli.opening import actor, open_record, settings
from gridmap.cli.options import AsJson, On, the_day
from gridmap.cli.parcels_compare import Map, said
from gridmap.cli.parcels_sheet import Asked, Paper, Scale, Sheet, SheetLang, refuse_unwritable_sheet
from gridmap.cli.telling import json_text
from gridmap.drafts import drafts
from gridmap.errors import InputError

if TYPE_CHECKING:
    from gridmap.disputes import Comparison
    from gridmap.service.disputes import Claims
    from gridmap.store.cases_reading import Case

Out = Annotated[
    Path | None, typer.Option(help="A file with all layers, .gpkg or .xlsx, as `gridmap parcels compare` writes it.")
]


def cases_compare(
    code: Code,
    out: Out = None,
    map_: Map = None,
    sheet: Sheet = None,
    paper: Paper = "A4",
    scale: Scale = None,
    sheet_lang: SheetLang = "both",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the page: zh or en.")] = "zh",
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Tell what is contested in a case, and what each candidate that stands gives and takes."""
    from gridmap.service import cases
    from gridmap.service.disputes import layers, report
    from gridmap.service.grids import write_grids

    _refuse_unwritable(out, map_, sheet)
    asked = Asked(paper=paper, scale=scale, lang=sheet_lang, title="", on=the_day(on))
    with open_record() as engine, drafts(*{each for each in (out, map_, sheet) if each is not None}) as draft:
        case = cases.get_case(engine, code)
        compared = cases.compare_in_record(engine, case)
        if map_ is not None:
            from gridmap.api.cases_map import case_page

            draft[map_].write_bytes(case_page(engine, case, compared, actor=actor(), lang=lang))
        if sheet is not None:
            draft[sheet].write_bytes(_sheet(case, compared, asked))
        if out is not None:
            write_grids(layers(compared, _read(case)), draft[out])
    typer.echo(json_text(report(compared, _read(case))) if as_json else said(compared, _read(case)))


def _refuse_unwritable(out: Path | None, page: Path | None, sheet: Path | None) -> None:
    """Refuse what could not be written, before the work is done."""
    from gridmap import formats

    for path, refuse in (
        (out, formats.refuse_unwritable),
        (page, refuse_unwritable_page),
        (sheet, refuse_unwritable_sheet),
    ):
        if path is not None:
            refuse(path)


def _sheet(case: Case, compared: Comparison, asked: Asked) -> bytes:
    """The sheet of a case, with its evidence and its sources."""
    from gridmap.maps.sheet import sheet

    return sheet(
        compared,
        case=case.head,
        evidence=case.evidence,
        sources=case.sources,
        paper=asked.paper,
        scale=asked.scale,
        lang=asked.lang,
        on=asked.on,
        font=settings().font,
    )


def cases_agree(
    code: Code,
    candidate: Annotated[str, typer.Argument(help="The candidate that becomes the border.")],
    effective: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of the new border.")],
    agreed_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the signatures.")],
    party: Annotated[list[str] | None, typer.Option(help="Label of a party that signs; repeat.")] = None,
    terms: Annotated[str, typer.Option(help="What else was agreed about the land; no persons.")] = "",
    sheet: Annotated[Path | None, typer.Option(help="The sheet that was signed: its SHA-256 is kept.")] = None,
    parcel: Annotated[list[str] | None, typer.Option(help="Identifier of a party's parcel: PARTY=ID; repeat.")] = None,
    version: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Make a candidate the border from a day on: new dated parcels, and what became of those before."""
    import hashlib

    from gridmap.service import cases
    from gridmap.service.cases_told import agreed_report, agreed_said
    from gridmap.store.cases_agreeing import Signing

    signing = Signing(
        candidate=candidate,
        agreed_on=agreed_on.date(),
        effective=effective.date(),
        parties=tuple(party or ()),
        terms=terms,
        sheet_sha256=hashlib.sha256(sheet.read_bytes()).hexdigest() if sheet else None,
    )
    with open_record() as engine:
        agreed = cases.agree(engine, code, signing, actor=actor(), version=version, ids=_pairs(parcel or []))
    told = agreed_report(agreed)
    typer.echo(json_text(told) if as_json else "\n".join(agreed_said(code, told)))


def _read(case: Case) -> Claims:
    """The claims of a case; the comparison tells already what had to be taken for granted to read them."""
    from gridmap.service.disputes import Claims

    return Claims(table=case.standing_claims, warnings=[])


def _pairs(given: list[str]) -> dict[str, str]:
    """``PARTY=ID`` pairs as a mapping."""
    pairs = [pair.rpartition("=") for pair in given]
    if not all(party and name for party, _, name in pairs):
        raise InputError(f"--parcel {' '.join(given)}", expected="PARTY=ID, such as 甲方=320613001001GB00001")
    return {party: name for party, _, name in pairs}
