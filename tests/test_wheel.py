"""What is installed: one package, whose modules name each other as they lie; it works alone."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hatch_build import BENEATH, HOME, MisplacedNameError, beneath

SOURCES = sorted(path for name in (HOME, *BENEATH) for path in Path(name).rglob("*.py"))
Inflight = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("from model import Run\n", "from inflight.model import Run\n"),
        ("from experiments.kit.pool import (\n    Workers,\n)\n", None),
        ("import model\n", "from inflight import model\n"),
        ("import model.units as units\n", "import inflight.model.units as units\n"),
        ("def f():\n    from model import x  # now\n", None),
        ('"""From model import nothing: :mod:`model.units`."""\nimport modelling\n', None),
        ('run = {"model": 1, "experiments": "model of a run"}\n', None),
    ],
)
def test_imports_say_where_modules_lie_in_a_wheel(written: str, moved: str | None) -> None:
    wanted = moved or re.sub(r"from (model|experiments)([ .]\w)", r"from inflight.\1\2", written)
    assert beneath(written, "it.py") == wanted


@pytest.mark.parametrize(
    "written",
    [
        "import model.units\n",
        "import model, sys\n",
        "import sys; import experiments.kit\n",
        'import_module("experiments.kit.pool")\n',
        'import_module(f"model.{name}")\n',
        'call("-m", "experiments")\n',
        'command = ["python", "-m", "experiments"]\n',
    ],
)
def test_what_names_a_module_at_the_top_fails_the_build(written: str) -> None:
    with pytest.raises(MisplacedNameError, match=r"^it\.py:\d+: "):
        beneath(written, "it.py")


def test_every_module_can_be_moved() -> None:
    assert len(SOURCES) > 150
    for path in SOURCES:
        beneath(path.read_text(encoding="utf-8"), path.as_posix())


def build(kind: str, root: Path, folder: Path, compiled: bool = False) -> Path:
    """Have hatchling make a wheel or an sdist."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    # as quickly as the C compiler can: what is tried is whether it works
    quickly = {"MYPYC_OPT_LEVEL": "0", "INFLIGHT_COMPILED": str(int(compiled))}
    subprocess.run(
        command, cwd=root, env={**os.environ, **quickly}, check=True, stdout=subprocess.DEVNULL
    )
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this repository."""
    return build("wheel", Path.cwd(), tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def inflight(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Inflight:
    """Calls Python in an empty folder, where the wheel is installed and no clone is on the path."""
    return install(wheel, tmp_path_factory)


def install(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Inflight:
    """Install a wheel in an environment of its own, and call Python there."""
    target, empty = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("empty")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--no-compile", "--target", str(target), str(wheel)], check=True)
    # -S: site-packages are only looked into, so the line that leads to this clone is not followed
    path = os.pathsep.join([str(target), sysconfig.get_path("purelib")])

    def call(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-S", *arguments],
            cwd=empty,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )

    return call


@pytest.mark.slow
def test_a_wheel_has_one_name_at_the_top_and_is_small(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {HOME}
    assert wheel.stat().st_size < 3_000_000
    for package in (HOME, f"{HOME}/model", f"{HOME}/experiments"):
        assert f"{package}/py.typed" in names


@pytest.mark.slow
def test_an_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", Path.cwd(), tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    (root,) = tmp_path.glob("inflight-*")
    again = build("wheel", root, tmp_path / "wheel")
    record = f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info/RECORD"
    assert zipfile.ZipFile(again).read(record) == zipfile.ZipFile(wheel).read(record)


@pytest.mark.slow
def test_what_is_installed_takes_no_other_name(inflight: Inflight) -> None:
    program = (
        "from importlib.util import find_spec\n"
        "import inflight\n"
        "assert find_spec('model') is None and find_spec('experiments') is None\n"
        "run = inflight.simulate(inflight.Scenario(path=inflight.PathConfig(rtt_ms=10)), seed=1)\n"
        "assert type(run).__module__ == 'inflight.model.outcome.run'\n"
        "print(inflight.__version__, run.summary())\n"
    )
    called = inflight("-c", program)
    assert called.stderr == ""
    assert "records/s" in called.stdout


#: A run, to the bit, and where its hottest part comes from.
RUN = (
    "import inflight\n"
    "from inflight.model.producer import sender\n"
    "run = inflight.simulate(inflight.Scenario(path=inflight.PathConfig(rtt_ms=10)), seed=1)\n"
    "print(sender.__file__.rpartition('.')[2], run.summary(), run.requests[-1])\n"
)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_compiled_wheel_is_installed_and_gives_the_same_rows(
    inflight: Inflight, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = build("wheel", Path.cwd(), tmp_path_factory.mktemp("compiled"), compiled=True)
    assert not made.name.endswith("none-any.whl")
    compiled = install(made, tmp_path_factory)
    kind, _, told = compiled("-c", RUN).stdout.partition(" ")
    assert kind in ("so", "pyd")
    assert inflight("-c", RUN).stdout == f"py {told}"
    for command, says in TRIED[:2]:
        works(compiled, command, says)


#: Commands in the order in which somebody tries them, each with what it says.
TRIED = (
    ("--help", "compare"),
    ("list", "inflight/results/compare"),
    ("report", "inflight/results: inflight-results/report.html"),
    ("plot depth", "Chart: inflight-results/sweeps/depth/chart.svg"),
    ("compare --rtt-ms 2 --repeats 2 --jobs 2", "throughput.svg"),
    ("list", " inflight-results/compare"),
    ("report", "Report of inflight-results: inflight-results/report.html"),
    ("faults --schedule lost_acks", "Chart: "),
    ("ask timeout --rtt-ms 2 --repeats 2", "Rows: inflight-results/ask/timeout/rows.csv"),
)


def works(inflight: Inflight, command: str, says: str) -> None:
    """An installed command does what it says."""
    called = inflight("-m", "inflight", *command.split())
    assert called.returncode == 0, called.stderr
    assert says in called.stdout
    assert "Traceback" not in called.stderr


@pytest.mark.slow
def test_its_commands_work_in_an_empty_folder(inflight: Inflight) -> None:
    for command, says in TRIED:
        works(inflight, command, says)


@pytest.mark.trial
def test_its_measured_claims_are_predicted(inflight: Inflight) -> None:
    works(inflight, "validate --published --out published.csv", "Rows: published.csv")
