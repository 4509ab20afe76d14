"""Figures of areas as a person reads them: each level in a few lines, then the areas that are off a norm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from rich.table import Table

#: Areas off a norm that are shown of each level.
_SHOWN = 10


def show_figures(figured: gpd.GeoDataFrame, judged: pd.DataFrame) -> None:
    """Print for each level what its figures are and how many areas keep the norms, then areas that do not."""
    from rich.console import Console

    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
    for level, of_level in figured.groupby("level", sort=False, dropna=False):
        verdicts = judged[judged["level"] == level]
        console.print(_summary(f"{level}: {len(of_level)}", of_level, verdicts))
        off = verdicts[~verdicts["kept"].fillna(True)]
        for row in off.iloc[:_SHOWN].itertuples(index=False):
            norm = _norm(row.least, row.greatest)
            console.print(f"  {_called(row.code, row.name)}: {row.figure} {_said(row.measured)}, norm {norm}")
        if len(off) > _SHOWN:
            console.print(f"  and {len(off) - _SHOWN} more: --out FILE or --json has all")
        console.print()


def _called(code: str, name: object) -> str:
    """An area by its code, and its name where it has one."""
    return f"{code} {name}" if isinstance(name, str) and name else code


def _summary(title: str, of_level: pd.DataFrame, verdicts: pd.DataFrame) -> Table:
    """The figures of one level that are known, a line each."""
    from rich.table import Table

    from gridmap.standards import FIGURES

    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("figure", "least", "median", "greatest", "norm", "off"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for figure in FIGURES:
        known = of_level[figure].dropna()
        rows = verdicts[verdicts["figure"] == figure]
        if len(known):
            norm = _norm(rows["least"].iloc[0], rows["greatest"].iloc[0]) if len(rows) else ""
            off = str(int((~rows["kept"].fillna(True)).sum())) if len(rows) else ""
            table.add_row(figure, *(_said(value) for value in (known.min(), known.median(), known.max())), norm, off)
    return table


def _norm(least: float, greatest: float) -> str:
    """A range in words; NaN for no limit."""
    if least != least:  # noqa: PLR0124 - NaN alone differs from itself
        return f"≤ {_said(greatest)}"
    return f"≥ {_said(least)}" if greatest != greatest else f"{_said(least)}-{_said(greatest)}"  # noqa: PLR0124 - as above


def _said(value: float) -> str:
    """A number with as many digits as mean something."""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.2f}"  # noqa: PLR2004 - three digits
