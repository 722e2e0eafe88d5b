"""docs/notebook.ipynb: each of its cells runs after those before it, and shows something.

Run as plain Python, in a folder of its own: what a kernel would add is only the showing.
"""

import ast
import json
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest

CELLS = json.loads(Path("docs/notebook.ipynb").read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]


def shown(source: str, names: dict[str, Any]) -> object:
    """Run a cell; what a notebook would show of its last line, which is None for a statement."""
    *before, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        exec(compile(source, "notebook", "exec"), names)
        return None
    exec(compile(ast.Module(before, []), "notebook", "exec"), names)
    return eval(compile(ast.Expression(last.value), "notebook", "eval"), names)


@pytest.mark.slow
def test_ten_cells_run_one_after_the_other_and_each_shows_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plt.switch_backend("agg")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "notebook"}
    charts = 0
    assert len(CODE) == 10
    for source in CODE:
        value, drawn = shown(source, names), len(plt.get_fignums())
        assert value is not None or capsys.readouterr().out or drawn > charts, source
        charts = drawn
    assert charts == 3
    assert 4.5 < names["five"].records_per_s / names["one"].records_per_s < 5.5
    plt.close("all")


def test_no_outputs_are_kept_that_could_be_out_of_date() -> None:
    assert not [cell for cell in CELLS if cell.get("outputs")]
