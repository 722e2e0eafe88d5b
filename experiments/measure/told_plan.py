"""A plan made of what was asked, and told: what it writes, its runs, and what to do with it."""

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from experiments.kit.properties import load_settings
from experiments.kit.tables import Column, Table, filled, words
from experiments.kit.words import count
from experiments.measure.plan import BATCH, IN_FLIGHT, Plan
from experiments.measure.settings import plain_values
from model import TopicConfig
from model.settings import KafkaVersion

#: Keys whose values are nobody's business; the tools need them all the same.
SECURITY = ("security.", "sasl.", "ssl.")
#: Keys of codecs.
COMPRESSION = "compression."
#: What the tools are told otherwise, or the plan varies.
NOT_MISSED = ("bootstrap.servers", "key.serializer", "value.serializer", "client.id")


def planned(
    asked_of: tuple[Path | None, Sequence[str], str, str | None, str | None],
    *,
    partitions: int,
    brokers: int,
    replicas: int,
    min_insync: int,
    **rest: Any,
) -> tuple[Plan, list[str]]:
    """The plan, and lines about settings that it leaves out. Raises ConfigError.

    ``asked_of`` are the arguments of ``load_settings``.
    """
    loaded = load_settings(*asked_of)
    settings = plain_values(loaded)
    settings.pop(IN_FLIGHT, None)  # the plan varies it
    ignored = [key for key, _ in loaded.ignored]
    given = [each.key for each in loaded.values if each.given]
    secret = [key for key in (*given, *ignored) if key.startswith(SECURITY)]
    codec = [key for key in given if key.startswith(COMPRESSION)]
    others = [key for key in ignored if key not in (*secret, *NOT_MISSED)]
    settings = {key: settings[key] for key in settings if key not in (*secret, *codec)}
    topic = TopicConfig(
        partitions=partitions,
        brokers=min(brokers, partitions) if partitions > 0 else brokers,
        replicas=replicas,
        min_insync_replicas=min_insync,
    )
    assert isinstance(loaded.kafka, KafkaVersion), "plans are for Kafka's own client"
    plan = Plan(
        kafka=loaded.kafka, settings=settings, cluster=topic, needs_config=bool(secret), **rest
    )
    lines = []
    if codec:
        lines.append(
            f"Left out of the runs, whose random letters tell a codec nothing: {', '.join(codec)}"
        )
    if others:
        lines.append(f"Left out of the runs, as the model does not know them: {', '.join(others)}")
    if secret:
        lines.append(
            f"Security settings are not put into the script ({', '.join(secret)}): give a file with"
            " them as CLIENT_CONFIG"
        )
    return plan, lines


def answer(plan: Plan, out: Path) -> str:
    """What was written, and what it will write."""
    runs, size = count(len(plan.runs), "run"), f"{plan.most_bytes / 1e6:,.0f} MB"
    return f"{out} has {runs} for Kafka {plan.kafka} and writes {size} at most."


def table(plan: Plan) -> Table:
    """A row for each run, with what it is for."""
    columns = [*words("run"), Column("in flight"), Column(BATCH), *words("rate", "tells")]
    rows = (
        (
            run.name,
            float(run.in_flight),
            float(run.batch_bytes),
            f"{run.held:.0%} of {plan.runs[0].name}" if run.held else "as fast as it can",
            run.tells,
        )
        for run in plan.runs
    )
    return filled(f"About {plan.seconds} s each, one after the other", columns, rows, wide=True)


def steps(plan: Plan, out: Path) -> list[str]:
    """What to type next."""
    outputs = [quote(str(plan.results / f"{run.name}.txt")) for run in plan.runs]
    return [
        f"Run it: sh {quote(str(out))} (on the producer's machine, with Kafka's bin on the PATH)",
        f"The round trip: it asks ping, of {plan.host}; where that is blocked, ss -ti has it (rtt)",
        f"Then: inflight measure read {' '.join(outputs)} --out rows.csv",
    ]
