"""The page, its documentation and the maps: whole without any other host."""

from __future__ import annotations

import re

import pytest

from gridmap import store
from gridmap.api import create_app
from gridmap.api.app import OPERATIONS
from gridmap.atlas import Atlas
from gridmap.settings import Settings

#: An address that a browser would fetch by itself.
LOADED = re.compile(
    r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""", re.IGNORECASE
)


def test_the_page_says_where_to_look(client):
    config = client.get("/api/config").json()
    assert config["center"] == pytest.approx([120.01, 32.01])
    assert (config["levels"], config["basemap"]) == (["district", "grid"], None)
    # 0.02 degrees fill 800 pixels: log2(360 * 800 / (256 * 0.02)) = 15.78
    assert config["zoom"] == pytest.approx(15.78, abs=0.01)
    assert config["title"] == {"zh": "网格地图", "en": "gridmap"}


@pytest.mark.parametrize(
    ("role", "corrects"), [(None, "key"), ("operator", "key"), ("grid-admin", "yes"), ("system-admin", "yes")]
)
def test_the_page_learns_whether_its_key_may_correct(record, serving, role, corrects):
    with record.begin() as connection:
        key = store.add_key(connection, "someone", role, actor="test") if role else ""
    headers = {"Authorization": f"Bearer {key}"} if role else {}
    with serving(create_app(Atlas.of_record(record), engine=record, open_read=True)) as service:
        assert service.get("/api/config", headers=headers).json()["corrects"] == corrects


def test_a_service_of_files_keeps_no_corrections(client):
    assert client.get("/api/config").json()["corrects"] == "no"


def test_a_basemap_is_the_only_other_host_that_the_page_may_ask(small_atlas, serving):
    settings = Settings(basemap_url="https://t{0-7}.tianditu.gov.cn/{z}/{x}/{y}", basemap_attribution="天地图")
    with serving(create_app(small_atlas, settings=settings, open_read=True)) as client:
        assert client.get("/api/config").json()["basemap"]["attribution"] == "天地图"
        policy = client.get("/").headers["content-security-policy"]
    assert "img-src 'self' data: blob: https://*.tianditu.gov.cn;" in policy


def test_the_documentation_is_one_page_that_loads_and_runs_nothing(client):
    page = client.get("/docs")
    assert not LOADED.search(page.text)
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_documentation_tells_of_every_operation_and_refusal(client):
    page = client.get("/docs").text
    for operation in OPERATIONS:
        assert (f'id="{operation.answer.__name__}"' in page) == operation.shown
    for status in re.findall(r'href="#problem-(\d+)"', page):
        assert f'id="problem-{status}"' in page


def test_openapi_shows_an_example_of_every_answer_and_the_shape_of_every_refusal(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for said in (said for methods in document["paths"].values() for said in methods.values()):
        (good,) = (status for status in said["responses"] if status < "300")
        assert all("example" in content for content in said["responses"][good]["content"].values())
        assert "400" in said["responses"]
        refused = [said["responses"][status] for status in said["responses"] if status >= "400"]
        assert all(set(one["content"]) == {"application/problem+json"} for one in refused)


def test_every_parameter_in_the_documentation_is_read_and_no_other(client):
    document = client.get("/openapi.json").json()
    said = {parameter["name"] for parameter in document["paths"]["/api/locate"]["get"]["parameters"]}
    assert said == {"address", "lon", "lat", "crs", "accuracy", "explain", "on"}


def test_the_map_page_is_whole_and_cannot_reach_the_service(client):
    page = client.get("/maps/grids?lang=en")
    assert not LOADED.search(page.text)
    assert "32061300100100" in page.text
    assert page.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "connect-src" not in page.headers["content-security-policy"]


def test_the_map_page_says_of_which_day_it_is(client):
    said = {day: client.get(f"/maps/grids?lang=en&on={day}").text for day in ("2024-05-06", "2024-05-07")}
    assert all(f"Areas as of {day}" in page for day, page in said.items())


def test_a_file_that_the_page_does_not_list_is_never_served(client):
    for path in ("/assets/..%2f..%2fpyproject.toml", "/assets/none.js", "/sources.sha256", "/leaflet/leaflet.js"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/config", "/api/areas", "/none", "/docs", "/metrics", "/api/locate"])
def test_every_answer_is_taken_for_what_it_says_it_is(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.usefixtures("built_page")
def test_the_page_is_served_with_its_assets(client):
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    names = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page.text)
    assert names
    for name in names:
        asset = client.get(f"/{name}")
        assert (asset.status_code, asset.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert client.get(f"/{name}", headers={"if-none-match": asset.headers["etag"]}).status_code == 304


@pytest.fixture
def built_page():
    """Skip where the page was not built."""
    from gridmap.errors import NotFoundError
    from gridmap.resources import shipped

    try:
        return shipped("web/dist/index.html")
    except NotFoundError as error:
        pytest.skip(str(error))
