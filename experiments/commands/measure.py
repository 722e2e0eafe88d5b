"""`inflight measure`: from a cluster to measured rows, with the tools that people have."""

from pathlib import Path
from typing import Any

import click

from experiments.kit.as_json import tell
from experiments.kit.command import say, say_paths, show
from experiments.kit.options import FILE, options

NEXT = "Next: inflight calibrate --measured {out} --out constants.json"
_MS = "ms; default: 0."


@click.group()
def command() -> None:
    """Plan runs of Kafka's own perf test, and read what they and other tools print."""


@command.command()
@click.option("--bootstrap", required=True, metavar="HOST:PORT", help="Brokers to begin with.")
@click.option("--topic", required=True, help="A new one: the script makes it, records go there.")
@click.option("--out", type=FILE, default=Path("measure.sh"), help="Where the script goes.")
@click.option("--results", type=FILE, default=Path("measured"), help="A new folder for outputs.")
@options("properties", "as_kind", "which", "kafka", "overrides")
@click.option("--record-bytes", type=int, default=1_000, show_default=True, help="Value size.")
@click.option("--partitions", type=int, default=1, show_default=True, help="Of the topic.")
@click.option("--brokers", type=int, default=3, show_default=True, help="That lead them in turn.")
@click.option("--replicas", type=int, default=3, show_default=True, help="Copies of each.")
@click.option("--min-insync", type=int, default=2, show_default=True, help="min.insync.replicas.")
@click.option("--seconds", type=int, default=60, show_default=True, help="Of a run, about.")
@click.option("--most-mb", type=float, default=1_000, show_default=True, help="Of records in all.")
@options("json")
def plan(
    bootstrap: str,
    topic: str,
    out: Path,
    results: Path,
    properties: Path | None,
    as_kind: str | None,
    which: str | None,
    kafka: str,
    overrides: tuple[str, ...],
    **asked: Any,
) -> None:
    """Write a script of the fewest runs of kafka-producer-perf-test.sh that tell the constants.

    Nothing is run. The script is for that Kafka's tools, makes a topic of its own and says how much
    it writes.
    """
    from experiments.kit.store import replace_file
    from experiments.kit.tables import as_fields
    from experiments.measure import told_plan
    from experiments.measure.script import script

    made, left_out = told_plan.planned(
        (properties, overrides, kafka, as_kind, which),
        bootstrap=bootstrap,
        topic=topic,
        results=results,
        **asked,
    )
    replace_file(out, script(made).encode())
    answer, table = told_plan.answer(made, out), told_plan.table(made)
    say([answer])
    show(table)
    say([*left_out, *told_plan.steps(made, out)])
    fields = {"command": "measure", "answer": answer, "notes": left_out}
    tell({**fields, "tables": [as_fields(table)], "files": [out]})


@command.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--out", type=FILE, required=True, help="Where the rows go (CSV).")
@click.option("--rtt-ms", type=float, help="Round trip to the broker, as ping says it.")
@click.option("--record-bytes", type=int, help="Size of a record's value.")
@click.option("--rate", type=float, help="Records/s that were offered; 0: as many as it could.")
@options("properties", "as_kind", "which")
@click.option("--kafka", help="Client version.")
@options("overrides")
@click.option("--brokers", type=int, help="That lead the partitions in turn; default: 1.")
@click.option("--partitions", type=int, help="Of the topic; default: 1.")
@click.option("--replicas", type=int, help="Copies of each partition; default: 1.")
@click.option("--min-insync", type=int, help="min.insync.replicas; default: 1.")
@click.option("--replica-rtt-ms", type=float, help=f"Round trip between brokers, in {_MS}")
@click.option("--jitter-ms", type=float, help=f"Up to so much more each way, in {_MS}")
@click.option("--answer-jitter-ms", type=float, help=f"The same for answers alone, in {_MS}")
@click.option("--receive-buffer", type=int, help="The brokers' socket.receive.buffer.bytes.")
@click.option("--proxy", is_flag=True, default=None, help="TCP ends at a proxy beside the client.")
@click.option("--client-id", default="", help="Which of several producers in a dump of metrics.")
@click.option("--hold-out", is_flag=True, help="For predictions alone: nothing is fitted to them.")
@options("json")
def read(
    files: tuple[Path, ...],
    out: Path,
    properties: Path | None,
    as_kind: str | None,
    which: str | None,
    overrides: tuple[str, ...],
    client_id: str,
    hold_out: bool,
    kafka: str | None,
    **circumstances: Any,
) -> None:
    """Read what came of runs, and write measured rows.

    FILE is an output of kafka-producer-perf-test.sh (with or without --print-metrics), a result of
    OpenMessaging Benchmark, librdkafka's statistics, or a dump of producer metrics (Prometheus,
    JmxTool). What it does not say comes from options, or from the file that the script of `inflight
    measure plan` leaves beside it.
    """
    # Imported here, so that `--help` and a refused option answer at once.
    from experiments.kit.store import csv_bytes, replace_file
    from experiments.kit.tables import as_fields
    from experiments.measure import tables
    from experiments.measure.rows import read_outputs
    from experiments.measure.settings import as_written
    from experiments.measure.told import Told
    from experiments.validation.prediction import scenarios_of
    from model import MEASURED_MACHINE

    settings = as_written(properties, overrides, kafka, as_kind, which)
    calibration = False if hold_out else None
    told = Told(settings=settings, kafka=kafka, calibration=calibration, **circumstances)
    rows = read_outputs(files, told, client_id)
    scenarios_of(rows, MEASURED_MACHINE)  # what cannot be predicted is refused before it is written
    replace_file(out, csv_bytes(rows))
    doubts = list(tables.not_trusted(rows))
    say([tables.summary(rows)])
    show(tables.table(rows))
    say(doubts)
    say_paths([out])
    say([NEXT.format(out=out)])
    fields = {"command": "measure", "answer": tables.summary(rows), "notes": doubts}
    tell({**fields, "tables": [as_fields(tables.table(rows))], "files": [out]})
