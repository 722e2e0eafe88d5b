"""How a command is run: exit code 0 done, 1 a check failed, 2 bad input told in one line.

And where its tables and lines go.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from experiments.kit.as_json import is_wanted
from experiments.kit.options import NOT_YET

if TYPE_CHECKING:
    from rich.console import Console

#: What the widest table takes: anything narrower would cut figures off.
WIDTH = 128
INTERRUPTED = 130


def console() -> "Console":
    """Standard output, at least as wide as the tables, without the colouring of numbers.

    Standard error where the answer itself is wanted as JSON.
    """
    from rich.console import Console  # only now: `--help` prints without it

    aside = is_wanted()
    output = Console(stderr=aside, highlight=False, markup=False)
    return Console(stderr=aside, highlight=False, markup=False, width=max(output.width, WIDTH))


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
    except click.NoSuchOption as error:
        _refuse(NOT_YET.get(error.option_name) or error.format_message())
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
    print(f"inflight: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)
