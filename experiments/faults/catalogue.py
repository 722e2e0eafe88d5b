"""The faults of the table of harm: a name, what happens, in which world, and to which producers.

The world is that of the measured faults: 600 records of 1,000 bytes a second, 20 ms there and back,
request.timeout.ms 1000; three replicas where a follower is struck. Faults that need an election are
named and left out.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from experiments.faults.schedule import fault_of
from experiments.kit.world import World
from model import Fault, OpenLoop, PathConfig, ProducerConfig, Scenario, TopicConfig, Workload

RATE_PER_S, RTT_MS = 600.0, 20.0
BEFORE_S, AFTER_S = 2.0, 4.0
SETTINGS: Mapping[str, Any] = {"request_timeout_ms": 1_000.0, "delivery_timeout_ms": 60_000.0}
#: Ours: what ends at all has ended by then.
QUIET_S = 65.0
#: Long enough for a few requests, and then the connection goes.
DROP_S = 0.03


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table; ``changes`` are to the producer, ``resends`` to the application."""

    name: str
    faults: tuple[Fault, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    resends: bool = False
    topic: TopicConfig = field(default_factory=TopicConfig)

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


def _cases() -> tuple[Case, ...]:
    """Those of ``cases.toml``; a fault strikes at ``BEFORE_S`` unless it says when."""
    cases = tomllib.loads(Path(__file__).with_name("cases.toml").read_text("utf-8"))["case"]
    return tuple(
        Case(
            each["name"],
            tuple(fault_of({"at_s": BEFORE_S} | fault) for fault in each["faults"]),
            each.get("changes", {}),
            each.get("resends", False),
            TopicConfig(**each.get("topic", {})),
        )
        for each in cases
    )


CASES = _cases()
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
