"""Schedules of faults: those of the table of harm, and a user's own as a small TOML file.

The world is that of the measured faults: 600 records of 1,000 bytes a second, 20 ms there and back,
request.timeout.ms 1000; three replicas where a follower is struck. Faults that need an election are
named and left out.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from experiments.kit.world import World
from model import OpenLoop, PathConfig, ProducerConfig, Scenario, TopicConfig, Workload
from model.config.checks import ConfigError, require
from model.config.faults import KINDS, Fault

RATE_PER_S, RTT_MS = 600.0, 20.0
BEFORE_S, AFTER_S = 2.0, 4.0
SETTINGS: Mapping[str, Any] = {"request_timeout_ms": 1_000.0, "delivery_timeout_ms": 60_000.0}
#: Ours: what ends at all has ended by then.
QUIET_S = 65.0
#: Brokers 1 and 2 follow broker 0.
ONE_REPLICA, THREE_REPLICAS = TopicConfig(), TopicConfig(replicas=3, min_insync_replicas=2)


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table; ``changes`` are to the producer, ``resends`` to the application."""

    name: str
    faults: tuple[Fault, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    resends: bool = False
    topic: TopicConfig = ONE_REPLICA

    def scenario(self, producer: ProducerConfig, world: World) -> Scenario:
        """The run of this case with one producer. Raises ConfigError."""
        until_s = max(fault.until_s for fault in self.faults) + AFTER_S
        arrival = OpenLoop(RATE_PER_S, records=int(RATE_PER_S * until_s))
        return Scenario(
            path=PathConfig(rtt_ms=world.rtt_ms),
            producer=replace(producer, **{**SETTINGS, **self.changes}),
            workload=Workload(arrival=arrival, resends_failed=self.resends),
            topic=self.topic,
            machine=world.machine,
            faults=self.faults,
            warmup_s=0.0,
            measured_s=until_s + QUIET_S,
        )


def _at(what: str, **rest: Any) -> tuple[Fault, ...]:
    return (Fault(what=what, at_s=BEFORE_S, **rest),)


#: Long enough for a few requests, and then the connection goes.
DROP_S = 0.03
_DROPPED = Fault(what="connection-reset", at_s=BEFORE_S + DROP_S)
_UNSEEN = (*_at("lost-acks", for_s=DROP_S), _DROPPED)
_RESTARTED = Fault(what="broker-restart", at_s=BEFORE_S + 0.1, for_s=0.5)
_FORGOTTEN = (*_at("lost-acks", for_s=1.3), _RESTARTED)
_TOO_FEW = _at("too-few-replicas-after-append", for_s=0.3)
_NOT_LEADER = _at("nack", error="NOT_LEADER_OR_FOLLOWER", requests=1)
_LOST_ACKS, _EXPIRES = _at("lost-acks", for_s=3.0), {"delivery_timeout_ms": 1_500.0}
_PAUSED = _at("broker-pause", for_s=3.0, broker=1)
_KILLED = _at("broker-crash", for_s=12.0, broker=1)

CASES = (
    Case("connection drops before the append", (*_at("lost-requests", for_s=DROP_S), _DROPPED)),
    Case("connection drops after the append, acks lost", _UNSEEN),
    Case("connection reset", _at("connection-reset")),
    Case("acks lost for 0.4 s", _at("lost-acks", for_s=0.4)),
    Case("acks lost for 3 s", _LOST_ACKS),
    Case("requests lost for 3 s", _at("lost-requests", for_s=3.0)),
    Case("black hole for 3 s", _at("black-hole", for_s=3.0)),
    Case("latency of 3 s for 3 s", _at("latency-spike", for_s=3.0, rtt_ms=3_000.0)),
    Case("broker pauses for 0.5 s", _at("broker-pause", for_s=0.5)),
    Case("broker pauses for 3 s", _at("broker-pause", for_s=3.0)),
    Case("broker slower than request.timeout.ms", _at("slow-broker", for_s=3.0, times=5_000.0)),
    Case("broker crashes, back after 1 s", _at("broker-crash", for_s=1.0)),
    Case("disk full for 1 s", _at("full-disk", for_s=1.0)),
    Case("one batch gets a retriable error", _NOT_LEADER),
    Case("below min.insync.replicas for 1 s", _at("too-few-replicas", for_s=1.0)),
    Case("below min.insync.replicas after the append", _TOO_FEW),
    Case("acks lost, then the broker restarts cleanly", (*_at("lost-acks", for_s=1.3), _RESTARTED)),
    Case("acks lost until delivery.timeout.ms", _LOST_ACKS, _EXPIRES),
    Case("the same, and the application resends", _LOST_ACKS, _EXPIRES, resends=True),
    Case("one of two followers pauses for 3 s", _PAUSED, topic=THREE_REPLICAS),
    Case("one of two followers is killed, back after 12 s", _KILLED, topic=THREE_REPLICAS),
    Case("producer restarts after 0.5 s and resends", _at("producer-restart", for_s=0.5)),
)

NEED_AN_ELECTION = (
    "leader crash before replication",
    "leader crash after replication, before the ack",
    "unclean election",
)

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


#: The fields of all kinds: name to the type that it is declared with.
FIELDS: dict[str, Any] = {each.name: each.type for kind in KINDS.values() for each in fields(kind)}
#: Types and what they are called; another is that of whole numbers, or of none.
TYPES: dict[Any, tuple[Any, str]] = {float: (int | float, "a number"), str: (str, "a text")}


def read_schedule(path: Path) -> tuple[Fault, ...]:
    """The faults of a file. Raises ConfigError for what is no schedule."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError("schedule", path, f"must be TOML in a readable file ({error})") from error
    tables = content.get("fault")
    if set(content) != {"fault"} or not isinstance(tables, list) or not tables:
        raise ConfigError("schedule", path, "must have [[fault]] tables and nothing else")
    return tuple(_fault(table) for table in tables)


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
