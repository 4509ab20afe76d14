"""A Folium map as one page that loads nothing: Leaflet written into it, everything else forbidden by its own policy.

Folium itself links to ten files on five hosts, and a saved map is a blank sheet on a closed network (folium issues 351,
1368, 1593, 1985). `OfflineMap` carries Leaflet inside instead: its `save`, notebooks and `page_html` are all
self-contained. Nothing of folium's classes is changed, so that maps may be made in several threads at once.
"""

from __future__ import annotations

import base64
import functools
import html
import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from gridmap.drafts import draft
from gridmap.errors import InputError
from gridmap.maps.words import TAGS
from gridmap.resources import shipped

#: Only what stands in the page itself may run or be shown; ``eval`` is not allowed either.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
_URL = re.compile(r"url\(\s*['\"]?([^'\")]*)['\"]?\s*\)")
# what loads by itself: a link that is clicked is the reader's own doing
_LOADS = re.compile(
    r"""<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)\s*=\s*["']?(?!data:)([^"'\s>]+)""", re.IGNORECASE
)


def text_html(text: str) -> str:
    """Return text as HTML that shows it as it is, braces included, and that no template language takes for its own.

    Folium writes popups, labels and names of layers into the page as HTML, so that a name with a tag in it runs as a
    script in the reader's browser; and branca takes the finished script for a Jinja template once more, so that a name
    with ``{{ ... }}`` in it runs as Python where the map is made.

    Examples
    --------
    >>> text_html("<b> {{ 7 * 7 }}")
    '&lt;b&gt; &#123;&#123; 7 * 7 &#125;&#125;'
    """
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")


class Part(Element):
    """HTML for one place of the page, as it stands: no template language is looked for in it.

    Branca takes the text of its own ``Element`` for a Jinja template: ``{{ ... }}`` in a name would be executed.
    """

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Part"
        self.text = text


class ScriptPart(MacroElement):
    """A script that runs after the map was made; ``MAP`` in it is the map, ``VALUES`` the values given."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            (function (MAP, VALUES) {
                {{ this.text }}
            })({{ this._parent.get_name() }}, {{ this.values|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "ScriptPart"
        self.text = text
        self.values = values


class OfflineMap(folium.Map):
    """A map without a base layer that carries Leaflet in it.

    Parameters
    ----------
    lang
        ``zh`` or ``en``: the language the page declares.
    options
        Options of `folium.Map`.

    Raises
    ------
    NotFoundError
        If the page's parts were not built yet (``make web``).
    """

    def __init__(self, lang: str, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        # of this map only: folium's own setters change the class, and with it every later map of the process
        self.default_js, self.default_css = [], []
        self.lang = lang
        self.figure.header.add_child(Part(_leaflet()), name="leaflet")

    @property
    def figure(self) -> Figure:
        """The page around the map."""
        return cast("Figure", self.get_root())


def page_html(page: folium.Map) -> str:
    """Return the map as one HTML page that makes no request at all.

    The same map makes the same page: folium's random identifiers are numbered in their order.

    Parameters
    ----------
    page
        A map made by this package.

    Returns
    -------
    str
        A whole HTML document, with a Content-Security-Policy that forbids everything from outside.

    Raises
    ------
    InputError
        If the map refers to other files, as maps and plugins of folium's own do.

    Examples
    --------
    >>> page_html(folium.Map(tiles=None))
    Traceback (most recent call last):
    ...
    gridmap.errors.InputError: a map that loads https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js; ...
    """
    figure = page.get_root()
    text = figure.render()
    if found := _outside(text):
        raise InputError(
            f"a map that loads {found}",
            expected="a map made by gridmap.maps, without plugins and tiles from elsewhere",
            do="use gridmap.maps.grids, or save the map with folium where a network is at hand",
        )
    tag = TAGS[getattr(page, "lang", "zh")]
    head = f'<html lang="{tag}">\n<head>\n<meta http-equiv="Content-Security-Policy" content="{POLICY}" />'
    return _numbered(text.replace("<html>\n<head>", head, 1), figure)


def write_page(page: folium.Map, path: str | Path) -> None:
    """Write the map as one self-contained HTML file; a reader never sees half of it.

    Parameters
    ----------
    page
        A map made by this package.
    path
        File to write; an existing one is replaced at once or, if anything fails, left as it was.

    Raises
    ------
    InputError
        As `page_html`; or if the file cannot be written.
    """
    target = Path(path)
    text = page_html(page)
    with draft(target) as fresh:
        fresh.write_text(text, encoding="utf-8")


def _outside(text: str) -> str | None:
    """Return the first thing that the page would load, scripts and data set aside, or None."""
    found = _LOADS.search(re.sub(r"(<script[^>]*>).*?</script>", r"\1", text, flags=re.DOTALL))
    tiles = re.search(r"L\.tileLayer(?:\.wms)?\(\s*\"([^\"]*)", text)
    return found[1] if found else tiles[1] if tiles else None


def _numbered(text: str, figure: Element) -> str:
    """Return the page with folium's random identifiers replaced by their number."""
    numbers = {identifier: f"{number}" for number, identifier in enumerate(_identifiers(figure))}
    return re.sub(r"(?<=_)[0-9a-f]{32}(?![0-9a-f])", lambda found: numbers.get(found[0], found[0]), text)


def _identifiers(element: Element) -> Iterator[str]:
    """Yield the identifiers of an element and all that hangs below it, in order."""
    yield element._id  # noqa: SLF001 - branca offers no other way to it
    for child in element._children.values():  # noqa: SLF001 - as above
        yield from _identifiers(child)


@functools.cache
def _leaflet() -> str:
    """Return Leaflet's style sheet and script as parts of a page."""
    folder = shipped("web/dist/leaflet")
    css = _URL.sub(lambda found: f"url({_data_uri(folder / found[1])})", (folder / "leaflet.css").read_text("utf-8"))
    script = (folder / "leaflet.js").read_text("utf-8")
    # its map of the source would be fetched, and its link to its makers stands in THIRD_PARTY.txt instead
    script = re.sub(r"//# sourceMappingURL=.*", "", script).replace('href="https://leafletjs.com"', 'href="#"')
    script = script.replace("</script", r"<\/script")
    return f"<style>{css}</style>\n<script>{script}</script>"


def _data_uri(path: Path) -> str:
    """Return a picture as text, an empty one where it was left out."""
    if path.suffix != ".png" or not path.is_file():
        return "data:,"
    kind = mimetypes.guess_type(path.name)[0]
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
