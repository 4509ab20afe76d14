"""The journeys from a shell, on files or on the record.

Exit status: 0 done; 1 done, and the answer is "no" (not found, refused plan); 2 bad input or usage, with one message on
standard error. Heavy modules are imported inside the commands, so that ``gridmap --help`` is instant.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.errors import ConflictError, GridmapError, InputError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from gridmap.errors import Fault
    from gridmap.service import Loaded
    from gridmap.settings import Settings
    from gridmap.territory import Territory

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
db = typer.Typer(no_args_is_help=True, help="The record: a private PostGIS, or the one GRIDMAP_DATABASE_URL names.")
keys = typer.Typer(no_args_is_help=True, help="API keys and their roles.")
maps = typer.Typer(no_args_is_help=True, help="Self-contained map pages.")
app.add_typer(db, name="db")
app.add_typer(keys, name="keys")
app.add_typer(maps, name="maps")

On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day asked about; today if left out.")
]
Effective = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of force; today if left out.")]
Crs = Annotated[str | None, typer.Option("--crs", help="CRS of a file that states none: EPSG code, GCJ-02 or BD-09.")]
Columns = Annotated[list[str] | None, typer.Option("--column", help="ours=theirs, or layer.ours=theirs; repeat it.")]
Encoding = Annotated[str | None, typer.Option(help="Text encoding of a file that is read wrongly.")]
Sublayer = Annotated[str | None, typer.Option(help="Layer inside a file that holds several.")]
Mend = Annotated[bool, typer.Option("--mend", help="Mend invalid rings and report the area each mend changes.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")]
File = Annotated[Path, typer.Argument(help="A file.")]


@app.command()
def locate(
    text: Annotated[list[str] | None, typer.Argument(help="Address, or coordinates as lon,lat.")] = None,
    areas: Annotated[Path | None, typer.Option(help="Areas; the record's if left out.")] = None,
    addresses: Annotated[Path | None, typer.Option(help="Addresses; the record's if left out.")] = None,
    source: Annotated[Path | None, typer.Option("--in", help="CSV with query, or lon and lat.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="CSV of answers.")] = None,
    on: On = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
    accuracy: Annotated[float | None, typer.Option(min=0, help="Metres; nearer borders make it ambiguous.")] = None,
    crs: Crs = None,
    query_crs: Annotated[str, typer.Option(help="CRS of lon and lat in the question.")] = "EPSG:4326",
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Say which area addresses or points are in, one by one or for a whole file."""
    from gridmap import service

    texts = text or []
    if bool(texts) == (source is not None) or (source is None) != (out is None):
        raise InputError("the question is incomplete", expected="TEXT, or --in queries.csv with --out answers.csv")
    files = {"areas": areas, "addresses": addresses}
    with _territory(files, on=_day(on), columns=_mapping(column), crs=crs) as territory:
        if source is not None and out is not None:
            question = service.Question(accuracy_m=accuracy, crs=query_crs, columns=_mapping(column))
            with _progress("locate") as advance:
                counts = service.locate_file(
                    source, out, territory, question=question, workers=workers, progress=lambda done: advance(done, 0)
                )
            said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "no rows"
            typer.echo(_json(counts) if as_json else f"{said}; written to {out}", err=not as_json)
            return
        answers = [_ask(territory, query, accuracy, query_crs) for query in texts]
    _show_answers(answers, as_json=as_json)
    if any(answer["status"] in {"not_found", "outside"} for answer in answers):
        raise typer.Exit(1)


@app.command()
def load(
    layer: Annotated[str, typer.Argument(help="areas, buildings, streets, addresses, cameras, ...")],
    file: File,
    effective: Effective = None,
    replace: Annotated[bool, typer.Option("--replace", help="Rows that the file lacks end on that day.")] = False,
    crs: Crs = None,
    column: Columns = None,
    encoding: Encoding = None,
    sublayer: Sublayer = None,
    mend: Mend = False,
    as_json: AsJson = False,
) -> None:
    """Load a file into the record: all of it, or nothing with every fault listed."""
    from gridmap import service

    if layer not in service.LAYERS:
        raise InputError(f"layer {layer}", expected="one of " + ", ".join(service.LAYERS))
    with _record() as engine, _progress(f"load {layer}") as advance:
        loaded = service.load_file(
            engine,
            layer,
            file,
            deed=service.Deed(actor=_actor(), effective=_day(effective)),
            replace=replace,
            progress=advance,
            crs=crs,
            columns=_mapping(column) or None,
            encoding=encoding,
            sublayer=sublayer,
            mend=mend,
        )
    _show_loaded(loaded, as_json=as_json)


