"""Kills and interrupts of a sweep at random moments: ``python -m tests.trying.kills``.

A parent or a worker is killed, or the parent interrupted; then the same command goes on. What it
leaves must be, byte for byte, what an undisturbed sweep leaves, no run may be lost or made twice,
and nobody may be left behind.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.kit.journal import NAME

#: The sweep: forty runs of some hundredths of a second.
SWEEP = """
from model import PathConfig, ProducerConfig, Scenario
SWEEP = {
    "scenario": Scenario(path=PathConfig(rtt_ms=2), warm_start=True, warmup_s=0.2, measured_s=0.5),
    "over": {"rtt_ms": [1, 2, 4, 8], "max_in_flight_requests_per_connection": [1, 5]},
    "repeats": 5,
}
"""
RUNS = 40
#: Interrupts reach it also where they are ignored by inheritance.
PROGRAM = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    " sys.argv[0] = 'inflight'; from experiments.__main__ import main; main()"
)
KINDS = ("kill the parent", "kill a worker", "interrupt the parent")
#: Ours: so long whoever is left may take to go, on a machine that is busy.
GONE_S = 60.0
WORKER = "multiprocessing.forkserver"


@dataclass(frozen=True)
class Kill:
    """What happens, once so many runs are in the journal and a moment is over."""

    kind: str
    runs: int
    after_s: float
    jobs: int


def drawn(seed: int, count: int) -> list[Kill]:
    """So many, the same for the same seed."""
    chance = random.Random(seed)
    kills = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        jobs = 2 if kind == "kill a worker" else chance.choice((1, 2))
        kills.append(Kill(kind, chance.randrange(RUNS), chance.random() * 0.1, jobs))
    return kills


def sweep(folder: Path, jobs: int) -> subprocess.Popen[bytes]:
    """The sweep, in a process group of its own; what it prints goes to a file beside."""
    (folder / "mine.py").write_text(SWEEP, encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, "sweep", "mine.py", f"--jobs={jobs}", "--out=out"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with (folder / "printed").open("ab") as printed:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def kept(folder: Path) -> list[str]:
    """The digests in the journal, in its order."""
    path = folder / "out" / NAME
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line)["digest"] for line in lines]


def left(folder: Path) -> Mapping[str, bytes]:
    """Every file of a finished sweep but its journal, whose order is that of the workers."""
    out = folder / "out"
    return {path.name: path.read_bytes() for path in out.iterdir() if path.name != NAME}


def group(of: int) -> list[tuple[int, int, str]]:
    """Who lives in a process group: id, parent's id, command."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,pgid=,stat=,command="],
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    found = [line.split(None, 4) for line in listed.stdout.splitlines()]
    return [
        (int(each[0]), int(each[1]), each[4] if len(each) > 4 else "")
        for each in found
        if int(each[2]) == of and not each[3].startswith("Z")
    ]


def workers(of: int) -> list[int]:
    """The workers of a sweep: forked from the server, which looks like them."""
    servers = {pid for pid, _, command in group(of) if WORKER in command}
    return [pid for pid, parent, _ in group(of) if parent in servers]


def carry_out(kill: Kill, folder: Path) -> str:
    """Do it and go on from there; what is wrong then, empty if nothing is."""
    running = sweep(folder, kill.jobs)
    while running.poll() is None and len(kept(folder)) < kill.runs:
        time.sleep(0.01)
    time.sleep(kill.after_s)
    before = kept(folder)
    if running.poll() is None:
        if kill.kind == "kill a worker":
            for victim in workers(running.pid)[:1]:
                os.kill(victim, signal.SIGKILL)
        else:
            interrupts = kill.kind == "interrupt the parent"
            running.send_signal(signal.SIGINT if interrupts else signal.SIGKILL)
    expected = {KINDS[0]: (0, -signal.SIGKILL), KINDS[1]: (0,), KINDS[2]: (0, 130, -signal.SIGINT)}
    code = running.wait()
    if code not in expected[kill.kind]:
        return f"it ended with {code}"
    deadline_s = time.monotonic() + GONE_S
    while group(running.pid):
        if time.monotonic() > deadline_s:
            return f"left behind: {group(running.pid)}"
        time.sleep(0.05)
    if kept(folder)[: len(before)] != before:
        return "a run that was kept is lost"
    if sweep(folder, kill.jobs).wait() != 0:
        return "it does not go on"
    digests = kept(folder)
    if len(digests) != RUNS or len(set(digests)) != RUNS:
        return f"{len(digests)} runs are kept, {len(set(digests))} of them different"
    return "" if b"Traceback" not in (folder / "printed").read_bytes() else "it shows a traceback"


def reference(folder: Path) -> Mapping[str, bytes]:
    """What an undisturbed sweep leaves."""
    if sweep(folder, 2).wait() != 0:
        raise RuntimeError((folder / "printed").read_text(encoding="utf-8"))
    return left(folder)


def main() -> None:
    """Try so many, and say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    asked = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as first:
        expected = reference(Path(first))
    for number, kill in enumerate(drawn(asked.seed, asked.count), start=1):
        with tempfile.TemporaryDirectory() as folder:
            told = carry_out(kill, Path(folder))
            if not told and left(Path(folder)) != expected:
                told = "other files than without"
        wrong += bool(told)
        print(f"{number}: {kill}: {told or 'the same'}", flush=True)
    print(f"{asked.count - wrong} of {asked.count} ended as if nothing had happened.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
