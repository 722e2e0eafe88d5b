"""Measured runs of other clients: the scenario of each row, and its prediction.

Rows are those of ``clients.csv``: one broker with one copy, an application that never pauses, a
client that has just started. Settings have the client's own names; those of the Go clients may be
the words of the laboratory's driver. A run is looked at for as long as it was measured, and not
longer: with requests of 1 MB a measured row is 17, 18 or 19 of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import pandas as pd

from experiments.kit.measured import (
    MEASURED_KAFKA,
    PATH_FLOOR_MS,
    Row,
    amount,
    amount_or,
    count,
    made,
    settings_of,
)
from experiments.kit.pool import Workers
from experiments.validation.prediction import OF_SEEDS, SEED, appended, over_seeds
from model import MachineConfig, PathConfig, ProducerConfig, Scenario, TopicConfig, simulate
from model.clients import PROFILES
from model.config.checks import ConfigError, require, require_positive
from model.config.packets import Packets
from model.config.workload import Saturating, Workload
from model.settings import KafkaVersion, resolve, resolve_preset

#: What tells such a file from one of steady runs of Kafka's own client.
CLIENT = "client"
MEASURED = (CLIENT, "rtt_ms", "partitions", "size", "settings", "records_per_s")
#: What is predicted, named as it was measured, to so many digits.
DIGITS = {"records_per_s": 1, "records_per_request": 3, "request_latency_ms": 3}
COLUMNS = tuple(f"model_{name}" for name in DIGITS)
ALL_COLUMNS = (*COLUMNS, *(f"{name}{OF_SEEDS}" for name in COLUMNS))
#: Read: run.sh of the laboratory: seconds before and while it counts, at 50 ms and elsewhere.
FAR_MS, FAR_S, ELSE_S = 50.0, (4.0, 7.0), (2.0, 5.0)

#: Read: main.go of the laboratory: what its driver does for a word, or for a pair ``word=value``.
DRIVER: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "franz-go": {
        "n": {"MaxProduceRequestsInflightPerBroker": "{}"},
        "idempotent=true": {},
        "idempotent=false": {"DisableIdempotentWrite": "true"},
        "acks": {"RequiredAcks": "{}"},
        "batch_bytes": {"ProducerBatchMaxBytes": "{}"},
        "linger_ms": {"ProducerLinger": "{}"},
    },
    "sarama": {
        "n": {"Net.MaxOpenRequests": "{}"},
        "idempotent=true": {"Producer.Idempotent": "true", "Producer.RequiredAcks": "all"},
        "idempotent=false": {"Producer.Idempotent": "false"},
        "acks": {"Producer.RequiredAcks": "{}"},
        "batch_bytes": {"Producer.Flush.Bytes": "{}"},
    },
}
#: Read: the same: what it sets whatever it was told.
ALWAYS: Mapping[str, Mapping[str, str]] = {"franz-go": {"ProducerBatchCompression": "none"}}


def are_of_clients(rows: pd.DataFrame) -> bool:
    """Whether a file has rows of this kind."""
    return CLIENT in rows.columns


def producer_of(row: Row) -> ProducerConfig:
    """The producer of one row, as its client takes its settings. Raises ConfigError."""
    client, version = row[CLIENT].strip(), row.get("version", "").strip()
    require(CLIENT, client, f"one of {', '.join(PROFILES)}", client in PROFILES)
    given = dict(_options(client, settings_of(row["settings"])))
    if not PROFILES[client].options:  # Kafka's own client, whose settings have rules of their own
        return resolve(given, KafkaVersion.parse(version) if version else MEASURED_KAFKA).producer
    return resolve_preset(client, version, {**ALWAYS.get(client, {}), **given}).producer


def _options(client: str, said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The client's own options for what a row says; a driver's word stands for some of them."""
    words = DRIVER.get(client, {})
    for word, value in said.items():
        meant = words.get(f"{word}={value.strip()}", words.get(word, {word: value}))
        yield from ((option, text.replace("{}", value)) for option, text in meant.items())


def scenario_of(row: Row, machine: MachineConfig) -> Scenario:
    """The scenario of one row. Raises ConfigError where a cell or a setting is not valid.

    ``warm`` and ``secs`` are columns of one's own: seconds before it is counted, and while it is.
    """
    rtt_ms, partitions = amount(row, "rtt_ms"), count(row, "partitions")
    warm_s, measured_s = FAR_S if rtt_ms == FAR_MS else ELSE_S
    measured_s = amount_or(row, "secs", measured_s)
    require_positive("secs", measured_s)
    return Scenario(
        path=PathConfig(rtt_ms=rtt_ms + PATH_FLOOR_MS, packets=Packets.LAB),
        producer=producer_of(row),
        workload=Workload(arrival=Saturating(), value_bytes=count(row, "size")),
        topic=TopicConfig(partitions=partitions, brokers=1, replicas=1, min_insync_replicas=1),
        machine=machine,
        warm_start=False,
        warmup_s=amount_or(row, "warm", warm_s),
        measured_s=measured_s,
    )


def scenarios_of(measured: pd.DataFrame, machine: MachineConfig) -> list[Scenario]:
    """The scenario of each row. Raises ConfigError with the line of a row that is none."""
    return made(measured, partial(scenario_of, machine=machine))


def predict(
    measured: pd.DataFrame, machine: MachineConfig, workers: Workers, seeds: int = 1
) -> pd.DataFrame:
    """Measured rows with the model's columns: medians over so many seeds, and each seed's.

    Raises ConfigError where a row is no valid scenario.
    """
    scenarios = scenarios_of(measured, machine)
    tasks = [(each, SEED + number) for number in range(seeds) for each in scenarios]
    figures = workers.map(_figures, tasks)
    runs = [
        pd.DataFrame(figures[start : start + len(scenarios)], columns=list(COLUMNS))
        for start in range(0, len(figures), len(scenarios))
    ]
    return appended(measured, over_seeds(runs, DIGITS), ALL_COLUMNS)


def _figures(task: tuple[Scenario, int]) -> Sequence[float]:
    run = simulate(*task)
    found = run.records_per_s, run.mean_request.records, run.request_latency_ms
    return [round(value, digits) for value, digits in zip(found, DIGITS.values(), strict=True)]


def refuse_limits(limits_too: bool) -> None:
    """Raise ConfigError where limits are to be checked, which rows of clients do not name."""
    if limits_too:
        raise ConfigError("--check-limits", "...", "must go with rows of Kafka's own client")
