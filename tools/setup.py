"""Set up a checkout on a machine that has only Python, git and make; nothing is done twice.

    python3 tools/setup.py run     what `make demo` needs: .venv, PostGIS, the built page
    python3 tools/setup.py test    what `make test` needs: also the tools of tests and lint, and a browser
    python3 tools/setup.py bench   what `make bench` needs: also the libraries that are measured beside gridmap
    python3 tools/setup.py lock    resolve the dependencies afresh into requirements/*.lock

Asks nothing. Root gets missing system packages installed, any other user gets them unpacked where that is enough.
Standard library only.
"""

from __future__ import annotations

import ctypes.util
import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gridmap.errors import GridmapError  # noqa: E402 -- the checkout is not installed yet
from gridmap.postgis import apt, packages  # noqa: E402 -- as above

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "requirements"
#: what each lock file is resolved from
SOURCES = {
    "dev": ["--extra", "fast", "--extra", "parquet", "--group", "dev"],
    "run": [],
    "node": ["--only-group", "node"],
    "setup": ["--only-group", "setup"],
    "peers": ["--only-group", "peers"],
}
LEAST_PYTHON = (3, 11)
ROOT_USER = os.geteuid() == 0


class SetupError(RuntimeError):
    """The set-up cannot go on; the text says what to do."""


def main(what: str) -> None:
    """Do one of the set-ups and say how long it took."""
    started = time.monotonic()
    if sys.version_info < LEAST_PYTHON:
        raise SetupError(
            f"this is Python {sys.version.split()[0]}; gridmap needs 3.11 or newer: make PYTHON=python3.11 ..."
        )
    make_environment()
    if what == "lock":
        lock()
    else:
        install("run" if what == "run" else "dev")
        provide_postgis()
        build_page()
    if what == "test":
        provide_browser()
    if what == "bench":
        once("peers", lambda: uv("pip", "install", "--require-hashes", "-r", LOCKS / "peers.lock"))
    say(f"ready after {time.monotonic() - started:.0f} s")


def make_environment() -> None:
    """Make .venv with the locked installer in it."""
    if not runs(PYTHON):
        say("making .venv")
        make_venv()
    once("setup", fill_environment)


def make_venv() -> None:
    """Make .venv; Debian's Python may come without its parts for that."""
    if importlib.util.find_spec("ensurepip") is None and ROOT_USER:
        minor = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        apt.add(minor)
        importlib.invalidate_caches()
    pip = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    run([sys.executable, "-m", "venv", "--clear", *pip, VENV])


def fill_environment() -> None:
    """Install the locked installer and build backend by whatever pip there is."""
    with tempfile.TemporaryDirectory() as folder:
        say("installing the installer")
        options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--timeout", "180"]
        run([*pip(Path(folder)), "install", *options, "-r", LOCKS / "setup.lock"])


def pip(folder: Path) -> list[str | Path]:
    """Return a pip for .venv: its own, the system's, or one unpacked from the system's archive."""
    if runs(PYTHON, "-m", "pip"):
        return [PYTHON, "-m", "pip"]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    run(["dpkg-deb", "--extract", apt.fetch("python3-pip-whl", folder), folder])
    wheel = next(folder.glob("usr/share/python-wheels/pip-*.whl"))
    return [PYTHON, wheel / "pip"]


def install(name: str) -> None:
    """Install the locked packages, and gridmap itself as it stands in this checkout."""

    def work() -> None:
        say(f"installing what requirements/{name}.lock lists")
        uv("pip", "install", "--require-hashes", "-r", LOCKS / f"{name}.lock")
        # the page is built apart; hatchling stands in .venv already, so that nothing is resolved afresh
        uv("pip", "install", "--no-deps", "--no-build-isolation", "--reinstall-package", "gridmap", "-e", ROOT)

    once(name, work, also=ROOT / "pyproject.toml")