@app.command()
def publish(
    file: File,
    effective: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day of force.")],
    crs: Crs = None,
    column: Columns = None,
    encoding: Encoding = None,
    sublayer: Sublayer = None,
    mend: Mend = False,
    as_json: AsJson = False,
) -> None:
    """Make an area set the plan in force on a day, all levels at once."""
    from gridmap import service

    with _record() as engine:
        try:
            loaded = service.publish_file(
                engine,
                file,
                deed=service.Deed(actor=_actor(), effective=effective.date()),
                crs=crs,
                columns=_mapping(column) or None,
                encoding=encoding,
                sublayer=sublayer,
                mend=mend,
            )
        except ConflictError as refusal:
            typer.echo(f"refused: {refusal}", err=True)
            raise typer.Exit(1) from refusal
    _show_loaded(loaded, as_json=as_json)


@app.command()
def dump(
    layer: Annotated[str, typer.Argument(help="areas, buildings, streets, ...")],
    file: File,
    on: On = None,
) -> None:
    """Write a layer of the record to a file: as of a day, or every row ever."""
    from gridmap import service

    if layer not in service.LAYERS:
        raise InputError(f"layer {layer}", expected="one of " + ", ".join(service.LAYERS))
    with _record() as engine:
        rows = service.dump_file(engine, layer, file, on=on.date() if on else None)
    typer.echo(f"{rows} rows of {layer} written to {file}", err=True)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8300,
    require_key: Annotated[bool, typer.Option("--require-key", help="Also on loopback, as behind a proxy.")] = False,
) -> None:
    """Serve the record over HTTP, with the map page."""
    from gridmap.api.server import run

    with _record() as engine:
        run(engine, _settings(), host=host, port=port, require_key=require_key)


@app.command()
def demo(
    buildings: Annotated[int, typer.Option(min=200, max=200_000, help="Size of the sample territory.")] = 5000,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8300,
    stop: Annotated[bool, typer.Option("--stop", help="Stop a demo that runs.")] = False,
) -> None:
    """Start everything on the sample territory, and say where to look."""
    from gridmap import daemon

    folder = _settings().data_dir / "demo"
    if stop:
        typer.echo("the demo is stopped" if daemon.stop(folder) else "no demo was running")
        return
    with _record(private=folder) as engine:
        _fill_demo(engine, buildings)
        address = daemon.start(folder, port=port)
    typer.echo(f"gridmap is up: {address}\nStop it with: {_own_name()} demo --stop")


@db.command("up")
def db_up() -> None:
    """Start the private record and leave it running."""
    from gridmap import store
    from gridmap.store import cluster

    url = _settings().database_url or cluster.up(_settings().data_dir, stay=True)
    store.migrate(url)
    typer.echo(url)


@db.command("down")
def db_down() -> None:
    """Stop the private record."""
    from gridmap.store import cluster

    cluster.down(_settings().data_dir)


@db.command("status")
def db_status(as_json: AsJson = False) -> None:
    """Say whether the record runs, and where; status 1 if it does not."""
    from dataclasses import asdict

    from gridmap import store
    from gridmap.store import cluster

    settings = _settings()
    if settings.database_url:
        store.connect(settings.database_url).dispose()
        said, running = {"url": settings.database_url}, True
    else:
        status = cluster.status(settings.data_dir)
        said, running = asdict(status), status.running
    typer.echo(_json(said) if as_json else "\n".join(f"{name}: {value}" for name, value in said.items()))
    if not running:
        raise typer.Exit(1)


@db.command("migrate")
def db_migrate() -> None:
    """Bring the record's tables up to date."""
    from gridmap import store

    with _record() as engine:
        store.migrate(engine.url.render_as_string(hide_password=False))


@db.command("backup")
def db_backup(file: File) -> None:
    """Write the whole record to one file."""
    from gridmap.store import cluster

    with _record() as engine:
        cluster.backup(engine.url.render_as_string(hide_password=False), file)


@db.command("restore")
def db_restore(file: File) -> None:
    """Put back a whole record from a backup; a broken file leaves the present one untouched."""
    from gridmap.store import cluster

    with _record() as engine:
        url = engine.url.render_as_string(hide_password=False)
        engine.dispose()
        cluster.restore(url, file)


