"""Paper to write on: text that is never cut in silence nor left blank, lines and ground in millimetres."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathlib import Path

    from fpdf import FPDF

Colour = tuple[int, int, int]

BLACK: Colour = (0, 0, 0)
GREY: Colour = (110, 110, 110)
#: Millimetres of a point of type.
PT_MM = 25.4 / 72
#: Middle of a Chinese character above the baseline, in parts of the size.
_MIDDLE = 0.36
#: What stands where a text was cut.
_CUT = "…"
#: A sheet that bears no date is dated so in the file, that equal sheets be equal files.
_NO_DAY = dt.date(2000, 1, 1)
#: General categories of characters that show nothing, or turn others round: their code is shown in their place.
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")

#: The characters that the font of a file begins with: others are taken as they are drawn.
_FIRST = "U+20"
#: Tables of a font that no PDF has a use for; to make them fit the few glyphs that are drawn takes half the time.
_UNUSED = frozenset({"BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"})


@dataclass(kw_only=True)
class Canvas:
    """A sheet that is being drawn."""

    #: the file
    pdf: FPDF
    #: names of the glyphs of the font by character
    glyphs: dict[int, str]
    #: what stands at the head of the pages that are begun
    head: str = ""
    #: texts that did not find room, in full
    cut: list[str] = field(default_factory=list)
    #: codes of characters that the font has not
    strange: set[str] = field(default_factory=set)
    #: characters already looked up, and their widths
    known: dict[str, str] = field(default_factory=dict)
    widths: dict[str, int] = field(default_factory=dict)

    def clean(self, text: object) -> str:
        """Text as it can be printed: what the font has not, or shows nothing, stands as its code, ``[U+20BB7]``."""
        return "".join(self.known.get(each) or self._known(each) for each in str(text))

    def _known(self, each: str) -> str:
        """One character as it can be printed."""
        if each.isspace():
            shown = " "
        elif unicodedata.category(each) in _UNSEEN or ord(each) not in self.glyphs:
            shown = f"[U+{ord(each):04X}]"
            self.strange.add(shown)
        else:
            shown = each
        for code in map(ord, shown):
            self._take(code)
        self.known[each] = shown
        return shown

    def _take(self, code: int) -> None:
        """Take a character into the font of the file: fpdf would take all 44 000 of them before the first is drawn."""
        font, glyph = self._font, self.glyphs[code]
        font.cmap[code] = glyph
        font.glyph_ids[code] = font.ttfont.getGlyphID(glyph)
        font.cw[code] = round(font.scale * font.ttfont["hmtx"].metrics[glyph][0] + 0.001)

    @property
    def _font(self) -> Any:
        """The one font of the sheet."""
        return self.pdf.fonts["sheet"]

    def width(self, text: str, size: float) -> float:
        """Millimetres that a text takes at a size in points."""
        return sum(map(self._width, text)) * size * PT_MM / 1000

    def _width(self, each: str) -> int:
        """Thousandths of the size that a character takes."""
        wide = self.widths.get(each)
        if wide is None:
            self.clean(each)
            wide = self.widths[each] = int(self._font.cw[ord(each)])
        return wide

    def fit(self, text: object, size: float, width: float) -> str:
        """A text on one line of that width; what is cut off is told."""
        whole = self.clean(text)
        if self.width(whole, size) <= width:
            return whole
        self.cut.append(whole)
        shown = whole
        while shown and self.width(shown + _CUT, size) > width:
            shown = shown[:-1]
        return shown + _CUT

    def wrap(self, text: object, size: float, width: float, *, most: int | None = None) -> list[str]:
        """A text on lines of that width: broken at spaces and between Chinese characters, at most so many lines."""
        whole = self.clean(text)
        if self.width(whole, size) <= width:
            return [whole.rstrip()]
        lines, used = [""], 0.0
        for word in _words(whole):
            # the space after a word may stand beyond the edge
            if used + self.width(word.rstrip(), size) <= width:
                lines[-1] += word
                used += self.width(word, size)
                continue
            lines += self._broken(word, size, width)
            used = self.width(lines[-1], size)
        found = [line.rstrip() for line in lines if line.strip()] or [""]
        if most is not None and len(found) > most:
            self.cut.append(whole)
            found = [*found[: most - 1], self._shortened(found[most - 1], size, width)]
        return found

    def _shortened(self, line: str, size: float, width: float) -> str:
        """A line that says that more was to follow."""
        while line and self.width(line + _CUT, size) > width:
            line = line[:-1]
        return line + _CUT

    def _broken(self, word: str, size: float, width: float) -> list[str]:
        """A word on as many lines as it needs."""
        lines = [""]
        for each in word:
            if lines[-1] and self.width(lines[-1] + each, size) > width and not each.isspace():
                lines.append("")
            lines[-1] += each
        return lines

    def text(self, x: float, y: float, text: str, size: float, colour: Colour = BLACK) -> None:
        """Write a text: from x on, its middle at height y."""
        self.pdf.set_font("sheet", size=size)
        self.pdf.set_text_color(*colour)
        self.pdf.text(x, y + _MIDDLE * size * PT_MM, self.clean(text))

    def upright(self, x: float, y: float, text: str, size: float) -> None:
        """Write a text upwards, its middle line at x, from y on."""
        with self.pdf.rotation(90, x, y):
            self.text(x, y, text, size)

    def pen(self, width: float, colour: Colour = BLACK, dash: Sequence[float] = ()) -> None:
        """Take a pen: width in millimetres, dash and gap."""
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(width)
        self.pdf.set_dash_pattern(*dash)

    def shade(self, room: tuple[float, float, float, float], colour: Colour) -> None:
        """Fill a rectangle: left, top, width and height."""
        self.pdf.set_fill_color(*colour)
        self.pdf.rect(*room, style="F")

    def lines(self, shape: Any) -> None:
        """Draw lines and outlines of a shape in millimetres of the paper."""
        for part in shapely.get_parts(shapely.get_parts(shape)):
            rings = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
            for ring in rings:
                points = shapely.get_coordinates(ring)
                if len(points) > 1:
                    self.pdf.polyline(_pairs(points))

    def fill(self, shape: Any, colour: Colour) -> None:
        """Fill the ground of a shape in millimetres of the paper; its holes stay free."""
        self.pdf.set_fill_color(*colour)
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon" and not part.is_empty:
                self.pdf.polygon(_pairs(keyhole(part)), style="F")

    def go_to(self, page: int) -> None:
        """Write on that page from now on; it may end in another type and pen than those taken last."""
        self.pdf.page = page
        # what is taken twice is written once: other ones first, so that the next are written
        self.pdf.set_font("sheet", size=1)
        self.pen(1, (1, 1, 1), (1, 1))

    def finished(self) -> bytes:
        """The file."""
        font = self._font.ttfont
        # of the font the drawn glyphs go into the file: boxes about them, and what sets text upright, are not needed
        font.recalcBBoxes = False
        for name in _UNUSED & set(font.keys()):
            del font[name]
        return bytes(self.pdf.output())

    def close(self) -> None:
        """Close the file of the font."""
        self._font.ttfont.close()


def keyhole(polygon: Any) -> NDArray[np.float64]:
    """Return one ring that goes round a polygon and, over a cut of no width, round each hole the other way.

    Raises
    ------
    Nothing
    """
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.orient_polygons(polygon))]
    start = rings[0][:1]
    return np.vstack([rings[0], *(part for hole in rings[1:] for part in (hole, start))])


def canvas(font: tuple[Path, int], size: tuple[float, float], *, title: str, on: dt.date | None) -> Canvas:
    """Return an empty sheet of that size in millimetres, embedded font, and no time of its making but a day.

    Raises
    ------
    Nothing
    """
    from fpdf import FPDF  # heavy, and of no other map

    pdf = FPDF(orientation="portrait", unit="mm", format=size)
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    path, face = font
    pdf.add_font("sheet", "", path, collection_font_number=face, unicode_range=_FIRST)
    pdf.set_creation_date(dt.datetime.combine(on or _NO_DAY, dt.time(), tzinfo=dt.UTC))
    pdf.set_title(title)
    pdf.set_creator("gridmap")
    pdf.set_producer("gridmap")
    held: Any = pdf.fonts["sheet"]
    return Canvas(pdf=pdf, glyphs=held.ttfont.getBestCmap())


def _pairs(points: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Rows as pairs."""
    return [(float(x), float(y)) for x, y in points]


def _words(text: str) -> list[str]:
    """Pieces between which a line may end: each wide character, and each run of others with the space after it."""
    found: list[str] = []
    joined = opened = False
    for each in text:
        wide = unicodedata.east_asian_width(each) in "WF"
        closing = each in "，。；：、）】》”’！？"
        if found and (closing or opened or each == " " or (joined and not wide)):
            found[-1] += each
        else:
            found.append(each)
        joined = not wide and each != " "
        opened = each in "（《“‘["
    return found
