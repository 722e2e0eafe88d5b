"""Published claims on the page: the misses as plain as the hits."""

import html as escapes
import re
from pathlib import Path

import pandas as pd

from experiments.kit.page import Chart
from experiments.validation.stored import sections


def test_the_page_has_every_stored_check_and_the_picture_once(results: Path, html: str) -> None:
    rows = pd.read_csv(results / "validation" / "published.csv", keep_default_na=False)
    plain = escapes.unescape(html)
    assert all(f">{check}<" in plain for check in rows["check"] if check)
    misses = int((rows["verdict"] == "miss").sum())
    # Each miss stands among the misses, and once more among all checks.
    assert len(re.findall(r">miss</td>", html)) == 2 * misses > 0
    charts = [block for block in sections(results)[0].blocks if isinstance(block, Chart)]
    charts = [chart for chart in charts if chart.name.endswith("published")]
    assert [html.count(f'id="{chart.name}-title"') for chart in charts] == [1]
