"""What an output does not say of its run: told by options, or by the plan in a file beside it.

The file is called as the output with ``.run.json`` for its ending, and is written by the script of
`inflight measure plan`. Options go before it, it goes before what the output itself says.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from experiments.kit.measured import OWN, PATH_FLOOR_MS
from model import ConfigError
from model.settings.shown import one_line

SIDECAR = ".run.json"
#: Ours: far above what the plan writes.
MAX_BYTES = 1 << 16
#: Where TCP ends at a proxy beside the client, neither end's buffer holds back what is on its way.
SEND_BUFFER = "send.buffer.bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Circumstances of a run; None where nobody said. Times in ms, rates in records/s.

    ``rate`` 0: as fast as it could. ``calibration``: whether constants may be fitted to the run.
    """

    rtt_ms: float | None = None
    record_bytes: int | None = None
    rate: float | None = None
    kafka: str | None = None
    partitions: int | None = None
    brokers: int | None = None
    replicas: int | None = None
    min_insync: int | None = None
    replica_rtt_ms: float | None = None
    jitter_ms: float | None = None
    answer_jitter_ms: float | None = None
    receive_buffer: int | None = None
    proxy: bool | None = None
    warmup_records: int | None = None
    calibration: bool | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def over(self, other: "Told") -> "Told":
        """This, with the other's values where this has none."""
        mine = {name: value for name in NAMES if (value := getattr(self, name)) is not None}
        return replace(other, **mine, settings={**other.settings, **self.settings})

    def cells(self, says: Mapping[str, str]) -> dict[str, object]:
        """The cells of a row that say where it was measured; ``says`` is the output's own word.

        Raises ConfigError for what nobody said and nothing can stand in for.
        """
        rtt_ms = _needed(self.rtt_ms, "--rtt-ms", "the round trip to the broker")
        size = self.record_bytes or says.get("size")
        buffers = {SEND_BUFFER: "-1"} if self.proxy else {}
        settings = sorted({**self.settings, **buffers}.items())
        return {
            "cluster": OWN,
            "rtt_us": _us(rtt_ms, "--rtt-ms", PATH_FLOOR_MS),
            "jitter_us": _us(self.jitter_ms, "--jitter-ms"),
            "rate_Bps": 0,
            "loss": 0,
            "partitions": _or(says.get("partitions", 1), self.partitions),
            "size": _needed(size, "--record-bytes", "the size of a record's value"),
            "key_space": 0,
            "target_rate": _or(says.get("target_rate", 0), self.rate),
            "outstanding": 0,
            "settings": ";".join(f"{key}={value}" for key, value in settings),
            **self._cluster(),
            "replica_rtt_us": _us(self.replica_rtt_ms, "--replica-rtt-ms", PATH_FLOOR_MS),
            "answer_jitter_us": _us(self.answer_jitter_ms, "--answer-jitter-ms"),
            "socket_receive_buffer_bytes": -1 if self.proxy else _or("", self.receive_buffer),
            "kafka": _or("", self.kafka),
        }

    def _cluster(self) -> dict[str, int]:
        """One broker with one copy, unless somebody said more."""
        replicas, min_insync = _or(1, self.replicas), _or(1, self.min_insync)
        if min_insync > replicas:
            rule = f"must be at most the {replicas} replicas that there are"
            raise ConfigError("min.insync.replicas", min_insync, rule)
        return {"brokers": _or(1, self.brokers), "replicas": replicas, "min_insync": min_insync}


NAMES = tuple(name for name in Told.__slots__ if name != "settings")
#: What a value in the file beside an output has to be.
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("rtt_ms", "rate", "replica_rtt_ms"), (int, float)),
    **dict.fromkeys(("jitter_ms", "answer_jitter_ms"), (int, float)),
    **dict.fromkeys(("record_bytes", "partitions", "brokers", "replicas", "min_insync"), int),
    **dict.fromkeys(("receive_buffer", "warmup_records"), int),
    "kafka": str,
    "settings": dict,
    **dict.fromkeys(("proxy", "calibration"), bool),
}


def _needed(value: Any, option: str, what: str) -> Any:
    if value is None:
        raise ConfigError(option, "(not given)", f"must be given: the output does not say {what}")
    return value


def _or(otherwise: Any, value: Any) -> Any:
    return otherwise if value is None else value


def _us(ms: float | None, option: str, floor_ms: float = 0.0) -> float:
    """Milliseconds of an option as microseconds beyond what every row's path takes anyway."""
    if not 0 <= (ms or 0.0) < math.inf:
        raise ConfigError(option, ms, "must be a number >= 0")
    return 1e3 * max(0.0, (ms or 0.0) - floor_ms)


def beside(output: Path) -> Path:
    """Where the plan's script leaves what it knows of the run that made this output."""
    return output.with_name(output.stem + SIDECAR)


def read_beside(output: Path) -> Told:
    """What the plan says of a run; nothing where there is no such file. Raises ConfigError."""
    path = beside(output)
    if not path.is_file():
        return Told()
    try:
        content = path.read_bytes()[: MAX_BYTES + 1].decode("utf-8")
        values = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise _refused(path, "must be JSON as inflight measure plan has it written") from error
    if not isinstance(values, dict):
        raise _refused(path, "must be a JSON object")
    for name, value in values.items():
        known = _TYPES.get(name)
        if (
            known is None
            or not isinstance(value, known)
            or (isinstance(value, bool) and known is not bool)
        ):
            raise _refused(
                path, f"has a value for {one_line(str(name))[:60]} that the plan never writes"
            )
    settings = values.get("settings", {})
    if not all(isinstance(value, str) and ";" not in value for value in settings.values()):
        raise _refused(path, "must have settings as text")
    return Told(**values)


def _refused(path: Path, rule: str) -> ConfigError:
    return ConfigError("file", one_line(str(path)), rule)
