"""What a world file can say: its keys, and how they stand in the file.

A key is named as the option that it is a default of. Left out: outstanding records and how often
runs are repeated, which are how one asks and not what is there, and settings of the producer, which
have files of their own. Imports no model.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType

#: Where it lies, unless another is named.
NAME = "inflight.toml"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value has to be, in words and as types."""

    words: str
    types: type | UnionType


WHOLE, NUMBER = Kind("a whole number", int), Kind("a number", int | float)
TEXT, FILE = Kind("text in quotes", str), Kind("a path in quotes", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key: the option's parameter that it is a default of, what it has to be, and what it says.

    ``question`` is what `inflight init` asks, unless it is empty; ``default`` what it offers, no
    more than the key ``at_most`` says.
    ``setting`` is the name under which the model refuses a value.
    """

    parameter: str
    setting: str
    kind: Kind
    says: str
    question: str = ""
    default: int | float | str | None = None
    at_most: str = ""
    choices: tuple[str, ...] = ()


#: In the order in which they are asked and written.
KEYS: Mapping[str, Key] = {
    "brokers": Key(
        parameter="brokers",
        setting="brokers",
        kind=WHOLE,
        says="that lead the partitions in turn",
        question="Brokers",
        default=3,
    ),
    "replicas": Key(
        parameter="replicas",
        setting="replicas",
        kind=WHOLE,
        says="copies of each partition",
        question="Replicas of each partition",
        default=3,
        at_most="brokers",
    ),
    "min_insync": Key(
        parameter="min_insync",
        setting="min.insync.replicas",
        kind=WHOLE,
        says="min.insync.replicas of the topic",
        question="min.insync.replicas",
        default=2,
        at_most="replicas",
    ),
    "replica_rtt_ms": Key(
        parameter="replica_rtt_ms",
        setting="replica-rtt-ms",
        kind=NUMBER,
        says="round trip from one broker to another",
        question="Round trip from one broker to another, in ms",
        default=0.5,
    ),
    "partitions": Key(
        parameter="partitions",
        setting="partitions",
        kind=WHOLE,
        says="of the topic",
        question="Partitions of the topic",
        default=1,
    ),
    "rtt_ms": Key(
        parameter="rtt_ms",
        setting="rtt-ms",
        kind=NUMBER,
        says="round trip from the producer to a broker",
        question="Round trip from the producer to a broker, in ms",
        default=2.0,
    ),
    "record_bytes": Key(
        parameter="value_bytes",
        setting="value size in bytes",
        kind=WHOLE,
        says="of a record's value",
        question="Bytes of a record",
        default=1_000,
    ),
    "producers": Key(
        parameter="producers",
        setting="producers",
        kind=WHOLE,
        says="all alike",
        question="Producers",
        default=1,
    ),
    "rate": Key(
        parameter="rate_per_s",
        setting="rate in records/s",
        kind=NUMBER,
        says="records per second that each producer is offered",
        question="Records per second of each producer (empty: not known)",
    ),
    "client": Key(
        parameter="client",
        setting="client",
        kind=TEXT,
        says="whose producer: java, librdkafka and others, with @VERSION behind it or not",
        default="java",
    ),
    "kafka": Key(
        parameter="kafka",
        setting="kafka",
        kind=TEXT,
        says="version of the client",
        question="Version of the Kafka client",
    ),
    "properties": Key(
        parameter="properties",
        setting="properties",
        kind=FILE,
        says="the producer's settings; seen from this folder",
        question="File with the producer's settings (empty: Kafka's defaults)",
    ),
    "as": Key(
        parameter="as_kind",
        setting="--as",
        kind=TEXT,
        says="what that file is of, such as connect or spring, where it cannot be seen",
    ),
    "which": Key(
        parameter="which",
        setting="--which",
        kind=TEXT,
        says="the producer that is meant, where the file has several",
    ),
    "key_space": Key(
        parameter="key_space",
        setting="key space",
        kind=WHOLE,
        says="keys to draw from; 0: records have no keys",
        default=0,
    ),
    "compression_ratio": Key(
        parameter="compression_ratio",
        setting="compression-ratio",
        kind=NUMBER,
        says="compressed over uncompressed bytes of a batch, where the producer has a codec",
    ),
    "sample": Key(
        parameter="sample",
        setting="sample",
        kind=FILE,
        says="records of yours, one a line, to be compressed instead; seen from this folder",
    ),
    "arrivals": Key(
        parameter="arrivals",
        setting="arrivals",
        kind=TEXT,
        says="poisson, or even",
        default="poisson",
        choices=("poisson", "even"),
    ),
    "constants": Key(
        parameter="constants",
        setting="constants",
        kind=FILE,
        says="of the machine, as inflight calibrate leaves them; seen from this folder",
    ),
}


def written(values: Mapping[str, int | float | str]) -> str:
    """A world file's text: each key with what it says; one without a value is a comment."""
    lines = ["# The cluster that compare, ask and faults answer for; options come on top."]
    for key, about in KEYS.items():
        value = values.get(key, about.default)
        line = f"{key} = {'...' if value is None else _toml(value)}"
        lines.append(f"{'' if key in values else '# '}{line}  # {about.says}")
    return "\n".join(lines) + "\n"


def _toml(value: int | float | str) -> str:
    """A value as TOML has it, whose basic strings are JSON's but for DEL."""
    return json.dumps(value).replace("\x7f", "\\u007f")
