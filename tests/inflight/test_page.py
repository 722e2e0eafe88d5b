"""docs/python.md: its recipes run one after the other and print what stands under them."""

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

from experiments.kit.own import load_own

PAGE = Path("docs/python.md").read_text(encoding="utf-8")
#: ``...`` on the page is anything, and white space of any kind is as good as any other.
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
RECIPES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.slow
def test_recipes_print_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (settings,) = re.findall(r"```properties\n(.*?)```", PAGE, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("producer.properties").write_text(settings)
    names: dict[str, Any] = {}
    for recipe, printed in RECIPES:
        exec(compile(recipe, "docs/python.md", "exec"), names)
        found = capsys.readouterr().out
        same = doctest.OutputChecker().check_output(printed, found, LOOSELY)
        assert same, f"{recipe}\nprinted\n{found}"
    assert len(RECIPES) == 10


def test_its_file_is_a_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = re.findall(r"```python\n# (?:my_sweep\.py)\n(.*?)```", PAGE, flags=re.DOTALL)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_sweep.py").write_text(text)
    assert load_own(tmp_path / "my_sweep.py").name == "my_sweep"
