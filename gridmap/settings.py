"""The environment, read once at the door.

``GRIDMAP_DATABASE_URL`` names an existing PostGIS; without it gridmap runs a private cluster of its own in
``GRIDMAP_DATA_DIR``. Nothing below the command line and the service reads the environment.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gridmap.postgis.packages import default_data_dir


class Settings(BaseSettings):
    """What an installation can set by ``GRIDMAP_...`` variables."""

    model_config = SettingsConfigDict(env_prefix="GRIDMAP_", frozen=True)

    #: an existing PostGIS, as ``postgresql://user@host/name``; None: the private cluster
    database_url: str | None = None
    #: where gridmap keeps everything of its own
    data_dir: Path = Field(default_factory=default_data_dir)
    #: days for which fixes of posts are kept; then they are reduced to the visits that were made of them
    keep_fixes_days: int = Field(default=90, ge=2, le=3650)
    #: the font of sheets in PDF, a file with Chinese characters; None: one of the system's
    font: Path | None = None
    #: tiles below the areas, as ``https://host/{z}/{x}/{y}.png``; None: no host is ever asked
    basemap_url: str | None = None
    #: the tiles' system: ``EPSG:3857`` or ``GCJ-02``
    basemap_crs: str = "EPSG:3857"
    #: whose tiles they are; shown on the map
    basemap_attribution: str = ""
    #: title of the page in Chinese
    title_zh: str = "网格地图"
    #: title of the page in English
    title_en: str = "gridmap"
