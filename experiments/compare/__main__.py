"""``python -m experiments.compare`` is ``inflight compare``."""

if __name__ == "__main__":  # worker processes import this module too, and need nothing of it
    from experiments.commands.compare import command
    from experiments.kit.command import run_command

    run_command(command)
