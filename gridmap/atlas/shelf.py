"""Indexes of addresses on the disk, each under a digest of what it was made of.

An index that is found is the one that would be built: the digest is of the content of its tables, not of their names or
times. A file that cannot be used is passed over and written anew.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import geopandas as gpd
import orjson
import pandas as pd
import shapely

from gridmap import __version__
from gridmap.address import Gazetteer
from gridmap.atlas.snapshots import Snapshot
from gridmap.errors import FormatError, InputError

_log = logging.getLogger(__name__)

#: Fewer addresses than these are indexed in less time than their index takes to be found and read.
LEAST_ADDRESSES = 2_000

#: Seconds after which what a writer left unfinished is cleared away.
_ABANDONED_S = 3600

#: What of each table an index is made of; all of those that are not named.
_COLUMNS = {
    "areas": ("code", "name", "level", "parent"),
    "addresses": ("id", "text", "building", "lon", "lat"),
    "streets": ("id", "name"),
    "aliases": ("alias", "means"),
}


class Shelf:
    """A folder of indexes.

    Parameters
    ----------
    folder
        Made when something is first put there, for its owner alone.
    most
        Indexes kept; those not used for longest are cleared away.
    """

    def __init__(self, folder: Path, *, most: int) -> None:
        self.folder = folder
        self._most = most

    @classmethod
    def of_record(cls, data_dir: Path) -> Shelf:
        """Return the shelf of the record in gridmap's own folder: what is in force, and what was before."""
        return cls(data_dir / "index" / "record", most=2)

    @classmethod
    def of_files(cls, data_dir: Path) -> Shelf:
        """Return the shelf of files that were asked without a record."""
        return cls(data_dir / "index" / "files", most=4)

    def take(self, key: str) -> Gazetteer | None:
        """Return the index of this key if it is kept and whole."""
        path = self._path(key)
        if not path.is_file():
            return None
        try:
            gazetteer = Gazetteer.open(path)
            path.touch()
        except (FormatError, OSError) as error:
            _log.warning("the index %s is built anew: %s", path, error)
            return None
        return gazetteer

    def put(self, key: str, gazetteer: Gazetteer) -> None:
        """Keep an index; where nothing can be written, it is built again another time."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            gazetteer.save(self._path(key))
            self._clear()
        except (OSError, InputError) as error:
            _log.warning("the index of the addresses is not kept: %s", error)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.index"

    def _clear(self) -> None:
        """Take away what was not used for longest, and what was never finished."""
        used = {path: path.stat().st_mtime for path in self.folder.iterdir() if path.is_file()}
        whole = sorted((path for path in used if path.suffix == ".index"), key=lambda path: -used[path])
        abandoned = [path for path in used if path not in whole and used[path] < time.time() - _ABANDONED_S]
        for path in (*whole[self._most :], *abandoned):
            path.unlink(missing_ok=True)


def digest(snapshot: Snapshot) -> str:
    """Return a hash of all that an index of the addresses of a snapshot is made of, in hexadecimal."""
    said = hashlib.sha256(f"gridmap {__version__}".encode())
    for name in ("areas", "addresses", "streets", "aliases", "former"):
        for part in _parts(name, getattr(snapshot, name)):
            said.update(len(part).to_bytes(8) + part)
    return said.hexdigest()


def _parts(name: str, table: pd.DataFrame | None) -> Iterator[bytes]:
    """The content of a table: names and cells of its columns, the system and bytes of its geometry."""
    yield name.encode()
    if table is None:
        return
    for column in _told(table, _COLUMNS.get(name)):
        yield column.encode()
        yield orjson.dumps(table[column].astype(object).tolist(), default=str)
    if isinstance(table, gpd.GeoDataFrame) and table.active_geometry_name is not None:
        yield str(table.crs).encode()
        yield b"".join(shape or b"\0" for shape in shapely.to_wkb(table.geometry.to_numpy()).tolist())


def _told(table: pd.DataFrame, wanted: Sequence[str] | None) -> list[str]:
    """The columns of a table that count."""
    return [name for name in (table.columns if wanted is None else wanted) if name in table.columns]
