"""Exit codes 0, 1, 2 and 130, no traceback, no warning, no control character, no partial file.

Up to the first run a command is carried out as it is; what would be run is left out here, or a
quarter of an hour would not do. ``make trials`` tries a thousand inputs so, and two hundred others
to their end, unless that is farther than 20 s of a core. At most so long and 1 GB each.
"""

import os
import resource
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from experiments.__main__ import inflight
from experiments.kit.command import run_command
from experiments.kit.cpu_time import at_most
from experiments.kit.pool import Workers
from tests.fuzz.inputs import Call, calls

MOST_CPU_S, MOST_KIB = 20.0, 1 << 20
CODES = (0, 1, 2, 130)
TOO_LONG = "it takes longer"


class TooLongError(Exception):
    """It took more of a core than it may."""


@pytest.fixture(scope="module")
def alone() -> Iterator[None]:
    """Commands run nothing in other processes, where nobody would see to their time."""

    def init(self: Workers, *_: object, **__: object) -> None:
        self.jobs, self._pool, self._begun, self._ends = 1, None, None, False
        self._waiter, self._out, self._asked = None, {}, []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workers, "__init__", init)
        patch.setattr("experiments.commands.compare.cores", lambda _: 1)
        yield


@pytest.fixture(scope="module")
def unrun(alone: None) -> Iterator[None]:
    """Commands end with code 0 where they would begin to simulate."""

    def end(*_: object, **__: object) -> Any:
        raise SystemExit(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workers, "map", end)
        patch.setattr(Workers, "begin", end)
        patch.setattr(Workers, "completed", end)
        patch.setattr("experiments.commands.faults.simulate", end)
        yield


def ended(arguments: Sequence[str]) -> tuple[object, str, str]:
    """A command's exit code and what it prints; a traceback is what escapes it."""
    out, err, code = StringIO(), StringIO(), object()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            with at_most(MOST_CPU_S, TooLongError):
                run_command(inflight, arguments)
        except SystemExit as exit_:
            code = exit_.code
        except TooLongError:
            code = TOO_LONG
        except BaseException:
            return "traceback", out.getvalue(), traceback.format_exc()
    return code, out.getvalue(), err.getvalue()


def files_below(folder: Path) -> set[str]:
    """Everything there."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def keeps_the_rule(call: Call, may_take_long: bool = False) -> None:
    """Carry a call out in a folder of its own; whether it may not come to its end."""
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        call.prepare(folder)
        before = files_below(folder)
        os.chdir(folder)
        try:
            code, out, err = ended(call.arguments)
        finally:
            os.chdir(home)
        left = files_below(folder) - before
    told = f"{call.arguments} ended with {code}: {err}"
    if may_take_long and code == TOO_LONG:
        return
    assert code in CODES, told
    assert all(c.isprintable() or c == "\n" for c in out + err), told
    assert "Traceback" not in err, told
    assert "Warning" not in err, told
    assert not [name for name in left if name.endswith(".partial")], told
    if code == 2:
        assert err.startswith("inflight: "), told
        assert err.count("\n") == 1, told
        assert not left, told
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2 * MOST_KIB, told


@settings(suppress_health_check=list(HealthCheck))
@given(call=calls())
def test_whatever_is_typed_a_command_ends_as_it_says(call: Call, unrun: None) -> None:
    keeps_the_rule(call)


@pytest.mark.trial
@settings(suppress_health_check=list(HealthCheck), max_examples=1_000)
@given(call=calls())
def test_a_thousand_inputs_end_as_they_should(call: Call, unrun: None) -> None:
    keeps_the_rule(call)


@pytest.mark.trial
@settings(suppress_health_check=list(HealthCheck), max_examples=200)
@given(call=calls())
def test_what_is_short_is_carried_out_as_it_should(call: Call, alone: None) -> None:
    keeps_the_rule(call, may_take_long=True)
