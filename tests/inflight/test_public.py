"""`import inflight`: the names that are public, what they cost, what settings are read."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import inflight
import model


def test_everything_of_the_model_is_there_and_the_same() -> None:
    for name in model.__all__:
        assert getattr(inflight, name) is getattr(model, name)
    others = set(inflight.__all__) - set(model.__all__)
    assert others == {"__version__", "frames", "kit", "load_settings", "style", "sweep"}
    assert all(getattr(inflight, name) is not None for name in others)
    assert inflight.__version__ == version("inflight")
    assert f"\nversion: {inflight.__version__}\n" in Path("CITATION.cff").read_text()
    assert dir(inflight) == sorted(inflight.__all__)


def test_no_other_name_is_there() -> None:
    with pytest.raises(AttributeError, match="'Scenery'"):
        _ = inflight.Scenery  # type: ignore[attr-defined]  # who checks types is told, too
    with pytest.raises(ImportError):
        exec("from inflight import nothing_of_the_kind")


def test_the_import_itself_imports_nothing_slow_and_a_run_no_pandas() -> None:
    program = (
        "import sys, inflight\n"
        "print('numpy' in sys.modules)\n"
        "path = inflight.PathConfig(rtt_ms=1)\n"
        "inflight.simulate(inflight.Scenario(path=path, measured_s=0.1), seed=1)\n"
        "print('pandas' in sys.modules or 'matplotlib' in sys.modules)\n"
        "import matplotlib; before = dict(matplotlib.rcParams)\n"
        "inflight.sweep\n"
        "print(before == dict(matplotlib.rcParams))\n"
    )
    told = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert told.split() == ["False", "False", "True"]


def test_settings_of_a_file_are_those_of_the_client(tmp_path: Path) -> None:
    file = tmp_path / "producer.properties"
    file.write_text("linger.ms=7\nmax.in.flight.requests.per.connection=1\n")
    overrides = {"batch.size": 32_768, "enable.idempotence": False}
    resolved = inflight.load_settings(file, overrides, kafka="3.6")
    own = resolved.producer
    assert (own.linger_ms, own.batch_size_bytes, own.enable_idempotence) == (7, 32_768, False)
    assert own.max_in_flight_requests_per_connection == 1
    assert inflight.load_settings().producer == inflight.ProducerConfig()
    assert repr(resolved) == "<Loaded for Kafka 3.6: 4 settings given, 0 unknown>"
    with pytest.raises(inflight.ConfigError, match="requests"):
        inflight.load_settings(overrides={"max.in.flight.requests.per.connection": 0})


def test_a_key_that_no_producer_has_is_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"^linger\.m is not .*; did you mean linger\.ms\?$"):
        resolved = inflight.load_settings(overrides={"linger.m": 5})
    assert resolved.unknown == (("linger.m", "linger.ms"),)


@pytest.mark.parametrize("kafka", [3.6, None, ("4", "1")])
def test_a_version_is_a_word(kafka: Any) -> None:
    with pytest.raises(inflight.ConfigError, match=r"^kafka=.*: must be a version in quotes"):
        inflight.load_settings(kafka=kafka)
