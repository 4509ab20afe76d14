"""What all map pages have in common: a head with choices, one map or two, legends and lists beside them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from gridmap.maps import page
from gridmap.maps.words import Words

#: Scripts of all pages, in the order in which they build on one another, and their style.
_SCRIPTS = ("texts.js", "canvas.js", "sides.js", "areas.js", "panels.js", "shares.js")
_STYLE = "page.css"

#: Characters that turn the direction of what follows: with one in a name the page would read backwards.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_HEAD = """<header class="gm-head"><div><h1>{title}</h1><p>{dated}</p></div><div class="gm-controls">
<label>{shade} <select id="gm-by"></select></label><label>{level} <select id="gm-level"></select></label>
<details class="gm-layers"><summary>{layers}</summary><div id="gm-layers"></div></details></div></header>
<div id="gm-old" role="region" aria-label="{map}" hidden></div>
<aside class="gm-side">"""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What one kind of page is put together from."""

    #: the function of its script that draws it: it gets the map and what is written
    starts: str
    #: its words
    words: Words
    #: its own scripts after those of all pages, and its own style sheets
    files: tuple[str, ...]
    #: identifiers of its legends, in their order
    legends: tuple[str, ...]
    #: identifiers of its lists, below the legends
    lists: tuple[str, ...]
    #: options of the map
    options: dict[str, Any] = field(default_factory=dict)

    def page(self, written: dict[str, Any], *, title: str, on: date | None, lang: str) -> page.OfflineMap:
        """Return the page that shows what is written.

        Parameters
        ----------
        written
            Plain values, which the script finds as they are; words and language are added.
        title
            Heading of the page; the kind's own when empty.
        on
            The day that it is of; that it is not known is stated otherwise.
        lang
            ``zh`` or ``en``.

        Raises
        ------
        InputError
            If the language is neither ``zh`` nor ``en``.
        NotFoundError
            If this installation lacks Leaflet (``make web`` builds it in a checkout).
        """
        words = self.words.every(lang)
        dated = words["on"].format(on=on.isoformat()) if on else words["no_date"]
        made = page.OfflineMap(lang, zoom_control=False, zoom_snap=0.25, **self.options)
        root = made.figure
        root.title = page.text_html(_TURNING.sub("", title) or words["title"])
        scripts = "\n".join(map(_shipped, (*_SCRIPTS, *self._ending(".js"))))
        styles = "\n".join(map(_shipped, (_STYLE, *self._ending(".css"))))
        root.header.add_child(page.Part(f"<style>{styles}</style>"), name="page_style")
        root.header.add_child(page.Part(f"<script>{scripts}</script>"), name="page_script")
        data = _data(written | {"lang": lang, "words": words})
        root.html.add_child(page.Part(self._body(root.title, page.text_html(dated), words) + data), name="page_body")
        page.ScriptPart(f"{self.starts}(MAP, JSON.parse(document.getElementById('gm-data').textContent));").add_to(made)
        return made

    def _ending(self, ending: str) -> list[str]:
        return [name for name in self.files if name.endswith(ending)]

    def _body(self, title: str, dated: str, words: dict[str, str]) -> str:
        """Return the page's frame, still empty."""
        said = {name: page.text_html(words[name]) for name in ("shade", "level", "layers", "map")}
        legends = [f'<section class="gm-legend" id="{name}"></section>' for name in self.legends]
        lists = [f'<details class="gm-list" id="{name}" hidden></details>' for name in self.lists]
        head = _HEAD.format(title=title, dated=dated, **said)
        return "\n".join([head, *legends, *lists, "</aside>"])


def _data(written: dict[str, Any]) -> str:
    """Return what is written as text of the page, never as script: nothing in the data can end it or run."""
    text = json.dumps(written, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    text = _TURNING.sub("", text)
    return f'<script type="application/json" id="gm-data">{text}</script>'


def _shipped(name: str) -> str:
    """Return a file that lies beside this one."""
    return (Path(__file__).parent / name).read_text("utf-8")
