"""`inflight init`: a world file, from a handful of questions or from options."""

import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from experiments.kit.command import say
from experiments.kit.options import NEWEST_KAFKA, options
from experiments.kit.worldkeys import KEYS, NAME, NUMBER, WHOLE, written

UNASKED = "must be a terminal to be asked on: give options, or --yes to take the defaults"
Values = dict[str, Any]


@click.command()
@options("properties", "kafka")
@click.option("--rtt-ms", type=float, help="Distance.")
@click.option("--rate", "rate_per_s", type=float, help="Records/s offered by each producer.")
@options("arrivals", "value_bytes", "key_space", "compression", "partitions")
@options("brokers", "replicas", "min_insync", "replica_rtt_ms", "producers", "constants")
@click.option("--yes", is_flag=True, help="Ask nothing; what no option says has its default.")
@click.option("--force", is_flag=True, help=f"Replace the {NAME} that is there.")
@click.pass_context
def command(context: click.Context, /, yes: bool, force: bool, **given: Any) -> None:
    """Write inflight.toml here: the cluster that compare, ask and faults answer for.

    Asks for what no option says. Without a terminal it asks nothing and takes options.
    """
    # Imported here, so that `--help` answers at once.
    from experiments.kit.store import replace_file
    from model import ConfigError

    path, values = Path(NAME), _typed(context, given)
    if not force and (path.exists() or path.is_symlink()):
        raise ConfigError("init", NAME, "must not be there already; --force replaces it")
    check(values)
    if not yes and is_terminal():
        values |= {key: value for key, value in ask(values).items() if value != ""}
    elif not yes and not values:
        raise ConfigError("init", "(standard input)", UNASKED)
    for key in asked():
        if key not in values and (value := offered(key, values)) != "":
            values[key] = value
    check(values)
    replace_file(path, content(values))
    say([f"Written: {NAME}; from here compare, ask and faults answer for it."])


def _typed(context: click.Context, given: Mapping[str, Any]) -> Values:
    """What options say, by key."""
    typed = ParameterSource.COMMANDLINE
    said = {
        key: given[about.parameter]
        for key, about in KEYS.items()
        if context.get_parameter_source(about.parameter) is typed
    }
    return {key: str(value) if isinstance(value, Path) else value for key, value in said.items()}


def is_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def asked() -> list[str]:
    """The keys that there is a question for."""
    return [key for key, about in KEYS.items() if about.question]


def offered(key: str, values: Values) -> Any:
    """What a question's answer is unless one says otherwise; empty: the key is left out.

    ``values`` is what is known of the others.
    """
    default = NEWEST_KAFKA if key == "kafka" else KEYS[key].default
    most = values.get(KEYS[key].at_most)
    if isinstance(default, int) and isinstance(most, int):
        return min(default, most)
    return "" if default is None else default


def ask(values: Values) -> Values:
    """Ask for each key that has no value yet, again and again until the answer can be."""
    answers: Values = {}
    for key in asked():
        if key not in values:
            known = {**values, **{name: each for name, each in answers.items() if each != ""}}
            default = offered(key, known)
            answers[key] = click.prompt(
                KEYS[key].question,
                default=default,
                show_default=default != "",
                value_proc=_answer(key, known),
            )
    return answers


def _answer(key: str, known: Values) -> Callable[[str], Any]:
    """What reads the answer to a key's question, beside what is known.

    Raises UsageError, upon which click asks again.
    """
    reader = {WHOLE: int, NUMBER: float}.get(KEYS[key].kind, str)

    def read(text: str) -> Any:
        from model import ConfigError

        if text == "":
            return ""
        try:
            value = reader(text)
            check({**known, key: value})
        except ConfigError as error:
            raise click.UsageError(str(error)) from None
        except ValueError:
            raise click.UsageError(f"must be {KEYS[key].kind.words}") from None
        return value

    return read


def check(values: Values) -> None:
    """Raise ConfigError for a world that cannot be."""
    from experiments.kit.world import world_of

    named = {KEYS[key].parameter: value for key, value in values.items()}
    for key in ("properties", "constants", "sample"):
        named[key] = Path(named[key]) if key in named else None
    world_of(**{"kafka": NEWEST_KAFKA, "overrides": (), "partitions": 1, **named})


def content(values: Values) -> bytes:
    """The file's content. Raises ConfigError for a path that TOML cannot say."""
    from model import ConfigError

    text = written(values)
    try:
        faithful = tomllib.loads(text) == values
    except ValueError:
        faithful = False
    if not faithful:
        raise ConfigError("init", NAME, "must be TOML, which cannot say one of the paths")
    return text.encode()
