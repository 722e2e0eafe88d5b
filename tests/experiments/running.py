"""Commands of inflight, run in the process of the test."""

import pytest

from experiments.__main__ import inflight
from experiments.kit.command import run_command


def run(*arguments: str) -> object:
    """The exit code of an inflight command."""
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, arguments)
    return exit_info.value.code
