"""What a lookup costs beside a request that does nothing."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location(
        "http_locate", Path(__file__).parents[1] / "benchmarks/http_locate.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["http_locate"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["http_locate"]


@pytest.mark.alone
@pytest.mark.slow
def test_a_lookup_serves_at_least_80_of_100_empty_requests(bench):
    # other work on the machine takes from the larger service's caches: the best of three short runs is judged
    assert any(bench.measure(turns=12)["ratio"] >= 0.8 for _ in range(3))
