"""`inflight explore`: a local page to turn knobs on, or the same answer on the terminal."""

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.kit.as_json import tell
from experiments.kit.asking import Asking
from experiments.kit.command import say, show
from experiments.kit.options import NEWEST_KAFKA, options
from experiments.kit.pool import get_ready
from experiments.kit.worldfile import world_file

if TYPE_CHECKING:
    from experiments.explore.asked import Base

#: What answers are made with; workers begin with it.
WORKED_WITH = (f"{__package__.rpartition('.')[0]}.explore.runs", "numpy.random")
PORT = 8023
LOOPBACK = "127.0.0.1"
HOST = "Who may reach it; default: this machine alone."
ANSWER = "Print what the page shows at this address (what follows its ?), and serve nothing."


@click.command(cls=Asking)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=PORT, show_default=True, help="0: any."
)
@click.option("--host", default=LOOPBACK, show_default=True, help=HOST)
@click.option("--open", "opened", is_flag=True, help="Open it in the browser.")
@click.option("--answer", "address", metavar="ADDRESS", help=ANSWER)
@options("properties", "as_kind", "which", "kafka", "world")
@click.option("--rtt-ms", type=float, default=20.0, show_default=True, help="Distance at first.")
@click.option("--rate", "rate_per_s", type=float, help="Records/s at first.")
@options("value_bytes", "partitions", "replicas", "replica_rtt_ms")
@options("seed", "constants", "json", "jobs")
def command(
    port: int, host: str, opened: bool, address: str | None, jobs: int | None, **given: Any
) -> None:
    """Turn knobs in your browser and see what one request in flight and five carry.

    It answers this machine alone unless told otherwise, keeps nothing, and ends with Ctrl-C.
    """
    from model import ConfigError

    if address is None and find_spec("tornado") is None:
        rule = "needs Tornado, an optional extra: pip install 'inflight[explore]'"
        raise ConfigError("explore", "(page)", rule)
    get_ready(WORKED_WITH)
    base = _base(**given)  # imported while the workers' server starts
    if address is not None:
        asyncio.run(_print(base, address, jobs))
        return
    from experiments.explore.server import serve

    def ready(port: int) -> None:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{port}/"
        say([f"Open {url} (Ctrl-C ends it)"])
        if opened:
            click.launch(url)

    asyncio.run(serve(base, host, port, jobs, ready))


def _base(constants: Path | None, **given: Any) -> "Base":
    """The world that the knobs start from, and how it is said again. Raises ConfigError."""
    from experiments.explore.asked import Base
    from experiments.kit.world import World, world_of

    named = {"properties": "--properties", "as_kind": "--as", "which": "--which"}
    words = [word for name, flag in named.items() if given[name] for word in (flag, given[name])]
    words += ["--kafka", given["kafka"]] if given["kafka"] != NEWEST_KAFKA else []
    words += ["--constants", constants] if constants else []
    words += ["--world", "none"] if world_file() else []

    def load(settings: tuple[str, ...]) -> World:
        world = world_of(overrides=settings, constants=constants, **given)
        return world.with_topic(world.topic.partitions, 1)  # whose connection is looked at

    base = Base(load, tuple(map(str, words)), constants=constants is not None)
    base.world  # noqa: B018  what cannot be is refused before anything is served
    return base


async def _print(base: "Base", address: str, jobs: int | None) -> None:
    """The digits, percentiles and books at an address, as tables and as JSON."""
    from experiments.explore.desk import Desk
    from experiments.explore.tables import tables

    desk = Desk(base, jobs)
    try:
        first = await desk.said(address, "first")
        parts = {part: await desk.said(address, part) for part in ("more", "latency", "trouble")}
    finally:
        desk.close()
    say([first["assumed"], *first["notes"], "", parts["more"]["sentence"], ""])
    for table in tables(**parts):
        show(table)
    said = {name: first[name] for name in ("assumed", "notes", "address", "properties")}
    tell({"command": "explore", "answer": parts["more"]["sentence"], **said, **parts})
