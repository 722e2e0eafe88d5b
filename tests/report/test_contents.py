"""What the page says is what the results say, and what they lack it says too."""

import html as escapes
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from experiments.__main__ import inflight
from experiments.compare.stored import by_distance, five_to_one
from experiments.kit.command import run_command
from experiments.report.page import made_by, page
from experiments.validation import client_tables
from experiments.validation.errors import reached
from experiments.validation.stored import FILES, read_clients, read_predicted
from experiments.validation.worst import worst_rows
from model import MEASURED_MACHINE

TIMES = "\N{MULTIPLICATION SIGN}"
ANSWER = "Five carry more than &#34;one&#34; where 1 &lt; Z/S &amp; the window allows it."


@pytest.fixture
def own(results: Path, tmp_path: Path) -> Path:
    """Results that a test may damage; without measured rates, which are what takes longest."""
    measured = shutil.ignore_patterns(*(f"{name}.csv" for name in FILES))
    return Path(shutil.copytree(results, tmp_path / "results", ignore=measured))


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that the report is refused with."""
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, ["report", *arguments])
    text = capsys.readouterr()
    assert exit_info.value.code == 2
    assert text.out == ""
    assert text.err.count("\n") == 1
    return text.err


def test_the_headline_is_the_gain_at_each_distance(results: Path, html: str) -> None:
    rows = pd.read_csv(results / "compare" / "rows.csv")
    gains = [five_to_one(part) for _, part in by_distance(rows)]
    assert all(f'class="figure">{TIMES} {gain.value:.2f}</dd>' in html for gain in gains)


def test_the_rows_furthest_off_are_shown_with_why(results: Path, html: str) -> None:
    worst = worst_rows(read_predicted(results / "validation"), MEASURED_MACHINE)
    plain = escapes.unescape(html).replace("\N{NO-BREAK SPACE}", " ")
    assert len(worst)
    assert all(f">{error:+.1f} %<" in plain for error in worst["error %"])
    assert all(why in plain.replace("\N{NO-BREAK SPACE}", " ") for why in worst["why"])


def test_figures_that_are_missed_are_called_so(results: Path, html: str) -> None:
    folder = results / "validation"
    figures = reached(read_predicted(folder), MEASURED_MACHINE)
    figures += client_tables.reached(read_clients(folder))
    assert html.count(">missed</td>") == sum(figure.missed for figure in figures)
    assert html.count(">reached</td>") == sum(not figure.missed for figure in figures)


def test_every_fault_and_producer_of_the_table_of_harm_is_there(results: Path, html: str) -> None:
    rows = pd.read_csv(results / "faults" / "harm" / "harm.csv")
    cells = [f'class="{tone}"' for tone in ("calm", "doubled", "disordered", "lost")]
    assert sum(html.count(cell) for cell in cells) == len(rows)
    plain = escapes.unescape(html).replace("\N{NO-BREAK SPACE}", " ")
    assert all(f">{fault}</th>" in plain for fault in rows["fault"])


def test_a_commit_is_abbreviated_and_changes_since_are_text(own: Path) -> None:
    path = own / "sweeps" / "depth" / "manifest.json"
    manifest = json.loads(path.read_text()) | {"commit": f"{'0123456789abcdef' * 2}-dirty"}
    path.write_text(json.dumps(manifest))
    assert ">0123456789ab-dirty</td>" in page(own)


def test_the_first_screen_says_by_what_it_was_made_and_how_to_make_it(own: Path) -> None:
    path = own / "compare" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest |= {"commit": "0123456789abcdef" * 2, "commit_date": "2026-11-28"}
    manifest["versions"] |= {"inflight": "9.8"}
    path.write_text(json.dumps(manifest))
    first_screen = page(own).partition("<nav")[0]
    assert "Made by Inflight 9.8, commit 0123456789ab, of 2026-11-28: " in first_screen
    assert "run inflight compare --properties FILE" in first_screen


@pytest.mark.parametrize(
    ("manifest", "made"),
    [
        ({}, "Made by Inflight"),
        ({"versions": {"inflight": "1.0"}, "commit": None}, "Made by Inflight 1.0"),
        ({"commit": f"{'ab' * 20}-dirty"}, f"Made by Inflight, commit {'ab' * 6} with changes"),
    ],
)
def test_what_a_manifest_does_not_know_is_left_out(manifest: dict[str, object], made: str) -> None:
    assert made_by(manifest) == made


def test_after_the_answer_comes_what_goes_wrong_and_then_the_questions(html: str) -> None:
    order = re.findall(r'<section id="([^"]+)"', html)
    wanted = ["answer", "picture", "distances", "harm", "answers", "validation", "provenance"]
    assert order == wanted


def test_every_digest_of_rows_is_there(results: Path, html: str) -> None:
    files = [*results.glob("compare/*.csv"), *results.glob("faults/*/*.csv")]
    assert all(file.relative_to(results).as_posix() in html for file in files)


def test_experiments_come_with_question_answer_and_chart_those_of_no_stated_place_last(
    html: str,
) -> None:
    assert html.count(f"<p>{ANSWER}</p>") == 2
    assert 0 < html.index('id="sweep-depth-chart-title"') < html.index("sweep-a_colour_of_its_own")


def test_a_number_and_its_unit_stay_on_one_line(html: str) -> None:
    text = re.findall(r"<(?:p|h3|dt|caption|figcaption)\b[^>]*>(.*?)</", html)
    assert any(re.search("\\d\N{NO-BREAK SPACE}%", words) for words in text)
    assert [words for words in text if re.search(r"\d (ms|%|MB)(?!\w)", words)] == []


def test_experiments_that_have_not_run_are_named(own: Path) -> None:
    for name in ("breakeven", "errors"):
        shutil.rmtree(own / "sweeps" / name, ignore_errors=True)
    (text,) = (line for line in page(own).splitlines() if line.startswith("<p>Not run yet: "))
    named = text.removeprefix("<p>Not run yet: ").removesuffix(".</p>").split(", ")
    assert {"breakeven", "errors"} <= set(named)
    assert "depth" not in named


def test_a_chart_in_a_colour_of_its_own_keeps_its_paper(html: str) -> None:
    before = html[: html.index("sweep-a_colour_of_its_own-chart-title")]
    assert before.rindex('class="chart paper"') > before.rindex('class="chart"')
    before = html[: html.index("sweep-depth-chart-title")]
    assert before.rindex('class="chart"') > before.find('class="chart paper"')


def test_runs_of_a_sweep_that_failed_are_text(own: Path) -> None:
    manifest = own / "sweeps" / "depth" / "manifest.json"
    text = manifest.read_text().replace("{", '{"failed": {"a": "too slow", "b": "too slow"},', 1)
    manifest.write_text(text)
    assert "runs that failed, 2 of them" in page(own)


def test_a_measured_fault_that_is_mispredicted_is_among_the_misses(own: Path) -> None:
    path = own / "validation" / "faults.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows.loc[0, [f"model_duplicates{end}" for end in ("", "_low", "_high")]] = "77"
    rows.to_csv(path, index=False)
    assert "duplicates: 0 measured, 77 predicted" in page(own)


def test_rows_of_another_kind_are_shown_as_they_are(own: Path) -> None:
    (own / "validation" / "elsewhere.csv").write_text("source,claimed\nsomebody,12345\n")
    assert "12345" in page(own)


def test_with_the_comparison_alone_it_says_what_has_not_run(own: Path) -> None:
    for folder in ("faults", "sweeps", "validation"):
        shutil.rmtree(own / folder)
    html = page(own)
    assert html.count("<p>Not run yet.</p>") == 2  # harm and validation
    assert "<p>Not run yet: order, story, loss" in html
    assert "harm the idempotent producer" not in html


def test_without_a_comparison_it_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    line = refused([f"--results={tmp_path}", f"--out={out}"], capsys)
    assert "must exist: run the experiment first" in line
    assert not out.exists()


@pytest.mark.parametrize("damaged", ["compare/rows.csv", "sweeps/depth/rows.csv"])
def test_rows_that_do_not_fit_their_manifest_are_refused(
    damaged: str, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (own / damaged).open("a") as rows:
        rows.write("1,2,3\n")
    out = own.parent / "report.html"
    line = refused([f"--results={own}", f"--out={out}"], capsys)
    assert damaged in line
    assert "must be as written" in line
    assert not out.exists()


def test_a_manifest_that_is_none_is_refused(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own / "compare" / "manifest.json").write_text("{")
    assert "it is damaged" in refused([f"--results={own}", f"--out={own}/x.html"], capsys)


def test_a_chart_that_is_none_is_refused(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own / "compare" / "space_time.svg").write_text("no chart")
    assert "space_time.svg" in refused([f"--results={own}", f"--out={own}/x.html"], capsys)


def test_the_command_writes_the_page(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = own.parent / "folder" / "report.html"
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, ["report", f"--results={own}", f"--out={out}"])
    assert exit_info.value.code == 0
    assert out.read_text(encoding="utf-8") == page(own)
    assert str(out) in capsys.readouterr().out
