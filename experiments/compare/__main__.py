"""``python -m experiments.compare`` is ``inflight compare``."""

from experiments.compare.command import command
from experiments.kit.command import run_command

if __name__ == "__main__":
    run_command(command)
