"""The mediation sheet in PDF: a comparison of claims as people sign it, in Chinese and English."""

from __future__ import annotations

from gridmap.maps.sheet.fonts import find_font
from gridmap.maps.sheet.making import sheet

__all__ = ["find_font", "sheet"]
