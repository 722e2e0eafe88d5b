"""The options that describe a user's world, told once; every command takes the ones it needs.

Imports nothing of the model: `--help` and a refused option answer at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from experiments.kit import as_json, worldfile
from experiments.kit.worldkeys import KEYS, NAME

#: A path as an option; whether it exists is told by who opens it.
FILE = click.Path(path_type=Path)
#: Ours: each takes some ten megabytes of its own.
MOST_JOBS = 256
OLDEST_KAFKA, NEWEST_KAFKA = "3.0", "4.4"
#: The clients that there are, by their files: one that is added is offered too.
JAVA = "java"
_FILES = Path(__file__).parents[2] / "model" / "clients"
_NAMES = {each.stem.replace("_", "-") for each in _FILES.glob("[a-z]*.py")}
CLIENTS = (JAVA, *sorted(_NAMES - {JAVA, "options", "profile"}))


def _number(
    flag: str, default: int | None, text: str, name: str | None = None
) -> Callable[..., Any]:
    names = [flag, *filter(None, [name])]
    shows = default is not None
    return click.option(*names, type=int, default=default, show_default=shows, help=text)


#: Names that options had before: they go on working, and no help or hint shows them.
FORMER = {"replications": "repeats"}


def present_name(token: str) -> str:
    """What an option is called now; anything else as it is."""
    return FORMER.get(token, token)


def _of_its_own_file(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """A world file says this of the file that it names, not of one that was typed instead."""
    from_world = context.get_parameter_source(option.name or "") is ParameterSource.DEFAULT_MAP
    typed = context.get_parameter_source("properties") is ParameterSource.COMMANDLINE
    return None if from_world and typed else value


def _both(*decorators: Callable[..., Any]) -> Callable[..., Any]:
    """Two options that say the same in two ways."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for each in reversed(decorators):
            command = each(command)
        return command

    return decorate


_RATIO = "Compressed over uncompressed bytes, with a codec; default: as JSON."
_VERSIONS = f"Client version, {OLDEST_KAFKA} to {NEWEST_KAFKA}."
_CLIENTS = f"Whose producer: {', '.join(CLIENTS)}."
_ARRIVALS = click.Choice(KEYS["arrivals"].choices)
_WORLD = f"What your cluster is like; default: {NAME} here; {worldfile.NONE}: no such file."
_OPTIONS: dict[str, Callable[..., Any]] = {
    "properties": click.option(
        "--properties", type=FILE, help="Properties, YAML or JSON: see docs/run.md."
    ),
    "as_kind": click.option(
        "--as",
        "as_kind",
        metavar="KIND",
        callback=_of_its_own_file,
        help="What the file is of, such as connect or spring.",
    ),
    "which": click.option(
        "--which", metavar="NAME", callback=_of_its_own_file, help="Which of several producers."
    ),
    "kafka": click.option("--kafka", default=NEWEST_KAFKA, help=_VERSIONS, show_default=True),
    "client": click.option(
        "--client", default=JAVA, show_default=True, metavar="NAME[@VERSION]", help=_CLIENTS
    ),
    "overrides": click.option(
        "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="On top of the file."
    ),
    "arrivals": click.option(
        "--arrivals", type=_ARRIVALS, default="poisson", show_default=True, help="How they arrive."
    ),
    "outstanding": click.option(
        "--outstanding", type=int, help="A closed loop of so many records instead."
    ),
    "value_bytes": _number("--record-bytes", 1_000, "Value size.", "value_bytes"),
    "compression": _both(
        click.option("--compression-ratio", type=float, help=_RATIO),
        click.option("--sample", type=FILE, help="Your records, one a line: says ratio and size."),
    ),
    "key_space": _number("--key-space", 0, "Keys to draw from; 0: no keys."),
    "partitions": _number("--partitions", 1, "Of the topic."),
    "brokers": _number("--brokers", None, "That lead them in turn; default: one per replica."),
    "replicas": _number("--replicas", None, "Of each partition; default: 3 if as many brokers."),
    "min_insync": _number("--min-insync", None, "min.insync.replicas; default: 2 of several."),
    "replica_rtt_ms": click.option(
        "--replica-rtt-ms", type=float, help="From broker to broker, there and back; default: 0.5."
    ),
    "producers": _number("--producers", 1, "All alike."),
    "seed": _number("--seed", 1, "Same seed, same rows."),
    "constants": click.option("--constants", type=FILE, help="Machine constants, see calibrate."),
    "world": click.option(
        "--world",
        type=FILE,
        envvar=worldfile.VARIABLE,
        is_eager=True,
        expose_value=False,
        callback=worldfile.look,
        help=_WORLD,
    ),
    "json": click.option(
        "--json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=as_json.note_wanted,
        help="The answer as JSON, and nothing else, on standard output.",
    ),
    "html": click.option("--html", type=FILE, help="The answer as one page, to be sent around."),
    "jobs": click.option(
        "--jobs",
        type=click.IntRange(1, MOST_JOBS),
        help="Processes; default: one for each core.",
    ),
}
#: Parameters by what they are about, for `--help`; what is about none of it comes first there.
SECTIONS = {
    "Producer": ("properties", "as_kind", "which", "client", "kafka", "overrides"),
    "Cluster and records": (
        *("world", "rtt_ms", "brokers", "replicas", "min_insync", "replica_rtt_ms"),
        *("partitions", "producers", "constants"),
        *("rate_per_s", "rate", "arrivals", "outstanding", "value_bytes", "key_space"),
        *("compression_ratio", "sample"),
    ),
    "Runs": ("replications", "seed", "jobs"),
    "Results": ("out", "json", "html"),
}


def options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command these options of the world, in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names):
            command = _OPTIONS[name](command)
        return command

    return decorate
