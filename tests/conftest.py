"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of a file of real data, which is not part of the project; the test is skipped where it is absent."""
    root = Path(os.environ.get("GRIDMAP_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))

    def find(name: str) -> Path:
        path = root / name
        if not path.exists():
            pytest.skip(f"real data {name} is not beside this checkout (set GRIDMAP_SHARED_DATA)")
        return path

    return find
