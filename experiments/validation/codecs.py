"""What codecs cost, from measured runs: constants of the client and of the broker by codec.

Of each codec one row marked for calibration, and beside it one without a codec that is like it in
all else. The application works on what it compresses, so the share of time in which it did not wait
for memory, by record, tells the client's cost: ``(1 - bufferpool-wait-ratio) / (records/s)``, less
the same without a codec. One request in flight takes as much longer as the broker looks into it:
what the measured time of a request grew by, less what it grows by in the model with a codec that
costs the broker nothing. Both are for an uncompressed byte at the codec's default level.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from experiments.kit.measured import Row, number, rows_of, settings_of
from experiments.kit.pool import Workers
from experiments.validation.kinds import is_calibration
from experiments.validation.prediction import run_all, scenarios_of
from model import ConfigError, MachineConfig, Saturating, Scenario
from model.config.compression import CODECS
from model.outcome.bound import record_bytes

CODEC, IN_FLIGHT = "compression.type", "max.in.flight.requests.per.connection"
#: What a row has to say, as numbers above 0.
NEEDED = ("records_per_s", "records_per_request_avg", "bufferpool_wait_ratio")
#: Ours: a constant that comes out below says that the codec costs nothing that these rows tell.
LEAST_US = 0.0


@dataclass(frozen=True, slots=True)
class CodecCosts:
    """Microseconds for an uncompressed byte, in the client and in the broker."""

    codec: str
    client_byte_us: float
    broker_byte_us: float


def fit_codecs(
    measured: pd.DataFrame, machine: MachineConfig, workers: Workers
) -> tuple[MachineConfig, list[CodecCosts]]:
    """A machine with the costs of the codecs that the rows for calibration tell.

    Raises ConfigError where there are none, or none without a codec beside them.
    """
    frame = measured[is_calibration(measured)]
    rows, free = rows_of(frame), _free_of_charge(machine)
    scenarios = scenarios_of(frame, free)
    model_s = _seconds_of_a_request(scenarios, workers)
    plain = {_rest(row): index for index, row in enumerate(rows) if not _codec(row)}
    costs = []
    for index, row in enumerate(rows):
        if _codec(row):
            if _rest(row) not in plain:
                rule = "must stand beside a row for calibration without a codec, all else alike"
                raise ConfigError("measured", f"{CODEC}={_codec(row)}", rule)
            beside = plain[_rest(row)]
            longer_s = model_s[index] - model_s[beside]
            costs.append(_costs(row, rows[beside], scenarios[index], longer_s))
    if not costs:
        rule = "must have rows for calibration with a codec and as fast as they can"
        raise ConfigError("measured", "(no row)", rule)
    constants = {f"client_{each.codec}_byte_us": each.client_byte_us for each in costs}
    constants |= {f"broker_{each.codec}_byte_us": each.broker_byte_us for each in costs}
    return replace(machine, **constants), costs


def _costs(row: Row, plain: Row, scenario: Scenario, model_longer_s: float) -> CodecCosts:
    """What a row's codec costs; the model's request takes so much longer where it costs nothing."""
    if not isinstance(scenario.workload.arrival, Saturating):
        raise ConfigError("measured", f"{CODEC}={_codec(row)}", "must be as fast as it can")
    byte, of_a_request = record_bytes(scenario), number(row, "records_per_request_avg")
    client_s = _at_work_s(row) - _at_work_s(plain)
    longer_s = _request_s(row) - _request_s(plain) - model_longer_s
    return CodecCosts(
        _codec(row), _rounded(client_s / byte), _rounded(longer_s / (of_a_request * byte))
    )


def _rounded(byte_s: float) -> float:
    return float(f"{max(LEAST_US, 1e6 * byte_s):.3g}")


def _codec(row: Row) -> str:
    codec = settings_of(row["settings"]).get(CODEC, "")
    return codec if codec in CODECS else ""


def _rest(row: Row) -> tuple[object, ...]:
    """What two rows that differ in their codec alone have in common."""
    settings = sorted((k, v) for k, v in settings_of(row["settings"]).items() if k != CODEC)
    return *(row[name] for name in ("cluster", "rtt_us", "partitions", "size")), *settings


def _at_work_s(row: Row) -> float:
    """What a record took the application's thread, waits for memory left out."""
    if not all(number(row, name) > 0 for name in NEEDED):
        raise ConfigError("measured", "(a row)", f"must say {', '.join(NEEDED)}")
    return (1 - number(row, "bufferpool_wait_ratio")) / number(row, "records_per_s")


def _request_s(row: Row) -> float:
    """From one request to the next."""
    return number(row, "records_per_request_avg") / number(row, "records_per_s")


def _free_of_charge(machine: MachineConfig) -> MachineConfig:
    """A machine on which codecs cost the broker nothing."""
    return replace(machine, **{f"broker_{codec}_byte_us": 0.0 for codec in CODECS})


def _seconds_of_a_request(scenarios: Sequence[Scenario], workers: Workers) -> list[float]:
    """The model's, in the same way."""
    figures = run_all(scenarios, workers)
    return list(figures["model_records_per_request_avg"] / figures["model_records_per_s"])
