"""The notebooks run from the first cell to the last, and show what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def _run(path):
    """Run the code cells one after the other, as Jupyter does, and return the names they leave behind."""
    names = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{path.name}, {cell['id']}", "exec"), names)  # noqa: S102 - our own
    return names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_its_outputs(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@pytest.mark.usefixtures("built_page")
def test_the_notebook_on_which_grid_shows_what_it_says():
    names = _run(Path(__file__).parents[1] / "notebooks" / "which_grid.ipynb")
    assert names["answer"]["status"] == "found"
    assert names["found"]["status"].eq("found").all()
    truth = names["tables"]["truth_addresses"]
    assert names["moved"]["now"].tolist() == truth["community"].tolist()
    assert names["moved"]["before"].tolist() == truth["grid_before"].str[:12].tolist()
    assert (truth["community"] != truth["grid_before"].str[:12]).any()
