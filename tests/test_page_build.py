"""How the page is built: only when needed, with a recent Node.js, and with the licences of what it holds."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("page_build", ROOT / "web" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.usefixtures("built_page")
def test_a_page_whose_sources_did_not_change_is_not_built_again(build):
    assert build.build() is False


@pytest.mark.usefixtures("built_page")
def test_a_changed_source_asks_for_a_new_build(build, monkeypatch):
    assert build.is_current()
    monkeypatch.setattr(build, "digest", lambda: "of other sources")
    assert not build.is_current()


def test_the_same_bytes_under_another_name_are_other_sources(build, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "WEB", tmp_path)
    (tmp_path / "a.ts").write_text("x")
    first = build.digest(("a.ts",))
    (tmp_path / "a.ts").rename(tmp_path / "b.ts")
    assert build.digest(("b.ts",)) != first


@pytest.mark.parametrize(
    ("version", "recent"),
    {
        "v18.20.4": False,
        "v20.18.3": False,
        "v20.19.0": True,
        "v21.7.3": False,
        "v22.11.0": False,
        "v22.12.0": True,
        "v24.1.0": True,
        "no version": False,
    }.items(),
)
def test_only_a_node_that_the_bundler_runs_on_is_taken(build, tmp_path, version, recent):
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    assert build._recent(str(node)) is recent


def test_the_licences_of_all_that_is_bundled_stand_beside_the_page(built_page):
    text = (built_page / "THIRD_PARTY.txt").read_text()
    assert re.findall(r"^(\S+) \d\S* \(", text, re.MULTILINE) == ["leaflet", "ol", "quickselect", "rbush"]
    assert text.count("Copyright") >= 4


def test_neither_the_page_nor_its_style_loads_from_another_host(built_page):
    text = "".join(path.read_text() for path in [built_page / "index.html", *built_page.glob("assets/*.css")])
    assert re.findall(r"https?:", text.replace("http://www.w3.org/2000/svg", "")) == []


def test_the_lock_file_names_no_registry():
    assert '"resolved"' not in (ROOT / "web" / "package-lock.json").read_text()


def test_the_page_passes_its_type_check_and_unit_tests(build):
    build.check()
