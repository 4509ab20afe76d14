"""The journeys from a shell, on files or on the record.

Exit status: 0 done; 1 done, and the answer is "no" (not found, refused plan); 2 bad input or usage, with one message on
standard error.
"""

# heavy modules are imported inside the commands, so that ``gridmap --help`` is instant

from __future__ import annotations

import sys

import typer

from gridmap.cli import (
    aliases,
    cameras,
    cases,
    db,
    grids,
    keys,
    locate,
    maps,
    parcels,
    patrols,
    record,
    services,
    serving,
)
from gridmap.cli.outputs import keep_inputs
from gridmap.errors import GridmapError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for command in (locate.locate, record.load, record.publish, record.dump, serving.serve, serving.demo):
    app.command()(command)
for group, name in (
    (aliases, "aliases"),
    (cameras, "cameras"),
    (cases, "cases"),
    (db, "db"),
    (grids, "grids"),
    (keys, "keys"),
    (maps, "maps"),
    (parcels, "parcels"),
    (patrols, "patrols"),
    (services, "services"),
):
    app.add_typer(group.app, name=name)
keep_inputs(app)


def main() -> None:
    """Run a command; any error that a user can meet ends in one message and status 2."""
    try:
        app()
    except (GridmapError, OSError) as error:
        typer.echo(f"gridmap: {_shown(_said(error))}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - a fault of ours: the user gets a sentence, we get the details
        typer.echo(f"gridmap: a fault of gridmap's own, {type(error).__name__}: {error}; see {_noted()}", err=True)
        sys.exit(2)


def _said(error: GridmapError | OSError) -> str:
    """What an error says, as a sentence; that of the system names the file first."""
    if isinstance(error, GridmapError) or error.strerror is None:
        return str(error)
    return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"


def _shown(message: str) -> str:
    """A message without the control characters of what it tells of: a terminal would obey them."""
    import unicodedata

    return "".join(
        "?" if unicodedata.category(letter) == "Cc" and letter not in "\n\t" else letter for letter in message
    )


def _noted() -> str:
    """Write the details of the exception in hand to a file and return its path."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="gridmap-fault-", suffix=".txt", delete=False) as file:
        file.write(traceback.format_exc())
    return file.name
