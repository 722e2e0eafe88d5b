"""The command line: ``inflight COMMAND`` is ``python -m experiments COMMAND``.

Commands are imported when they are called, so that `--help` answers at once.
"""

from importlib import import_module
from typing import NoReturn

import click

from experiments.catalogue import OTHERS
from experiments.kit.command import run_command
from experiments.kit.options import present_name
from experiments.kit.typed import keep_typed

#: Where commands are.
HOME = f"{__package__}.commands"
#: Command to the module that has it as ``command``, and what `--help` says of it: first those that
#: leave results of their own, as the catalogue names them.
COMMANDS = {
    **{stored.command: (f"{HOME}.{stored.command}", stored.question) for stored in OTHERS},
    "explore": (f"{HOME}.explore", "A local page: turn a knob, watch the requests."),
    "settings": (f"{HOME}.settings", "What a client does with a file, and why."),
    "ask": (f"{HOME}.ask", "Questions that Kafka users ask, answered for you."),
    "sweep": (
        f"{HOME}.sweep",
        "All points of a question in the default world; goes on where it stopped.",
    ),
    "init": (f"{HOME}.init", "Write inflight.toml: the cluster that you ask about."),
    "measure": (f"{HOME}.measure", "Plan runs on your cluster, and read what tools print of them."),
    "calibrate": (f"{HOME}.calibrate", "Fit the machine constants to measured runs."),
    "report": (f"{HOME}.report", "One HTML page of everything that was found."),
    "plot": (f"{HOME}.plot", "Redraw an experiment's charts from its stored rows."),
    "list": (f"{HOME}.listing", "List the experiments and whether they have results."),
}


class LazyGroup(click.Group):
    """A group that imports a command only to run it or to show its help."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep what was typed, to say how an answer is had again."""
        keep_typed(ctx, args)
        return super().parse_args(ctx, args)

    def list_commands(self, context: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import a command; None for a name that there is none for."""
        if name not in COMMANDS:
            return None
        command = import_module(COMMANDS[name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The table itself: asking each command would import it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"token_normalize_func": present_name})
@click.version_option(package_name="inflight")
def inflight() -> None:
    """What does a Kafka producer gain by keeping five requests in flight instead of one?"""
    from model.machine_code import RUNS, Runs  # only now: `--help` needs no model

    if RUNS is Runs.EDITED:
        click.echo("The model was edited since `make compiled`: the sources run.", err=True)


def main() -> NoReturn:
    """Entry point of the console script."""
    run_command(inflight)


if __name__ == "__main__":
    main()
