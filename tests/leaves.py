"""Pages of a PDF as a reader gets them: characters with their ink, lines of text, and paths in millimetres."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pypdfium2
from pypdfium2 import raw

MM = 25.4 / 72


@contextmanager
def leaves(content: bytes) -> Iterator[list[pypdfium2.PdfPage]]:
    """The pages of a file, closed again in the end."""
    document = pypdfium2.PdfDocument(content)
    pages = [document[k] for k in range(len(document))]
    try:
        yield pages
    finally:
        for page in pages:
            page.close()
        document.close()


def words(page) -> str:
    """All that a page says, without the breaks of its lines."""
    text = page.get_textpage()
    said = text.get_text_range()
    text.close()
    return said.replace("\r\n", "")


def said(content: bytes) -> str:
    """All that a file says."""
    with leaves(content) as pages:
        return "".join(map(words, pages))


def inks(page, *, dots_per_pt=4):
    """Each character that is no space, and the share of its box that is not white on the rendered page."""
    grey = np.asarray(page.render(scale=dots_per_pt, grayscale=True).to_numpy()).squeeze()
    text = page.get_textpage()
    found = []
    for at in range(text.count_chars()):
        letter = text.get_text_range(at, 1)
        left, bottom, right, top = (edge * dots_per_pt for edge in text.get_charbox(at))
        if letter.strip():
            box = grey[int(len(grey) - top) : int(np.ceil(len(grey) - bottom)), int(left) : int(np.ceil(right))]
            found.append((letter, float((box < 200).mean()) if box.size else 0.0))
    text.close()
    return found


def boxes(page):
    """Left, bottom, right and top of each line of text, in millimetres."""
    of_text = page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])
    return np.array([each.get_bounds() for each in of_text]) * MM


def overlapping(page, *, tolerance=0.05):
    """How many pairs of lines of text cover each other."""
    left, bottom, right, top = boxes(page).T
    over = (np.minimum(right[:, None], right) - np.maximum(left[:, None], left) > tolerance) & (
        np.minimum(top[:, None], top) - np.maximum(bottom[:, None], bottom) > tolerance
    )
    return int(np.triu(over, k=1).sum())


def paths(page):
    """Points of each path in millimetres from the lower left corner, the colour of its pen, and its width."""
    for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]):
        points = [_point(raw.FPDFPath_GetPathSegment(each, k)) for k in range(raw.FPDFPath_CountSegments(each))]
        colour = [ctypes.c_uint() for _ in range(4)]
        raw.FPDFPageObj_GetStrokeColor(each, *colour)
        width = ctypes.c_float()
        raw.FPDFPageObj_GetStrokeWidth(each, width)
        matrix = each.get_matrix()
        places = np.array([matrix.on_point(*place) for place in points]) * MM
        yield places, tuple(part.value for part in colour[:3]), width.value * MM


def lengths(page, colour, width):
    """Lengths in millimetres of all straight pieces drawn with a pen."""
    found = [
        float(np.hypot(*(b - a)))
        for points, pen, wide in paths(page)
        if pen == colour and abs(wide - width) < 0.005
        for a, b in pairwise(points)
    ]
    return sorted(found)


def _point(segment):
    x, y = ctypes.c_float(), ctypes.c_float()
    raw.FPDFPathSegment_GetPoint(segment, x, y)
    return x.value, y.value
