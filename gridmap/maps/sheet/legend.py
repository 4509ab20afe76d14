"""The legend of a map: whose line is which, and how much ground lies between."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gridmap.disputes import Comparison, mu
from gridmap.maps.sheet import drawing
from gridmap.maps.sheet.canvas import BLACK, GREY, Canvas, Colour
from gridmap.maps.sheet.drawing import CANDIDATE_MM, CLAIM_MM
from gridmap.maps.sheet.flow import Flow, heading, paragraph, swatches
from gridmap.maps.sheet.scene import Line, Scene
from gridmap.maps.sheet.sections import titled
from gridmap.maps.sheet.tables import records
from gridmap.maps.sheet.words import Voice

#: Draws a sample at x, y in that width.
Swatch = Callable[[float, float, float], None]
Entry = tuple[Swatch, str]


def legend(flow: Flow, compared: Comparison, shown: Scene, say: Voice) -> None:
    """Write the legend, and below it that nothing is contested where nothing is.

    Raises
    ------
    Nothing
    """
    heading(flow, say.each("legend"))
    swatches(flow, [*_claims(flow.canvas, compared, shown, say), *_ground(flow.canvas, shown, say)])
    swatches(flow, [*_candidates(flow.canvas, compared, shown, say), *_objects(flow.canvas, shown, say)])
    flow.y += 1.0
    for key, cells in (("uncontested", shown.contested), ("no_gap", shown.gaps)):
        for text in say.each(key) if cells.empty else ():
            paragraph(flow, text)


def _figures(m2: float, say: Voice) -> str:
    """An area in figures and signs that every language reads."""
    return f"{m2:,.2f} m² ({float(mu(m2)):,.4f} {say.line('mu')})"


def _claims(canvas: Canvas, compared: Comparison, shown: Scene, say: Voice) -> list[Entry]:
    """Each party's line, with the area it claims where it claims ground."""
    areas = dict(zip(compared.claims["party"].astype(str), compared.claims["area_m2"], strict=True))
    entries = []
    for line in shown.claims:
        m2 = float(areas[line.name])
        text = f"{line.name} {say.line('claimed')}"
        entries.append((_stroke(canvas, line, CLAIM_MM), f"{text} {_figures(m2, say)}" if np.isfinite(m2) else text))
    return entries


def _ground(canvas: Canvas, shown: Scene, say: Voice) -> list[Entry]:
    """Contested ground and gaps, so far as there are any."""
    entries = []
    kinds = (("contested", shown.contested, drawing.CONTESTED, 1), ("gap", shown.gaps, drawing.GAP, -1))
    for key, cells, colour, turn in kinds:
        if len(cells):
            names = cells["id"].tolist()
            which = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")  # noqa: PLR2004 - as many as fit
            figures = _figures(float(cells["area_m2"].sum()), say)
            entries.append((_patch(canvas, colour, turn), f"{say.line(key)} {which}: {figures}"))
    return entries


def _candidates(canvas: Canvas, compared: Comparison, shown: Scene, say: Voice) -> list[Entry]:
    """The lines proposed, and the mark of their points."""
    entries = [
        (_stroke(canvas, line, CANDIDATE_MM), f"{say.line('candidate')} {line.number}: {titled(row)}")
        for line, row in zip(shown.candidates, records(compared.candidates), strict=True)
    ]
    if entries:
        entries.append((lambda x, y, width: drawing.point(canvas, x + width / 2, y), say.line("point")))
    return entries


def _objects(canvas: Canvas, shown: Scene, say: Voice) -> list[Entry]:
    """Buildings, and other objects."""
    entries: list[Entry] = []
    built = shown.objects["kind"] == "building"
    if built.any():
        entries.append((_patch(canvas, drawing.BUILDING, 0), say.line("building")))
    if (~built).any():
        entries.append((lambda x, y, width: drawing.thing(canvas, x + width / 2, y), say.line("thing")))
    return entries


def _stroke(canvas: Canvas, line: Line, pen: float) -> Swatch:
    """A sample of a line."""

    def sample(x: float, y: float, width: float) -> None:
        canvas.pen(pen, line.look.colour, line.look.dash)
        canvas.pdf.line(x, y, x + width, y)

    return sample


def _patch(canvas: Canvas, colour: Colour, turn: int) -> Swatch:
    """A sample of ground."""

    def sample(x: float, y: float, width: float) -> None:
        canvas.pdf.set_fill_color(*colour)
        canvas.pdf.rect(x, y - 1.2, width, 2.4, style="F")
        canvas.pen(drawing.FINE_MM, GREY if turn else BLACK)
        for step in np.arange(0, width - 2.4 + 1e-9, drawing.HATCH_MM) if turn else ():
            low, high = (y + 1.2, y - 1.2) if turn > 0 else (y - 1.2, y + 1.2)
            canvas.pdf.line(x + float(step), low, x + float(step) + 2.4, high)
        canvas.pdf.rect(x, y - 1.2, width, 2.4)

    return sample
