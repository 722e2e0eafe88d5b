"""`inflight settings`: what it prints, as words and as data, and that it is quick to load."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.files.topic import TopicSettings
from experiments.kit.guarantees import guarantees
from model import ProducerConfig
from tests.experiments.running import run as exit_code


def run(*arguments: str) -> object:
    return exit_code("settings", *arguments)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "producer.properties"
    path.write_text("acks=1\nsasl.jaas.config=hunter2\nzoo=hunter2\n")
    return path


def test_it_says_what_holds_where_that_is_from_and_what_it_promises(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(file), "--set", "linger.ms=7") == 0
    printed = capsys.readouterr().out
    first, *_ = printed.splitlines()
    assert first.startswith("producer.properties is a configuration of a Java client: 2")
    words = " ".join(printed.split())
    for row in ("acks 1 line 1 *", "linger.ms 7 --set *", "batch.size 16384 default of"):
        assert row in words
    assert "enable.idempotence false changed by the client *" in words
    assert "idempotence is off because acks=1 was set" in words
    assert "Acknowledged records: lost if the leader fails" in words
    assert "hunter2" not in printed


def test_the_same_as_data(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(file), "--json", "--kafka", "3.9") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["settings"]["acks"] == {"value": "1", "origin": "line 1", "default": "all"}
    assert said["settings"]["linger.ms"]["origin"] == "default of 3.9"
    assert set(said["guarantees"]) >= {"order", "duplicates"}
    assert said["unknown"] == {"zoo": None}
    assert "hunter2" not in json.dumps(said)


def test_connect_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--as", "connect") == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "max.in.flight.requests.per.connection 1 Connect's default *" in words


def test_what_a_world_file_says_of_its_own_file_is_not_said_of_another(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(file.parent)
    monkeypatch.delenv("INFLIGHT_WORLD", raising=False)
    (file.parent / "inflight.toml").write_text(
        'properties = "c.json"\nwhich = "c"\nas = "connector"\n'
    )
    connector = '{"name": "c", "config": {"connector.class": "X"}}'
    (file.parent / "c.json").write_text(connector)
    assert run() == 0
    assert "connector (c)" in capsys.readouterr().out
    assert run(file.name) == 0
    assert "a Java client" in capsys.readouterr().out


def test_what_it_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path / "nowhere")) == 2
    assert run("--as", "nobody") == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_it_loads_no_runtime_of_the_model(file: Path) -> None:
    loads = "import sys; from experiments.__main__ import inflight; "
    calls = f"inflight.main(['settings', {str(file)!r}], standalone_mode=False); "
    heavy = "print({'numpy', 'simpy', 'pandas', 'scipy', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", loads + calls + heavy], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"


def test_what_is_promised_follows_the_settings() -> None:
    alone, three = TopicSettings(), TopicSettings(replicas=3, min_insync_replicas=2)
    idempotent = guarantees(ProducerConfig(), three)
    assert idempotent["order"].startswith("kept")
    assert idempotent["duplicates"].startswith("none")
    assert "at least 2 brokers" in idempotent["acknowledged records"]
    plain = ProducerConfig(enable_idempotence=False)
    assert "up to 4 newer ones" in guarantees(plain, alone)["order"]
    assert guarantees(plain, alone)["duplicates"].startswith("possible")
    once = ProducerConfig(enable_idempotence=False, acks="1", retries=0)
    assert guarantees(once, alone)["duplicates"].startswith("none")
    assert (
        "unnoticed"
        in guarantees(ProducerConfig(enable_idempotence=False, acks="0"), alone)[
            "acknowledged records"
        ]
    )
    one_copy = guarantees(ProducerConfig(), TopicSettings(replicas=1))
    assert "only copy" in one_copy["acknowledged records"]
    endless = ProducerConfig(delivery_timeout_ms=2**31 - 1)
    assert guarantees(endless, alone)["records that fail"].startswith("none")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "120 s after the send at the latest"),
        ({"retries": 0, "enable_idempotence": False}, "at the first error"),
        ({"retries": 1}, "one retry: where a broker answers with errors these are used up"),
        ({"retries": 3}, "within about 700 ms"),  # 100 + 200 + 400
        ({"retries": 6}, "within about 3.5 s"),  # and 800, and twice the longest, 1000
        ({"retries": 1_000}, "120 s after the send at the latest"),
        ({"retries": 3, "delivery_timeout_ms": 2**31 - 1}, "within about 700 ms"),
    ],
)
def test_few_retries_end_long_before_the_time_for_delivery(
    changes: dict[str, int], told: str
) -> None:
    producer = ProducerConfig(**changes)  # type: ignore[arg-type]  # by name
    assert told in guarantees(producer, TopicSettings())["records that fail"]
