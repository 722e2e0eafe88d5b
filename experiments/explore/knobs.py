"""The knobs of the page: one entry of data each, which is what it takes to add one.

A knob has a name in the address, words, stops for its slider, and bounds: what is looked at here
has to be answered within a second. What else a value must be, the model says, as it does for the
command line; a refusal names its knob by ``setting``. Imports no model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

IN_FLIGHT = "max.in.flight.requests.per.connection"
IDEMPOTENCE = "enable.idempotence"
#: Ours: characters of a value that is read.
LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One thing to turn.

    ``levels`` are the stops of its slider, or its choices; ``least`` and ``most`` bound what may be
    typed. ``setting``: the name under which the model refuses it. ``key``: Kafka's own, where it is
    one of the producer's; ``option``: compare's, where it has one. ``alone``: the value at which a
    command says the same without it. ``also``: other names under which it is refused.
    """

    name: str
    label: str
    group: str
    setting: str
    levels: tuple[str, ...]
    kind: Literal["number", "whole", "choice"] = "whole"
    least: float = 0
    most: float = 0
    unit: str = ""
    says: str = ""
    key: str = ""
    option: str = ""
    alone: str = ""
    also: tuple[str, ...] = ()


def _producer(name: str, label: str, key: str, levels: tuple[str, ...], **rest: float) -> Knob:
    """A whole number that is a setting of the producer."""
    unit = {"ms": "ms", "size": "bytes"}.get(key.rpartition(".")[2], "")
    least, most = rest["least"], rest["most"]
    return Knob(
        name=name,
        label=label,
        group=PRODUCER,
        setting=key,
        key=key,
        levels=levels,
        least=least,
        most=most,
        unit=unit,
        says=key,
    )


CLUSTER, PRODUCER, RECORDS, FAULT = "Path and cluster", "Producer", "Records and machine", "A fault"
GROUPS = (CLUSTER, PRODUCER, RECORDS, FAULT)
SHORT_MS = ("0", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50", "100", "200")
#: What may go wrong: those of the model that need nothing else said.
FAULTS = (
    *("none", "lost-acks", "lost-requests", "black-hole", "connection-reset"),
    *("broker-crash", "broker-pause"),
)
NO_FAULT = FAULTS[0]
NO_RATE = "0"

#: In the order of the page.
KNOBS: tuple[Knob, ...] = (
    Knob(
        name="rtt_ms",
        label="Distance",
        group=CLUSTER,
        setting="rtt-ms",
        kind="number",
        levels=SHORT_MS,
        most=1_000,
        unit="ms",
        says="round trip from the producer to the broker",
        option="--rtt-ms",
    ),
    Knob(
        name="loss",
        label="Loss",
        group=CLUSTER,
        setting="loss",
        kind="number",
        levels=("0", "0.05", "0.1", "0.2", "0.5", "1", "2", "5"),
        most=10,
        unit="%",
        says="share of packets that are lost, each way",
        alone="0",
    ),
    Knob(
        name="partitions",
        label="Partitions",
        group=CLUSTER,
        setting="partitions",
        levels=("1", "2", "3", "6", "12", "24", "50", "100"),
        least=1,
        most=200,
        says="of the topic, all on one broker",
        option="--partitions",
    ),
    Knob(
        name="replicas",
        label="Replicas",
        group=CLUSTER,
        setting="replicas",
        levels=("1", "2", "3", "4", "5"),
        least=1,
        most=7,
        says="copies of each partition; acks=all waits for those in sync",
        option="--replicas",
    ),
    Knob(
        name="replica_rtt_ms",
        label="Distance of replicas",
        group=CLUSTER,
        setting="replica-rtt-ms",
        kind="number",
        levels=SHORT_MS,
        most=500,
        unit="ms",
        says="round trip between brokers",
        option="--replica-rtt-ms",
        alone="0.5",
    ),
    _producer(
        "in_flight", "Requests in flight", IN_FLIGHT, ("1", "2", "3", "4", "5"), least=1, most=50
    ),
    Knob(
        name="idempotence",
        label="Idempotence",
        group=PRODUCER,
        setting=IDEMPOTENCE,
        kind="choice",
        levels=("true", "false"),
        says=IDEMPOTENCE,
        key=IDEMPOTENCE,
    ),
    Knob(
        name="acks",
        label="Acks",
        group=PRODUCER,
        setting="acks",
        kind="choice",
        levels=("all", "1", "0"),
        says="acks",
        key="acks",
    ),
    _producer(
        "batch_size",
        "Batch size",
        "batch.size",
        ("1000", "4096", "16384", "32768", "65536", "131072", "262144", "524288", "1000000"),
        least=1,
        most=2_000_000,
    ),
    _producer(
        "linger_ms",
        "Linger",
        "linger.ms",
        ("0", "1", "2", "5", "10", "20", "50", "100"),
        most=1_000,
        least=0,
    ),
    Knob(
        name="record_bytes",
        label="Record size",
        group=RECORDS,
        setting="value size in bytes",
        levels=("100", "200", "500", "1000", "2000", "5000", "10000", "50000"),
        least=10,
        most=500_000,
        unit="bytes",
        says="of a record's value",
        option="--record-bytes",
    ),
    Knob(
        name="rate",
        label="Rate",
        group=RECORDS,
        setting="rate in records/s",
        kind="number",
        levels=(NO_RATE, "100", "300", "1000", "3000", "10000", "30000", "100000"),
        most=300_000,
        unit="records/s",
        says="that latencies are looked at; 0: 60 % of what the slowest carries",
        option="--rate",
        alone=NO_RATE,
    ),
    Knob(
        name="machine",
        label="Machine",
        group=RECORDS,
        setting="machine",
        kind="choice",
        levels=(),  # those there are, from the start on
        says="constants of client and broker",
    ),
    Knob(
        name="fault",
        label="What goes wrong",
        group=FAULT,
        setting="what",
        kind="choice",
        levels=FAULTS,
        alone=NO_FAULT,
        also=("faults", "broker"),
    ),
    Knob(
        name="fault_at_ms",
        label="When",
        group=FAULT,
        setting="at_s",
        levels=("200", "500", "1000", "2000", "3000"),
        most=5_000,
        unit="ms",
        says="since the producer started; or put it on the picture's time axis",
    ),
    Knob(
        name="fault_for_ms",
        label="For how long",
        group=FAULT,
        setting="for_s",
        levels=("100", "300", "1000", "2000", "3000", "5000"),
        least=1,
        most=8_000,
        unit="ms",
    ),
    Knob(
        name="request_timeout_ms",
        label="Request timeout",
        group=FAULT,
        setting="request.timeout.ms",
        key="request.timeout.ms",
        levels=("500", "1000", "2000", "5000", "30000"),
        least=100,
        most=60_000,
        unit="ms",
        says="request.timeout.ms: so long does the producer wait for an answer",
    ),
)
BY_NAME: Mapping[str, Knob] = {knob.name: knob for knob in KNOBS}


def differing(values: Mapping[str, str], from_these: Mapping[str, str]) -> dict[str, str]:
    """Those values that are others than these: what an address has to say."""
    return {name: value for name, value in values.items() if value != from_these[name]}


def refused_knob(setting: str, knobs: Iterable[Knob] = KNOBS) -> str:
    """The name of the knob that the model knows under this name; empty if there is none."""
    return next((knob.name for knob in knobs if setting in (knob.setting, *knob.also)), "")
