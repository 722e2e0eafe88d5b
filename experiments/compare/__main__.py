"""``python -m experiments.compare`` is ``inflight compare``."""

if __name__ == "__main__":  # worker processes import this module too, and need nothing of it
    import sys

    from experiments.__main__ import inflight
    from experiments.kit.command import run_command

    run_command(inflight, ["compare", *sys.argv[1:]])
