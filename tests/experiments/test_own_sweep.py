"""`inflight sweep my_sweep.py`: what a file may define, what it leaves, how it is refused."""

import re
from pathlib import Path

import pytest

from experiments.kit.store import load_frame
from tests.experiments.running import run

IMPORTS = "from inflight import *\nPLAIN = Scenario(path=PathConfig(rtt_ms=1), measured_s=0.1)\n"
SWEEP = 'SWEEP = dict(scenario=PLAIN, over={"rtt_ms": [1, 2]}, repeats=2)\n'
EXPERIMENT = """
import matplotlib.figure
from inflight import kit

def points(world):
    for depth in (1, 2):
        scenario = world.at_full_load(world.in_flight(depth))
        yield kit.Point(levels={"depth": depth}, scenario=scenario)

def requests(run):
    return len(run.requests)

def answer(rows):
    gain = kit.estimates.ratio(rows[rows["depth"] == 2], rows[rows["depth"] == 1])
    return f"Two carry {gain.value:.1f} times what one carries."

def draw(rows):
    return matplotlib.figure.Figure()

EXPERIMENT = kit.Experiment(
    name=NAME, question="Two?", aliases=(), points=points, answer=answer, draw=draw,
    measure=kit.figures.row("records_per_s", requests), assumption="nothing",
    replications=kit.Replications(2, 2),
)
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in an empty folder, which is on the path for as long as the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


def test_a_plain_sweep_prints_its_table_draws_and_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("own_plain_sweep.py").write_text(IMPORTS + SWEEP)
    assert run("sweep", "own_plain_sweep.py", "--jobs=1") == 0
    printed = capsys.readouterr().out
    assert "\nrecords_per_s is highest at rtt_ms=1: " in printed
    assert "in-flight window" in printed
    assert "4 runs made" in printed
    folder = Path("inflight-results/sweeps/own_plain_sweep")
    assert len(load_frame(folder, "rows")) == 4
    assert (folder / "chart.svg").is_file()
    assert run("sweep", "./own_plain_sweep.py", "--jobs=1") == 0
    assert "0 runs made, 4 kept" in capsys.readouterr().out


def test_an_experiment_is_run_as_the_projects_own_are(capsys: pytest.CaptureFixture[str]) -> None:
    Path("own_experiment.py").write_text(f'NAME = "two-in-flight"{EXPERIMENT}')
    assert run("sweep", "own_experiment.py", "--jobs=1") == 0
    assert "\nTwo carry " in capsys.readouterr().out
    rows = load_frame(Path("inflight-results/sweeps/two-in-flight"), "rows")
    assert (rows["requests"] > 0).all()


@pytest.mark.slow
def test_workers_import_the_file_for_what_it_measures(capsys: pytest.CaptureFixture[str]) -> None:
    Path("own_for_workers.py").write_text(f'NAME = "workers"{EXPERIMENT}')
    assert run("sweep", "own_for_workers.py", "--jobs=2") == 0
    text = EXPERIMENT.replace('"records_per_s", requests', '"records_per_s", lambda run: 1')
    Path("own_unportable.py").write_text(f'NAME = "unportable"{text}')
    assert run("sweep", "own_unportable.py", "--jobs=2") == 2
    assert "pickle" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("own_missing.py", None, "there is no such file"),
        ("own-dash.py", SWEEP, "must be called as Python can import it"),
        ("json.py", SWEEP, "must not be called as another module is"),
        ("own_empty.py", "x = 1\n", "must define one of EXPERIMENT and SWEEP"),
        ("own_both.py", f"{IMPORTS}{SWEEP}EXPERIMENT = 1\n", "must define one of"),
        ("own_kind.py", "EXPERIMENT = 1\n", "an inflight.kit.Experiment"),
        ("own_list.py", "SWEEP = [1]\n", "must have a dict of scenario, over, repeats, figures"),
        ("own_typo.py", "SWEEP = dict(scenery=1)\n", "SWEEP=scenery: .*did you mean scenario"),
        ("own_half.py", "SWEEP = dict(over={})\n", "must have scenario"),
        ("own_wrong.py", "SWEEP = dict(scenario=1, over={})\n", "scenario=int: must be a Scen"),
        ("own_syntax.py", "x = 1\ndef\n", "line 2: invalid syntax"),
        ("own_raises.py", "x = 1\n\nx / 0\n", "line 3: ZeroDivisionError: division by zero"),
        ("own_import.py", "import no_such_module\n", "line 1: ModuleNotFoundError"),
        ("own_leaves.py", "import sys\nsys.exit('bye\\x1b[2J')\n", r"line 2: SystemExit: bye\\x1b"),
        ("own_config.py", f"{IMPORTS}PathConfig(rtt_ms=-1)\n", "line 3: rtt-ms=-1: must be"),
        ("own_taken.py", f'NAME = "depth"{EXPERIMENT}', "depth: must have a name of its own"),
        ("own_name.py", f'NAME = "../x"{EXPERIMENT}', r"name=\.\./x: must be a word"),
        (
            "own_points.py",
            f'NAME = "p"{EXPERIMENT.replace("(1, 2)", "(1, 2 / 0)")}',
            "line 6: ZeroDivisionError",
        ),
        (
            "own_answer.py",
            f'NAME = "a"{EXPERIMENT.replace("gain.value", "gain.x")}',
            "line 15: Attr",
        ),
    ],
)
def test_a_bad_file_is_told_in_one_line(
    name: str, text: str | None, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        Path(name).write_text(text)
    assert run("sweep", name, "--jobs=1") == 2
    printed = capsys.readouterr()
    assert not [line for line in printed.out.splitlines() if not line.startswith("Assumed: ")]
    assert printed.err.count("\n") == 1
    assert re.search(says, printed.err), printed.err
