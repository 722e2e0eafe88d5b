"""How a command is run: exit code 0 done, 1 a check failed, 2 bad input told in one line.

And where its tables and lines go.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from experiments.kit.as_json import is_wanted

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as TerminalTable

    from experiments.kit.tables import Table

#: Ours: where nobody says how wide lines may be; what all tables take without folding.
WIDTH = 160
MOST_WIDTH = 10_000
INTERRUPTED = 130


def console() -> "Console":
    """Standard output, as wide as the terminal or COLUMNS, without the colouring of numbers.

    Standard error where the answer itself is wanted as JSON.
    """
    from rich.console import Console  # only now: `--help` prints without it

    output = Console(stderr=is_wanted(), highlight=False, markup=False)
    if not output.is_terminal and "COLUMNS" not in os.environ:
        output.width = WIDTH
    return output


def show(table: "Table") -> None:
    """Print a table so that it fits, and wider than that before any of its figures is cut."""
    from experiments.kit.tables import terminal

    screen, printed = console(), terminal(table)
    if _least_width(screen, printed) > screen.width:
        printed = terminal(table, narrow=True)
    screen.width = max(screen.width, _least_width(screen, printed))
    screen.print(printed)


def _least_width(screen: "Console", printed: "TerminalTable") -> int:
    """What a table needs where all that can be folded is."""
    unbounded = screen.options.update(max_width=MOST_WIDTH)
    return screen.measure(printed, options=unbounded).minimum


def say(lines: Iterable[str]) -> None:
    """Print lines, each as long as it is."""
    screen = console()
    for line in lines:
        screen.print(line, soft_wrap=True)


def say_paths(paths: Iterable[Path]) -> None:
    """Say where rows and charts are."""
    say(f"{'Rows' if path.suffix in ('.csv', '.parquet') else 'Chart'}: {path}" for path in paths)


def run_command(command: click.Command, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and leave the process with its exit code. Never a traceback for bad input."""
    try:
        code = command.main(arguments, prog_name="inflight", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        sys.exit(0)
    except click.ClickException as error:
        _refuse(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except ValueError as error:
        from model import ConfigError  # only now: `--help` needs no model

        if not isinstance(error, ConfigError):
            raise
        _refuse(str(error))
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(message: str) -> NoReturn:
    from model.settings.shown import one_line  # only now, as above

    print(f"inflight: {one_line(' '.join(message.split()))}", file=sys.stderr)
    sys.exit(2)
