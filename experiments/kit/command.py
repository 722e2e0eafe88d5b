"""How a command is run: exit code 0 done, 1 a check failed, 2 bad input told in one line."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

#: A path as an option; whether it exists is told by who opens it.
FILE = click.Path(path_type=Path)


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
        sys.exit(130)
    except ValueError as error:
        from model import ConfigError  # only now: `--help` needs no model

        if not isinstance(error, ConfigError):
            raise
        _refuse(str(error))
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(message: str) -> NoReturn:
    print(f"inflight: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)
