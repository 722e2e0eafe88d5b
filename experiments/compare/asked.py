"""From the options of `inflight compare` to its question, and what a manifest says of it."""

import math
from pathlib import Path
from typing import Any

from experiments.compare.question import DISTANCES_MS, Question
from experiments.kit.machine import machine_of
from experiments.kit.properties import load_settings
from model import TopicConfig


def ask(
    *,
    properties: Path | None,
    kafka: str,
    overrides: tuple[str, ...],
    rtt_ms: tuple[float, ...],
    constants: Path | None,
    rate: float | None,
    record_bytes: int,
    partitions: int,
    brokers: int,
    **rest: Any,
) -> Question:
    """The question that the options put. Raises ConfigError for whatever cannot be."""
    return Question(
        resolved=load_settings(properties, overrides, kafka),
        distances_ms={f"{rtt:g} ms": rtt for rtt in rtt_ms} or dict(DISTANCES_MS),
        machine=machine_of(constants),
        topic=TopicConfig(partitions=partitions, brokers=brokers),
        rate_per_s=rate,
        value_bytes=record_bytes,
        **rest,
    )


def told(question: Question) -> dict[str, object]:
    """What the manifest says of a run: everything needed to repeat it."""
    return {
        "experiment": "compare",
        "kafka": str(question.resolved.kafka),
        "producers": {label: _plain(config) for label, config in question.contenders.items()},
        "own_producer": _plain(question.resolved.producer),
        "machine_us": _plain(question.machine),
        "distances_ms": question.distances_ms,
        "rate_per_s": question.rate_per_s,
        "arrivals": question.arrivals,
        "outstanding": question.outstanding,
        "value_bytes": question.value_bytes,
        "key_space": question.key_space,
        "topic": _plain(question.topic),
        "producer_count": question.producers,
        "seed": question.seed,
        "replications": question.replications,
    }


def _plain(config: Any) -> dict[str, object]:
    """A frozen value with slots as a mapping; infinity, which JSON lacks, as text."""
    values = {name: getattr(config, name) for name in config.__slots__}
    return {name: str(v) if v in (math.inf,) else v for name, v in values.items()}
