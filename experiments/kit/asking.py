"""A command that answers for the user's own world.

Its options are told by what they are about, and what is refused names the world file if it came
from there.
"""

from operator import itemgetter
from typing import Any

import click

from experiments.kit.options import SECTIONS
from experiments.kit.worldfile import told_by_file

OWN, LAST = "Options", list(SECTIONS)[-1]


class Asking(click.Command):
    """Takes the options of :mod:`experiments.kit.options`, ``--world`` among them."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it. Raises ConfigError."""
        try:
            return super().invoke(ctx)
        except ValueError as error:
            told = told_by_file(error)
            if told is error:
                raise
            raise told from error

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Its options under headings, those of the command itself first."""
        of = {name: heading for heading, names in SECTIONS.items() for name in names}
        sections: dict[str, list[tuple[str, str]]] = {OWN: [], **{key: [] for key in SECTIONS}}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and isinstance(parameter, click.Option):
                heading = of.get(parameter.name or "", OWN)
                sections[LAST if "--help" in parameter.opts else heading].append(record)
        for heading, records in filter(itemgetter(1), sections.items()):
            with formatter.section(heading):
                formatter.write_dl(records)
