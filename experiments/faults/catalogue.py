"""Schedules of faults: those of the table of harm, and a user's own as a small TOML file.

The world is that of the measured faults: 600 records of 1,000 bytes a second, 20 ms there and back,
request.timeout.ms 1000; three replicas where the leader or a follower of three is struck.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from experiments.kit.clients import ways
from experiments.kit.copies import between
from experiments.kit.world import World
from model import OpenLoop, PathConfig, ProducerConfig, Scenario, TopicConfig, Workload
from model.config.checks import ConfigError, require, require_at_most
from model.config.faults import KINDS, Fault
from model.config.files import read_text
from model.config.scenario import MOST_FAULTS
from model.settings import ClientRelease
from model.settings.shown import one_line

RATE_PER_S, RTT_MS = 600.0, 20.0
#: Ours: so long are schedules of the most faults, with what they say of each.
MOST_BYTES = 1 << 18
BEFORE_S, AFTER_S = 2.0, 4.0
SETTINGS: Mapping[str, Any] = {"request_timeout_ms": 1_000.0, "delivery_timeout_ms": 60_000.0}
#: Ours: what ends at all has ended by then.
QUIET_S = 65.0


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table; ``changes`` are to the producer, ``resends`` to the application.

    ``topic`` None: one partition with as many copies as the world has.
    """

    name: str
    faults: tuple[Fault, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    resends: bool = False
    topic: TopicConfig | None = None

    def scenario(self, producer: ProducerConfig, world: World) -> Scenario:
        """The run of this case with one producer. Raises ConfigError."""
        until_s = max(fault.until_s for fault in self.faults) + AFTER_S
        arrival = OpenLoop(RATE_PER_S, records=int(RATE_PER_S * until_s))
        topic = self.topic or replace(world.topic, partitions=1, brokers=1)
        return Scenario(
            path=PathConfig(rtt_ms=world.rtt_ms),
            replica_path=between(topic, world.replica_rtt_ms),
            producer=replace(producer, **{**SETTINGS, **self.changes}),
            workload=Workload(arrival=arrival, resends_failed=self.resends),
            topic=topic,
            machine=world.machine,
            faults=self.faults,
            warmup_s=0.0,
            measured_s=until_s + QUIET_S,
        )


#: What the ways of another client differ in.
VARIED = ("enable_idempotence", "acks", "max_in_flight_requests_per_connection")
#: Long enough for a few requests, and then the connection goes.
DROP_S = 0.03

ONE, FIVE = "acks=1, one in flight", "acks=1, five in flight"
FIVE_ALL, IDEMPOTENT = "acks=all, five in flight", "idempotent, five in flight"


def producers(base: ProducerConfig) -> dict[str, ProducerConfig]:
    """A user's producer in the four ways that are compared, everything else as it was."""
    plain = replace(base, acks="1", enable_idempotence=False)
    one = replace(plain, max_in_flight_requests_per_connection=1)
    five = replace(plain, max_in_flight_requests_per_connection=5)
    durable = replace(five, acks="all")
    idempotent = replace(durable, enable_idempotence=True)
    return {ONE: one, FIVE: five, FIVE_ALL: durable, IDEMPOTENT: idempotent}


def producers_in(world: World) -> dict[str, ProducerConfig]:
    """Whose harm is told in this world: Kafka's own client in four ways, another as it may be.

    Of another client first the user's own, then all that its release takes of one and five in
    flight, idempotent and not; all else stays the user's.
    """
    own, release = world.own, world.resolved.kafka
    if not isinstance(release, ClientRelease):
        return producers(own)
    found = {_allowed(own): own}
    for idempotent in (False, True):
        with suppress(ConfigError):  # a release may have no idempotence
            for way in ways(own.client, idempotent, own.batch_size_bytes, release.version):
                taken = {name: getattr(way.producer, name) for name in VARIED}
                config = replace(own, **taken)
                found.setdefault(_allowed(config), config)
    return found


def _allowed(producer: ProducerConfig) -> str:
    """For example ``idempotent, 5 allowed``: what a client keeps of it is its own affair."""
    how = "idempotent" if producer.enable_idempotence else f"acks={producer.acks}"
    return f"{how}, {producer.max_in_flight_requests_per_connection:,} allowed"


#: The fields of all kinds: name to the type that it is declared with.
FIELDS: dict[str, Any] = {each.name: each.type for kind in KINDS.values() for each in fields(kind)}
#: What a schedule may say of the topic: how many are to copy it, and what elections go by.
TOPIC: dict[str, Any] = {
    each.name: "bool" if each.type is bool else "int"
    for each in fields(TopicConfig)
    if each.name not in ("partitions", "brokers")
}
#: Types and what they are called; another is that of whole numbers, or of none.
TYPES: dict[Any, tuple[Any, str]] = {float: (int | float, "a number"), str: (str, "a text")}


def read_schedule(path: Path) -> tuple[tuple[Fault, ...], dict[str, Any]]:
    """The faults of a file, and its changes to the topic. Raises ConfigError for no schedule."""
    try:
        content = tomllib.loads(read_text("schedule", path, MOST_BYTES))
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError("schedule", path, f"must be TOML ({one_line(str(error))})") from error
    except RecursionError as error:
        raise ConfigError("schedule", path, "must be TOML, and not so deep") from error
    tables = content.get("fault")
    if not {"fault"} <= set(content) <= {"fault", "topic"} or not isinstance(tables, list):
        rule = "must have [[fault]] tables, at most one table [topic], and nothing else"
        raise ConfigError("schedule", path, rule)
    require("schedule", path, "with one [[fault]] table or more", bool(tables))
    require_at_most("faults", len(tables), MOST_FAULTS)
    return tuple(_fault(table) for table in tables), _topic(content.get("topic", {}))


def _topic(table: Any) -> dict[str, Any]:
    """What a schedule says of the topic: its copies, and who may lead without being in sync."""
    require("topic", table, "a table: write [topic]", isinstance(table, dict))
    for name, value in table.items():
        require("topic", name, f"one of {', '.join(TOPIC)}", name in TOPIC)
        kind, words = (bool, "true or false") if TOPIC[name] == "bool" else (int, "a whole number")
        require(name, value, words, type(value) is kind)
    return dict(table)


def _fault(table: Any) -> Fault:
    require("fault", table, "a table: write [[fault]]", isinstance(table, dict))
    for name, value in table.items():
        require("fault", name, f"one of {', '.join(FIELDS)}", name in FIELDS)
        types, words = TYPES.get(FIELDS[name], (int, "a whole number"))
        require(name, value, words, isinstance(value, types) and not isinstance(value, bool))
    for name in ("what", "at_s"):
        if name not in table:
            raise ConfigError("fault", table.get("what", "?"), f"must have {name}")
    return Fault(**table)


def written(faults: Iterable[Fault]) -> str:
    """Faults as the text of a schedule; what has its default is left out."""
    return "\n\n".join(map(_table, faults)) + "\n"


def _table(fault: Fault) -> str:
    lines = ["[[fault]]"]
    for each in fields(KINDS[fault.what]):
        value = getattr(fault, each.name)
        if each.name == "what" or value != each.default:
            lines.append(f"{each.name} = {json.dumps(value)}")
    return "\n".join(lines)


def _case(
    name: str, faults: list[dict[str, Any]], topic: Mapping[str, Any] | None = None, **rest: Any
) -> Case:
    """A case of ``cases.toml``; a fault strikes at ``BEFORE_S`` unless it says when."""
    built = tuple(_fault({"at_s": BEFORE_S} | fault) for fault in faults)
    return Case(name, built, topic=TopicConfig(**topic) if topic else None, **rest)


CASES = tuple(
    _case(**case)
    for case in tomllib.loads(Path(__file__).with_name("cases.toml").read_text("utf-8"))["case"]
)
