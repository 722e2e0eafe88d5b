"""Measured runs of a steady producer: the scenario of each row, and its simulated run.

A run lasts as long as it was measured for, unless fewer requests than that are enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from experiments.kit.loads import carries, connections, full_request
from experiments.kit.measured import (
    PATH_FLOOR_MS,
    Row,
    amount,
    amount_or,
    broker_of,
    count,
    made,
    producer_of,
    topic_of,
)
from experiments.kit.pool import Workers
from model import MachineConfig, PathConfig, ProducerConfig, Scenario, simulate
from model.config.checks import require_positive
from model.config.compression import LIKE_JSON, NO_CODEC, Compressibility
from model.config.delays import NO_JITTER, Uniform
from model.config.packets import Packets
from model.config.workload import Arrival, ClosedLoop, OpenLoop, Saturating, Workload

#: Measured: every run began after a warm-up of 1.5 s or more. Assumed: and of 40 round trips,
#: after which a saturating producer's queue is full at every measured distance.
WARMUP_S, WARMUP_ROUND_TRIPS = 1.5, 40
_PATH = ("rtt_us", "jitter_us", "rate_Bps", "loss")
_LOAD = ("partitions", "size", "key_space", "target_rate", "outstanding", "secs")
MEASURED = ("cluster", *_PATH, *_LOAD, "settings")
SEED = 1
#: Ours: full requests after which means and percentiles move by less than they are asked for.
#: Memory of the measured producers holds 1,000 at most.
WARMUP_REQUESTS, MEASURED_REQUESTS = 1_000, 4_000
LEAST_ROUNDS = 3
#: What is compared, named as it was measured, to so many digits as were measured; Kafka's tools
#: give a saturating producer's latency too.
LATENCIES = ("mean_ms", "p50_ms", "p95_ms", "p99_ms", "request_latency_avg")
DIGITS = {"records_per_s": 1, **dict.fromkeys((*LATENCIES, "records_per_request_avg"), 3)}
COLUMNS = (*(f"model_{name}" for name in DIGITS), "model_limit")
#: Behind a column's name: what each seed gave, in their order, ``;`` between.
OF_SEEDS = "_seeds"
ALL_COLUMNS = (*COLUMNS, *(f"model_{name}{OF_SEEDS}" for name in DIGITS))


def scenarios_of(measured: pd.DataFrame, machine: MachineConfig) -> list[Scenario]:
    """The scenario of each row. Raises ConfigError."""
    return made(measured, lambda row: scenario_of(row, machine))


def scenario_of(row: Row, machine: MachineConfig) -> Scenario:
    """The scenario of one row on a machine with these constants.

    Raises ConfigError where a cell or a setting is not valid. In a stretched cluster the client
    stands beside the leader and the row's RTT is between brokers.
    """
    rtt_ms, stretched = amount(row, "rtt_us") / 1e3, row["cluster"] == "stretch"
    producer = producer_of(row)
    require_positive("secs", amount(row, "secs"))
    return Scenario(
        path=_path(row, 0.0 if stretched else rtt_ms),
        replica_path=_path(row, rtt_ms) if stretched else _among_brokers(row),
        broker=broker_of(row),
        producer=producer,
        workload=Workload(
            arrival=_arrival(row),
            value_bytes=count(row, "size"),
            key_space=count(row, "key_space"),
            compressibility=compressibility_of(row, producer),
        ),
        topic=topic_of(row),
        machine=machine,
        warm_start=True,
        warmup_s=max(WARMUP_S, WARMUP_ROUND_TRIPS * rtt_ms / 1e3),
        measured_s=amount(row, "secs"),
    )


def compressibility_of(row: Row, producer: ProducerConfig) -> Compressibility | None:
    """What the codec made of the row's batches in the mean, which is given and not predicted.

    Where a row does not say: nothing of random bytes, and of others as of records like log lines
    in JSON. None without a codec. Raises ConfigError.
    """
    if producer.compression_type == NO_CODEC:
        return None
    like_json = LIKE_JSON[producer.compression_type]
    if ratio := amount_or(row, "compression_rate_avg", 0.0):
        return replace(like_json, ratio=ratio, falls=0.0)
    return replace(like_json, ratio=1.0, falls=0.0) if row.get("payload") == "random" else like_json


def _among_brokers(row: Row) -> PathConfig:
    """Beside each other, unless a row knows better."""
    return PathConfig(rtt_ms=amount_or(row, "replica_rtt_us", 0) / 1e3 + PATH_FLOOR_MS)


def _path(row: Row, rtt_ms: float) -> PathConfig:
    jitter_ms = amount(row, "jitter_us") / 1e3
    answer_jitter_ms = amount_or(row, "answer_jitter_us", 0) / 1e3
    return PathConfig(
        rtt_ms=rtt_ms + PATH_FLOOR_MS,
        bytes_per_s=amount(row, "rate_Bps") or float("inf"),
        jitter=Uniform(jitter_ms) if jitter_ms else NO_JITTER,
        loss=amount(row, "loss"),
        packets=Packets.LAB_SEGMENTS if row.get("offload") == "off" else Packets.LAB,
        answer_jitter=Uniform(answer_jitter_ms) if answer_jitter_ms else NO_JITTER,
    )


def _arrival(row: Row) -> Arrival:
    if outstanding := count(row, "outstanding"):
        return ClosedLoop(outstanding)
    if rate := amount(row, "target_rate"):
        return OpenLoop(rate)
    return Saturating()


def predict(
    measured: pd.DataFrame, machine: MachineConfig, workers: Workers, seeds: int = 1
) -> pd.DataFrame:
    """Measured rows with the model's columns: medians over so many seeds, and each seed's.

    Raises ConfigError where a row is no valid scenario.
    """
    scenarios = scenarios_of(measured, machine)
    runs = [run_all(scenarios, workers, SEED + number) for number in range(seeds)]
    return appended(measured, over_seeds(runs, DIGITS), ALL_COLUMNS)


def over_seeds(runs: Sequence[pd.DataFrame], digits: Mapping[str, int]) -> pd.DataFrame:
    """Each figure's median over runs that differ in their seed, beside it what each seed gave."""
    figures = runs[0].copy()
    for name in digits if len(runs) > 1 else ():
        column = f"model_{name}"
        values = pd.concat([run[column] for run in runs], axis=1)
        figures[column] = values.median(axis=1).round(digits[name])
        figures[f"{column}{OF_SEEDS}"] = values.astype(str).agg(";".join, axis=1)
    return figures


