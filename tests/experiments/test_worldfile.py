"""inflight.toml: defaults of a command's options, and refused in one line where it cannot be."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from experiments.__main__ import COMMANDS, inflight
from experiments.commands import faults
from experiments.compare import contenders
from experiments.kit.asking import Asking
from experiments.kit.options import options
from experiments.kit.worldfile import read_world
from experiments.kit.worldkeys import KEYS, NAME, written
from tests.experiments.test_bad_input import refused

EXAMPLE = """
brokers = 3
replicas = 2
min_insync = 1
replica_rtt_ms = 4
partitions = 12
rtt_ms = 2
record_bytes = 500
producers = 4
rate = 2e4
kafka = "3.6"
properties = "sub/producer.properties"
key_space = 7
arrivals = "even"
constants = "constants.json"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Stand in an empty folder, and write a world file there."""
    monkeypatch.delenv("INFLIGHT_WORLD")
    monkeypatch.chdir(tmp_path)

    def write(text: str, name: str = NAME) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@click.command(cls=Asking)
@options("properties", "kafka", "world", "arrivals", "value_bytes", "key_space", "partitions")
@options("brokers", "replicas", "min_insync", "replica_rtt_ms", "constants")
@click.option("--rtt-ms", type=float, multiple=True)
@click.option("--rate", "rate_per_s", type=float)
def command(**given: Any) -> dict[str, Any]:
    """Nothing but what it was given; it has no option for producers."""
    return given


def given(*arguments: str) -> dict[str, Any]:
    """What the command was given."""
    found = command.main(list(arguments), standalone_mode=False)
    assert isinstance(found, dict)
    return found


def test_its_values_are_those_of_the_options(here: Callable[[str], Path]) -> None:
    here(EXAMPLE)
    assert given() == {
        "brokers": 3,
        "replicas": 2,
        "min_insync": 1,
        "replica_rtt_ms": 4.0,
        "partitions": 12,
        "rtt_ms": (2.0,),
        "value_bytes": 500,
        "rate_per_s": 20_000.0,
        "kafka": "3.6",
        "properties": Path("sub/producer.properties"),
        "key_space": 7,
        "arrivals": "even",
        "constants": Path("constants.json"),
    }


def test_an_option_wins_and_what_neither_says_has_its_default(here: Callable[[str], Path]) -> None:
    here("brokers = 3\nrtt_ms = 2\n")
    found = given("--brokers=2", "--rtt-ms=1", "--rtt-ms=50")
    assert (found["brokers"], found["rtt_ms"], found["partitions"]) == (2, (1.0, 50.0), 1)


def test_there_need_be_none_and_none_above_is_read(
    here: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here(EXAMPLE)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert given()["brokers"] is None


def test_another_is_named_by_option_or_variable_and_its_paths_are_seen_from_it(
    here: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    here('brokers = 4\nproperties = "mine.properties"\n', "west/world.toml")
    here("brokers = 3\n")
    found = given("--world=west/world.toml")
    assert (found["brokers"], found["properties"]) == (4, Path("west/mine.properties"))
    monkeypatch.setenv("INFLIGHT_WORLD", "west/world.toml")
    assert given()["brokers"] == 4
    assert given("--world=none")["brokers"] is None
    monkeypatch.setenv("INFLIGHT_WORLD", "none")
    assert given()["brokers"] is None


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("brokers = 0", ["inflight.toml: brokers=0", "from 1 to 1000"]),
        ("replicas = 0", ["inflight.toml: replicas=0", "from 1 to 1000"]),
        ("brokers = 3\nreplicas = 4", ["inflight.toml: replicas=4", "brokers (3)"]),
        ("min_insync = 4", ["inflight.toml: min_insync=4", "replicas (3)"]),
        ("replica_rtt_ms = nan", ["inflight.toml: replica_rtt_ms=nan", "a number"]),
        ("replica_rtt_ms = -1", ["inflight.toml: replica_rtt_ms=-1", ">= 0"]),
        ("replicas = 2.5", ["inflight.toml: replicas=2.5", "a whole number"]),
        ("partitions = 0", ["inflight.toml: partitions=0", "from 1 to"]),
        ("rtt_ms = -1", ["inflight.toml: rtt_ms=-1", ">= 0"]),
        ("rtt_ms = nan", ["inflight.toml: rtt_ms=nan", "a number"]),
        ("rate = 0", ["inflight.toml: rate=0", "> 0"]),
        ("record_bytes = -1", ["inflight.toml: record_bytes=-1", "from 0"]),
        ("key_space = -1", ["inflight.toml: key_space=-1", "from 0"]),
        ("producers = 0", ["inflight.toml: producers=0", "from 1"]),
        ('kafka = "2.8"', ["inflight.toml: kafka=2.8", "version"]),
        ('kafka = "\\u001b[31m"', ["inflight.toml: kafka=\\x1b[31m", "version"]),
        ('constants = "a\\u0000b"', ["inflight.toml: constants=a\\x00b", "a path in quotes"]),
        ('constants = "\\u001b[31m"', ["inflight.toml: constants=\\x1b[31m", "cannot be read"]),
        ("kafka = 3.6", ["inflight.toml: kafka=3.6", "text in quotes"]),
        ('arrivals = "odd"', ["inflight.toml: arrivals=odd", "poisson or even"]),
        ('properties = "no"', ["inflight.toml: properties=no", "cannot be read"]),
        ('constants = "no"', ["inflight.toml: constants=no", "cannot be read"]),
        ('properties = ""', ["inflight.toml: properties=:", "a path in quotes"]),
        ('brokers = "three"', ["inflight.toml: brokers=three", "a whole number"]),
        ("brokers = 3.0", ["inflight.toml: brokers=3.0", "a whole number"]),
        ("brokers = true", ["inflight.toml: brokers=True", "a whole number"]),
        ("rtt_ms = [1, 2]", ["inflight.toml: rtt_ms=(a list)", "a number"]),
        (f"brokers = 0x{'f' * 9000}", ["inflight.toml: brokers=(too large)", "a whole number"]),
        (f"brokers = {'9' * 9000}", ["world=inflight.toml", "must be TOML"]),
        ("broker = 3", ["world=inflight.toml", "key broker ", "did you mean brokers?", "rtt_ms"]),
        ("[cluster]\nbrokers = 3", ["world=inflight.toml", "key cluster ", *KEYS]),
        ("racks = 3", ["world=inflight.toml", "key racks ", *KEYS]),
        ("brokers 3", ["world=inflight.toml", "must be TOML", "line 1"]),
        ("brokers = 3\nbrokers = 4", ["world=inflight.toml", "must be TOML"]),
        (f"brokers = {'[' * 9000}", ["world=inflight.toml", "must be TOML"]),
        ("# " + "a" * (1 << 16), ["world=inflight.toml", "at most 65,536 bytes"]),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_cannot_be_is_refused_by_file_key_value_and_rule(
    content: str,
    named: list[str],
    here: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    here(content)
    line = refused(["compare", "--jobs=1"], capsys)
    assert all(part in line for part in named), line
    assert [path.name for path in Path().iterdir()] == [NAME]


def test_what_is_no_text_file_is_refused(
    here: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    here("").write_bytes(b"\xff\xfe")
    assert "must be text in UTF-8" in refused(["compare"], capsys)
    os.mkfifo("pipe")
    assert "must be a regular file" in refused(["compare", "--world=pipe"], capsys)
    assert "must be a regular file" in refused(["compare", "--world=."], capsys)
    assert "cannot be read (no such" in refused(["compare", "--world=nowhere.toml"], capsys)


def test_untrusted_text_and_values_of_unknown_keys_are_not_repeated(
    here: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    here('"pass\\u001b[31mword" = "hunter2"\n')
    line = refused(["compare"], capsys)
    assert line.isprintable() or line.rstrip("\n").isprintable()
    assert "hunter2" not in line


def test_a_value_that_was_typed_is_not_laid_at_the_files_door(
    here: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    here("brokers = 3\n")
    assert "inflight.toml" not in refused(["compare", "--brokers=0"], capsys)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("bench", "init")])
def test_only_commands_that_answer_for_ones_own_cluster_read_it(name: str) -> None:
    found = inflight.get_command(click.Context(inflight), name)
    assert found is not None
    takes = any(parameter.name == "world" for parameter in found.params)
    assert takes == (name in ("compare", "ask", "explore", "faults", "settings"))


def test_every_key_is_an_option_of_compare() -> None:
    compare = inflight.get_command(click.Context(inflight), "compare")
    assert compare is not None
    flags = {parameter.name: parameter.opts for parameter in compare.params}
    for key, about in KEYS.items():
        assert f"--{key.replace('_', '-')}" in flags[about.parameter]


def test_it_is_written_as_it_is_read(tmp_path: Path) -> None:
    values: dict[str, int | float | str] = {
        "brokers": 3,
        "rtt_ms": 0.5,
        "properties": 'a "b"\\\x7f\n.properties',
    }
    (tmp_path / NAME).write_text(written(values), encoding="utf-8")
    assert read_world(tmp_path / NAME).values == values


def test_the_documents_example_is_one_and_has_every_key(tmp_path: Path) -> None:
    page = Path("docs/run.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    for key in ("constants", "sample"):
        example = example.replace(f"# {key}", key)
    (tmp_path / NAME).write_text(example, encoding="utf-8")
    assert set(read_world(tmp_path / NAME).values) == set(KEYS)


def test_the_stored_sweep_stays_that_of_the_default_world(
    here: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = []

    def sweep(_: object, folder: Path, *__: object, **___: object) -> tuple[int, dict[str, str]]:
        folders.append(folder)
        return 0, {}

    monkeypatch.setattr(faults, "sweep", sweep)
    for text in ("brokers = 3\n", ""):
        here(text)
        inflight.main(["faults", "--likelihood"], standalone_mode=False)
        Path(NAME).unlink()
        inflight.main(["faults", "--likelihood"], standalone_mode=False)
    stored = Path("inflight-results/sweeps/likelihood")
    assert folders == [Path("inflight-results/faults/likelihood"), stored] * 2


def test_measured_faults_are_not_predicted_on_the_files_machine(
    here: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    here('constants = "mine.json"\n')
    Path("rows.csv").touch()
    machines: list[Path | None] = []
    monkeypatch.setattr(faults, "_measured", lambda *given: machines.append(given[2]))
    for typed in ([], ["--constants=other.json"]):
        inflight.main(["faults", "--measured=rows.csv", *typed], standalone_mode=False)
    assert machines == [None, Path("other.json")]


def test_a_closed_loop_that_is_typed_is_the_load(
    here: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    here("rate = 9\n")

    def comparison(_: object, **given: object) -> None:
        raise LookupError(given["outstanding"], given["rate_per_s"])

    monkeypatch.setattr(contenders, "comparison", comparison)
    for arguments, load in (
        (["--outstanding=32"], (32, None)),
        (["--outstanding=32", "--rate=5"], (32, 5.0)),
        ([], (None, 9.0)),
    ):
        with pytest.raises(LookupError) as told:
            inflight.main(["compare", "--jobs=1", *arguments], standalone_mode=False)
        assert told.value.args == load
