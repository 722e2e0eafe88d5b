"""The options that describe a user's world, told once; every command takes the ones it needs.

Imports no model: `--help` and a refused option answer at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

#: A path as an option; whether it exists is told by who opens it.
FILE = click.Path(path_type=Path)
OLDEST_KAFKA, NEWEST_KAFKA = "3.0", "4.1"

_OPTIONS: dict[str, Callable[..., Any]] = {
    "properties": click.option("--properties", type=FILE, help="A producer.properties file."),
    "kafka": click.option(
        "--kafka",
        default=NEWEST_KAFKA,
        help=f"Client version, {OLDEST_KAFKA} to {NEWEST_KAFKA}.",
        show_default=True,
    ),
    "overrides": click.option(
        "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="On top of the file."
    ),
    "arrivals": click.option(
        "--arrivals",
        type=click.Choice(["poisson", "even"]),
        default="poisson",
        show_default=True,
        help="How they arrive.",
    ),
    "outstanding": click.option(
        "--outstanding", type=int, help="A closed loop of so many records instead."
    ),
    "value_bytes": click.option(
        "--record-bytes",
        "value_bytes",
        type=int,
        default=1_000,
        help="Value size.",
        show_default=True,
    ),
    "key_space": click.option(
        "--key-space", type=int, default=0, help="Keys to draw from; 0: no keys."
    ),
    "partitions": click.option(
        "--partitions", type=int, default=1, show_default=True, help="Of the topic."
    ),
    "brokers": click.option(
        "--brokers", type=int, default=1, show_default=True, help="That lead them in turn."
    ),
    "producers": click.option(
        "--producers", type=int, default=1, show_default=True, help="All alike."
    ),
    "seed": click.option(
        "--seed", type=int, default=1, show_default=True, help="Same seed, same rows."
    ),
    "constants": click.option("--constants", type=FILE, help="Machine constants, see calibrate."),
    "jobs": click.option(
        "--jobs", type=click.IntRange(1), help="Processes; default: one for each core."
    ),
}


def options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command these options of the world, in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names):
            command = _OPTIONS[name](command)
        return command

    return decorate
