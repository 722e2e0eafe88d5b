"""A sweep on a Dask cluster: a real scheduler, two worker processes, one of which is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from experiments.__main__ import inflight
from experiments.kit.cluster import Cluster
from experiments.kit.command import run_command
from experiments.kit.journal import NAME
from experiments.kit.pool import Answer, Asked, Workers
from model import ConfigError
from tests.experiments.tiny_sweep import POINTS, study

distributed = pytest.importorskip("distributed")
ROOT = Path(__file__).parents[2]


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Dask process that ends with the block."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def said(started: subprocess.Popen[str], words: str) -> str:
    """The line in which a process says something, once it does."""
    assert started.stderr is not None
    for line in started.stderr:
        if words in line:
            return line
    raise AssertionError(f"it ended without saying {words!r}")


@contextmanager
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """A scheduler's address, its two workers, registered, and then the scheduler itself."""
    local = ("--host", "127.0.0.1", "--no-dashboard")
    with process("dask_scheduler", *local, "--port", "0") as scheduler:
        address = said(scheduler, "Scheduler at:").split()[-1]
        arguments = ("dask_worker", address, *local, "--no-nanny", "--nthreads", "1")
        with process(*arguments) as one, process(*arguments) as two:
            for worker in (one, two):
                said(worker, "Registered to:")
            yield address, [one, two, scheduler]


class MurderousCluster(Cluster):
    """Kills a worker when the third answer is in."""

    def __init__(self, address: str, victim: subprocess.Popen[str]) -> None:
        super().__init__(address)
        self._victim = victim

    def completed(
        self, answer: Callable[[Asked], Answer], asked: Sequence[Asked]
    ) -> Iterator[tuple[Asked, Answer | None]]:
        """The answers of the cluster."""
        for number, answered in enumerate(super().completed(answer, asked)):
            if number == 2:
                self._victim.kill()
            yield answered


@pytest.mark.slow
def test_rows_are_those_of_this_machine_although_a_worker_is_killed_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFLIGHT_TINY", str(tmp_path))
    (tmp_path / "slow").touch()
    with cluster() as (address, workers):
        there, made = study(tmp_path / "there", MurderousCluster(address, workers[0]))
        assert workers[0].wait() == -signal.SIGKILL
    assert not made.failed
    assert len(there) == 2 * len(POINTS)
    (tmp_path / "slow").unlink()
    here, _ = study(tmp_path / "here", Workers(1))
    pd.testing.assert_frame_equal(there, here, check_exact=True)


@pytest.mark.slow
def test_a_scheduler_that_dies_is_told_in_one_line_and_what_was_done_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INFLIGHT_TINY", str(tmp_path))
    (tmp_path / "slow").touch()
    with cluster() as (address, processes):
        with pytest.raises(ConfigError, match=r"^cluster=tcp://.*must stay: it is gone"):
            study(tmp_path / "there", MurderousCluster(address, processes[2]))
        assert processes[2].wait() == -signal.SIGKILL
    assert "Traceback" not in capfd.readouterr().err
    assert (tmp_path / "there" / NAME).read_bytes().count(b"\n") >= 2


def refused(address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a sweep on that cluster is refused with."""
    arguments = ["sweep", "depth", f"--cluster={address}", f"--out={tmp_path / 'out'}"]
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, arguments)
    printed = capsys.readouterr().err
    assert exit_info.value.code == 2
    assert printed.count("\n") == 1
    assert not (tmp_path / "out").exists()
    return printed


def test_an_address_without_a_scheduler_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.kit.cluster.REACH_TIMEOUT_S", 0.3)
    assert "must be a Dask scheduler" in refused("tcp://127.0.0.1:9", tmp_path, capsys)
    assert "must be a Dask scheduler" in refused("tcp://127.0.0.1:99", tmp_path, capsys)


def test_without_dask_the_refusal_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install 'inflight[cluster]'" in refused("tcp://127.0.0.1:9", tmp_path, capsys)
