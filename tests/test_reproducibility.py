"""Same scenario and seed, same rows, bit for bit, whichever process runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model import OpenLoop, Scenario, TopicConfig, Workload, simulate

#: Everything that draws numbers or hashes: Poisson arrivals, keys or sticky choice, a tail.
PROGRAM = """
from hashlib import sha256
from model import *
machine = MachineConfig(
    client_append_us=1, client_request_us=30, client_byte_us=0.001, client_record_us=0.2,
    broker_request_us=120, broker_batch_us=10, broker_byte_us=0.002, broker_tail_us=100,
    wake_us=500, wake_after_us=2000,
)
digest = sha256()
for key_space in (0, 50):
    run = simulate(
        Scenario(
            path=PathConfig(rtt_ms=2, bytes_per_s=1e7),
            workload=Workload(
                arrival=OpenLoop(3000, "poisson"), value_bytes=200, key_space=key_space
            ),
            topic=TopicConfig(partitions=5, brokers=2),
            machine=machine, producers=2, warmup_s=0, measured_s=0.5,
        ),
        seed=7,
    )
    assert len(run.requests) > 100
    digest.update(repr([[*run.requests], [*run.batches], [*run.appends]]).encode())
print(digest.hexdigest())
"""


def digest_in_a_fresh_process(hash_seed: str) -> str:
    """What the program prints in a Python of its own."""
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.strip()


def test_a_fresh_process_with_other_hashes_finds_the_same_rows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exec(compile(PROGRAM, "program", "exec"), {})
    here = capsys.readouterr().out.strip()
    assert len(here) == 64
    assert digest_in_a_fresh_process("0") == digest_in_a_fresh_process("4711") == here


@pytest.mark.parametrize("key_space", [0, 50])
def test_another_seed_finds_other_rows(
    key_space: int, tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    scenario = tiny(
        topic=TopicConfig(partitions=3),
        machine=machine(broker_request_us=100, broker_tail_us=100),
        workload=Workload(arrival=OpenLoop(1000, "poisson"), key_space=key_space),
    )
    assert simulate(scenario, 1).requests == simulate(scenario, 1).requests
    assert simulate(scenario, 1).requests != simulate(scenario, 2).requests


def test_a_new_cause_of_chance_does_not_shift_the_arrivals(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    workload = Workload(arrival=OpenLoop(1000, "poisson"))
    created = [
        [row.created_s for row in simulate(tiny(workload=workload, machine=m), 3).batches[:1]]
        for m in (machine(), machine(broker_tail_us=500))
    ]
    assert created[0] == created[1] != []