def provide_postgis() -> None:
    """See that there is a PostGIS, unless an existing one is named."""
    if not os.environ.get("GRIDMAP_DATABASE_URL"):
        packages.provide(packages.unpacked_dir())


def build_page() -> None:
    """Build the web page, with a Node.js from the package registry where the system has none."""
    if not shutil.which("node") or not shutil.which("npm"):
        once("node", lambda: uv("pip", "install", "--require-hashes", "-r", LOCKS / "node.lock"))
    run([PYTHON, ROOT / "web" / "build.py"])


def provide_browser() -> None:
    """See that there is a Chromium with Chinese letters for the browser tests; without it they are skipped."""
    # libatomic1: the Node.js inside Playwright is linked against it, and minimal systems lack it
    here = {
        "chromium": shutil.which("chromium") or shutil.which("google-chrome"),
        "fonts-noto-cjk": Path("/usr/share/fonts/opentype/noto").is_dir(),
        "libatomic1": ctypes.util.find_library("atomic"),
    }
    missing = [name for name, found in here.items() if not found]
    if missing and ROOT_USER:
        apt.add(*missing)
    elif missing:
        say(f"without root and without {', '.join(missing)} the browser tests will be skipped")


def lock() -> None:
    """Resolve all dependencies afresh into the lock files, which name no package index."""
    for name, options in SOURCES.items():
        shape = [
            "--universal",
            "--python-version",
            "3.11",
            "--generate-hashes",
            "--no-header",
            "--no-annotate",
            "--upgrade",
        ]
        same = [] if name == "dev" else ["--constraint", LOCKS / "dev.lock"]
        project = [] if "--only-group" in options else [ROOT / "pyproject.toml"]
        groups = [option.replace("--only-group", "--group") for option in options]
        uv("pip", "compile", *shape, *same, *groups, *project, "--output-file", LOCKS / f"{name}.lock")


def once(name: str, work: Callable[[], object], *, also: Path | None = None) -> None:
    """Do work unless it was done in this .venv for the same lock file."""
    mark = VENV / f"gridmap-{name}.done"
    content = (LOCKS / f"{name}.lock").read_bytes() + (also.read_bytes() if also else b"") + bytes(ROOT)
    digest = hashlib.sha256(content).hexdigest()
    if not mark.exists() or mark.read_text() != digest:
        work()
        mark.write_text(digest)


def uv(*arguments: str | Path) -> None:
    """Run uv on .venv, quietly and with patience."""
    settings = {
        "VIRTUAL_ENV": str(VENV),
        "UV_HTTP_TIMEOUT": "180",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_LINK_MODE": "copy",
    }
    run([VENV / "bin" / "uv", "--quiet", "--no-config", *arguments], **settings, **index())


@functools.cache
def index() -> dict[str, str]:
    """Return the package index that pip is set to use, as on closed networks: uv does not read pip's settings."""
    if os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL"):
        return {}
    command = [
        PYTHON if runs(PYTHON, "-m", "pip") else sys.executable,
        "-m",
        "pip",
        "config",
        "get",
        "global.index-url",
    ]
    found = subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    ).stdout.strip()
    url = os.environ.get("PIP_INDEX_URL") or found
    return {"UV_DEFAULT_INDEX": url} if url else {}


def runs(program: Path | str, *arguments: str) -> bool:
    """Whether a program is there and starts."""
    try:
        return subprocess.run([program, *arguments, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(command: list[str | Path], **settings: str) -> None:
    """Run a step; what it prints is shown."""
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL, env={**os.environ, **settings}).returncode:
        raise SetupError(f"`{' '.join(map(str, command[:6]))} ...` failed; see above")


def say(message: str) -> None:
    """Show progress."""
    sys.stderr.write(f"setup: {message}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    if sys.argv[1:] not in (["run"], ["test"], ["bench"], ["lock"]):
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except (SetupError, GridmapError) as error:
        sys.exit(f"setup: {error}")