@keys.command("add")
def keys_add(
    name: Annotated[str, typer.Argument(help="What the key is for; not a person's name.")],
    role: Annotated[str, typer.Option(help="viewer, operator, mediator, grid-admin or system-admin.")],
) -> None:
    """Make a key and print it, once: only its hash is kept."""
    from gridmap import store

    with _record() as engine, engine.begin() as connection:
        typer.echo(store.add_key(connection, name, role, actor=_actor()))


@keys.command("list")
def keys_list(as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    from dataclasses import asdict

    from gridmap import store

    with _record() as engine, engine.connect() as connection:
        held = store.list_keys(connection)
    if as_json:
        typer.echo(_json([asdict(key) for key in held]))
        return
    for key in held:
        end = f"revoked {key.revoked:%Y-%m-%d %H:%M}" if key.revoked else "in use"
        typer.echo(f"{key.prefix}...  {key.role:12}  {key.created:%Y-%m-%d %H:%M}  {end}  {key.name}")


@keys.command("revoke")
def keys_revoke(name: Annotated[str, typer.Argument(help="The key's name.")]) -> None:
    """End a key at once."""
    from gridmap import store

    with _record() as engine, engine.begin() as connection:
        store.revoke_key(connection, name, actor=_actor())


@maps.command("grids")
def maps_grids(
    out: Annotated[Path, typer.Option(help="The page, .html.")],
    areas: Annotated[Path | None, typer.Option(help="Areas; the record's if left out.")] = None,
    buildings: Annotated[Path | None, typer.Option(help="Buildings to draw below them.")] = None,
    streets: Annotated[Path | None, typer.Option(help="Streets to draw below them.")] = None,
    on: On = None,
    title: Annotated[str, typer.Option(help="Title of the page.")] = "",
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    crs: Crs = None,
    column: Columns = None,
) -> None:
    """Draw the areas as one self-contained page."""
    from gridmap import maps as pages
    from gridmap import service
    from gridmap.frames.validity import in_force

    files = {"areas": areas, "buildings": buildings, "streets": streets}
    tables = service.read_tables(files, columns=_mapping(column), crs=crs)
    if "areas" not in tables:
        with _territory({}, on=_day(on)) as territory:
            tables["areas"] = territory.areas
    tables["areas"] = in_force(tables["areas"], _day(on))
    page = pages.grids(
        tables["areas"],
        buildings=tables.get("buildings"),
        streets=tables.get("streets"),
        title=title,
        lang=lang,
        on=_day(on),
    )
    pages.write_page(page, out)


def main() -> None:
    """Run a command; any error that a user can meet ends in one message and status 2."""
    try:
        app()
    except (GridmapError, OSError) as error:
        typer.echo(f"gridmap: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - a fault of ours: the user gets a sentence, we get the details
        typer.echo(f"gridmap: a fault of gridmap's own, {type(error).__name__}: {error}; see {_noted()}", err=True)
        sys.exit(2)


def _noted() -> str:
    """Write the details of the exception in hand to a file and return its path."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="gridmap-fault-", suffix=".txt", delete=False) as file:
        file.write(traceback.format_exc())
    return file.name


def _settings() -> Settings:
    """The environment, read now."""
    from gridmap.settings import Settings

    return Settings()


@contextmanager
def _record(private: Path | None = None) -> Iterator[Engine]:
    """An engine on the record; ``private`` names the folder of a private one, whatever the environment says."""
    from gridmap import service

    settings = _settings()
    url, folder = (None, private) if private else (settings.database_url, settings.data_dir)
    with service.open_record(url, folder) as engine:
        yield engine


@contextmanager
def _territory(
    files: dict[str, Path | None], *, on: date, columns: dict[str, str] | None = None, crs: str | None = None
) -> Iterator[Territory]:
    """What is in force on a day, from files or else from the record."""
    from gridmap import service
    from gridmap.atlas import Atlas
    from gridmap.territory import Territory

    tables = service.read_tables(files, columns=columns, crs=crs)
    if "areas" in tables:
        territory = Atlas.of_tables(tables["areas"], tables.get("addresses")).territory(on)
        _warn(tables, service.area_warnings(territory.index))
        yield territory
        return
    with _record() as engine:
        territory = Atlas.of_record(engine).territory(on)
        if "addresses" in tables:
            territory = Territory(territory.areas, tables["addresses"], on=on, version=territory.version)
        yield territory


def _warn(tables: dict[str, Any], more: tuple[Fault, ...]) -> None:
    """Say on standard error what the user should know of files that were read and not kept."""
    for layer, table in tables.items():
        for warning in table.attrs["reading"]["warnings"]:
            place = layer if warning["feature"] is None else f"{layer}, feature {warning['feature']}"
            typer.echo(f"warning: {place}: {warning['message']}", err=True)
    for fault in more:
        typer.echo(f"warning: areas: {fault.message}", err=True)


def _ask(territory: Territory, query: str, accuracy_m: float | None, query_crs: str) -> dict[str, Any]:
    """Answer one address, or one point written as lon,lat."""
    from gridmap import crs

    try:
        x, y = (float(part) for part in query.replace("，", ",").split(","))
    except ValueError:
        return territory.find(query, accuracy_m=accuracy_m)
    lon, lat = crs.to_wgs84(x, y, query_crs)
    return {"query": query, **territory.locate(float(lon), float(lat), accuracy_m=accuracy_m)}


def _fill_demo(engine: Engine, buildings: int) -> None:
    """Load the sample territory, unless an earlier demo did."""
    from gridmap import service

    try:
        rows = service.load_demo(engine, buildings=buildings)
    except ConflictError:
        typer.echo(
            f"the demo's record is filled already; to begin anew, remove {_settings().data_dir / 'demo'}", err=True
        )
        return
    typer.echo(", ".join(f"{count} {layer}" for layer, count in rows.items()), err=True)


def _own_name() -> str:
    """Return what to type for this program: its path, unless its name alone finds it."""
    import shlex
    import shutil

    program = Path(sys.executable).with_name("gridmap")
    return "gridmap" if shutil.which("gridmap") == str(program) else shlex.quote(str(program))


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error; where that is no terminal, nothing is drawn."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


def _show_answers(answers: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(_json(answers[0] if len(answers) == 1 else answers))
        return
    typer.echo("\n\n".join("\n".join(_lines(answer)) for answer in answers))


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    """An answer as a person reads it: what was asked, what was found, where, and how sure that is."""
    yield f"{answer['query']}: {answer['status']}"
    if answer["area"]:
        yield f"  {answer['area']}  {' > '.join(str(link['name'] or link['code']) for link in answer['chain'])}"
    if answer.get("address"):
        yield f"  {answer['address']} ({answer['matched_level']})"
    if answer["border_m"] is not None:
        yield f"  {answer['lon']:.6f}, {answer['lat']:.6f}; {answer['border_m']:.1f} m to the nearest border"
    for other in answer.get("candidates", []):
        yield f"  or {other.get('address') or other.get('name') or ''} {other.get('code') or other.get('area') or ''}"


def _show_loaded(loaded: Loaded, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        warnings = [{"code": fault.code, "message": fault.message} for fault in loaded.warnings]
        typer.echo(_json({**asdict(loaded.report), "reading": loaded.reading, "warnings": warnings}))
        return
    rows = {what: count for what, count in asdict(loaded.report).items() if what != "load_id"}
    typer.echo(", ".join(f"{count} {what}" for what, count in rows.items()))
    typer.echo(str(loaded.reading["crs"]), err=True)
    for mend in loaded.reading["mended"]:  # type: ignore[attr-defined]
        typer.echo(f"mended feature {mend['feature']}: {mend['changed_m2']:.2f} m2 changed", err=True)
    for message in (*(warning["message"] for warning in loaded.reading["warnings"]), *loaded.warnings):  # type: ignore[attr-defined]
        typer.echo(f"warning: {message}", err=True)


def _mapping(pairs: list[str] | None) -> dict[str, str]:
    """``ours=theirs`` pairs as a mapping."""
    mapping = {}
    for pair in pairs or []:
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise InputError(f"--column {pair}", expected="ours=theirs, such as code=编码")
        mapping[ours.strip()] = theirs.strip()
    return mapping


def _day(moment: datetime | None) -> date:
    """The day given, else today."""
    from gridmap.territory import today

    return moment.date() if moment else today()


def _actor() -> str:
    """The account that runs the command, for the audit."""
    import getpass

    return f"shell:{getpass.getuser()}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)
