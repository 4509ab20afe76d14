"""What all cameras see, of which a few changed: what these see now in place of what they saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.visibility.cameras.views import Views
from gridmap.visibility.lines import Parts
from gridmap.visibility.seeing import Sight
from gridmap.visibility.sweep.pieces import Pieces, joined, taken
from gridmap.visibility.sweep.standing import Standing

Ints = npt.NDArray[np.int64]

#: What `Views` hold beside a value for each view.
_WHOLE = frozenset({"crs", "ids", "camera", "assumed", "refused"})


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What cameras see."""

    #: their footprints as they would be without buildings, with what was assumed and refused
    asked: Views
    #: the ground that they see
    sight: Sight
    #: the metres of streets that they see
    parts: Parts


def spliced(kept: Looked, fresh: Looked, ids: Sequence[str]) -> Looked:
    """Return what all cameras see, as if it were computed at once.

    Parameters
    ----------
    kept
        What they saw before some of them changed.
    fresh
        What those see that are new or changed, along the same streets.
    ids
        All cameras that are there now, in the order of their table; those of ``kept`` that are not among them are gone.

    Returns
    -------
    Looked
        Views by camera and certainty, pieces by view, parts by line, view and metre.

    Raises
    ------
    Nothing
        All cameras may be gone.
    """
    asked, *beside = _views(kept.asked, fresh.asked, ids)
    seeing, *at = _views(kept.sight.views, fresh.sight.views, ids)
    several = kept.sight.standing, fresh.sight.standing
    row = np.concatenate([where[each.row] for where, each in zip(beside, several, strict=True)])
    changed = set(fresh.asked.ids) | (set(kept.asked.ids) - set(ids))
    standing = Standing(
        views=seeing,
        row=np.sort(row[row >= 0]),
        moved=_told(several[0].moved, several[1].moved, changed),
        refused=_told(several[0].refused, several[1].refused, changed),
    )
    pieces = [_renamed(each.sight.pieces, where) for each, where in zip((kept, fresh), at, strict=True)]
    return Looked(
        asked=asked,
        sight=Sight(views=seeing, pieces=joined(pieces), standing=standing),
        parts=_parts(kept.parts, fresh.parts, at),
    )


def _views(kept: Views, fresh: Views, ids: Sequence[str]) -> tuple[Views, Ints, Ints]:
    """Views of all cameras, and the row that each view of the two has among them, -1 for those that are dropped."""
    place = pd.Index(np.array(ids, dtype=object))
    stays = place.get_indexer(pd.Index(kept.ids))
    stays[pd.Index(kept.ids).isin(fresh.ids)] = -1
    comes = place.get_indexer(pd.Index(fresh.ids))
    camera = np.concatenate([stays[kept.camera], comes[fresh.camera]])
    names = [field.name for field in fields(Views) if field.name not in _WHOLE]
    columns = {name: np.concatenate([getattr(kept, name), getattr(fresh, name)]) for name in names}
    order = np.lexsort((columns["certainty"], camera))
    order = order[camera[order] >= 0]
    where = np.full(len(camera), -1, dtype=np.int64)
    where[order] = np.arange(len(order))
    changed = set(fresh.ids) | (set(kept.ids) - set(ids))
    views = Views(
        crs=kept.crs,
        ids=place.to_numpy(dtype=object),
        camera=camera[order],
        assumed=_told(kept.assumed, fresh.assumed, changed),
        refused=_told(kept.refused, fresh.refused, changed),
        **{name: values[order] for name, values in columns.items()},
    )
    return views, where[: len(kept)], where[len(kept) :]


def _told(kept: pd.DataFrame, fresh: pd.DataFrame, changed: set[str]) -> pd.DataFrame:
    """What is told of cameras by name, that of changed ones anew."""
    filled = [table for table in (kept[~kept["camera"].isin(changed)], fresh) if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else kept.iloc[:0]


def _renamed(pieces: Pieces, where: Ints) -> Pieces:
    """Pieces of the views that stay, by the rows that these have now."""
    view = where[pieces.view]
    return replace(taken(pieces, view >= 0), view=view[view >= 0])


def _parts(kept: Parts, fresh: Parts, at: Sequence[Ints]) -> Parts:
    """Metres of streets in view, by the rows that views have now."""
    several = []
    for parts, where in zip((kept, fresh), at, strict=True):
        view = where[parts.view]
        several.append(replace(parts.taken(view >= 0), view=view[view >= 0]))
    names = ("line", "from_m", "to_m", "view", "band")
    columns = {name: np.concatenate([getattr(each, name) for each in several]) for name in names}
    order = np.lexsort((columns["from_m"], columns["view"], columns["line"]))
    return Parts(**{name: values[order] for name, values in columns.items()}, length_m=kept.length_m)