def appended(measured: pd.DataFrame, figures: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Measured rows with these figures after them, in place of those of an earlier prediction."""
    figures = figures.set_index(measured.index)
    return pd.concat([measured.drop(columns=list(columns), errors="ignore"), figures], axis=1)


def by_seed(rows: pd.DataFrame, digits: Mapping[str, int] = DIGITS) -> list[pd.DataFrame]:
    """Predicted rows as each seed has them; the rows themselves where there was one."""
    columns = [f"model_{name}" for name in digits if f"model_{name}{OF_SEEDS}" in rows.columns]
    if not columns:
        return [rows]
    split = {name: rows[f"{name}{OF_SEEDS}"].str.split(";", expand=True) for name in columns}
    count = min(len(values.columns) for values in split.values())
    return [rows.assign(**{name: split[name][seed] for name in columns}) for seed in range(count)]


def run_all(scenarios: Sequence[Scenario], workers: Workers, seed: int = SEED) -> pd.DataFrame:
    """Simulate each scenario: a row of ``COLUMNS`` for each, in their order."""
    figures = workers.map(partial(_predicted, seed=seed), scenarios)
    return pd.DataFrame(figures, columns=list(COLUMNS))


def long_enough(scenario: Scenario) -> Scenario:
    """The scenario over no more requests than needed: near rows would take a hundred thousand.

    And over some whole rounds of them where a row that is as fast as it can be was measured for a
    moment only.
    """
    request_s = full_request(scenario).records / carries(scenario)
    rounds = LEAST_ROUNDS * scenario.producer.max_in_flight_requests_per_connection
    least_s = min(connections(scenario) * rounds, MEASURED_REQUESTS) * request_s
    if not isinstance(scenario.workload.arrival, Saturating):
        least_s = 0.0
    return replace(
        scenario,
        warmup_s=min(scenario.warmup_s, WARMUP_REQUESTS * request_s),
        measured_s=max(least_s, min(scenario.measured_s, MEASURED_REQUESTS * request_s)),
    )


def outcome(scenario: Scenario, seed: int = SEED) -> tuple[dict[str, float], str]:
    """The figures of a simulated run by their measured names, and its limit."""
    run = simulate(scenario, seed)
    quantiles = map(run.latency_ms.quantile, (0.5, 0.95, 0.99))
    latencies = (run.latency_ms.mean, *quantiles, run.request_latency_ms)
    figures = (run.records_per_s, *latencies, run.mean_request.records)
    return dict(zip(DIGITS, figures, strict=True)), run.limit


def _predicted(scenario: Scenario, seed: int) -> tuple[object, ...]:
    figures, limit = outcome(long_enough(scenario), seed)
    return *(round(figures[name], digits) for name, digits in DIGITS.items()), limit
