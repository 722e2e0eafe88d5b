"""Measured runs of a real Kafka: a CSV of rows, and what rows of every kind say of a scenario.

The formats are those of the measured data's README (``experiments/validation/measured/README.md``),
with what rows of one's own say besides (docs/measure.md): where a column is absent or empty, the
measured laboratory's value holds.
Every column is kept as the text that it came as, so that rows can be written out again unchanged.
Left out: what only runs of one kind say (``measured`` of the validation, and of the faults).
"""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pandas as pd

from experiments.kit.cells import checked
from model import BrokerConfig, ConfigError, ProducerConfig, TopicConfig
from model.settings import KafkaVersion, resolve

#: Read: the README of the measured data; the client and the brokers were Kafka 4.1.1.
MEASURED_KAFKA = KafkaVersion.parse("4.1")
#: Measured: "with rtt_us 0 the path still takes 0.05 to 0.1 ms"; its middle.
PATH_FLOOR_MS = 0.075
#: Read: brokers that lead, replicas and min.insync.replicas of each kind of cluster.
CLUSTERS = {"single": (1, 1, 1), "trio": (3, 3, 2), "stretch": (1, 3, 2)}
#: A cluster of one's own, described by these columns.
OWN, OWN_COLUMNS = "own", ("brokers", "replicas", "min_insync")

#: What a frame keeps of the file that it came from: the line at which each row ends.
LINES = "lines"

Row = Mapping[str, str]
Made = TypeVar("Made")


def read_rows(path: Path, needed: Sequence[str] = ()) -> pd.DataFrame:
    """All columns as text, in the file's order. Raises ConfigError for what is not such a file."""
    text, lines = checked(path)
    try:
        rows = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    except ValueError as error:  # pandas' parser's errors are ValueErrors
        raise ConfigError("measured", path, "must be a readable CSV file") from error
    require_columns(rows, path, needed)
    if rows.empty:
        raise ConfigError("measured", path, "must have a row")
    rows.attrs[LINES] = lines
    return rows


def require_columns(rows: pd.DataFrame, path: Path, needed: Sequence[str]) -> None:
    """Raise ConfigError where rows of this file lack one."""
    if missing := [column for column in needed if column not in rows.columns]:
        raise ConfigError("measured", path, f"must have the columns {', '.join(missing)}")


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Each row as column to text, in order."""
    return [
        {str(name): str(cell) for name, cell in row.items()} for row in frame.to_dict("records")
    ]


def made(frame: pd.DataFrame, make: Callable[[Row], Made]) -> list[Made]:
    """What is made of each row. Raises ConfigError with the line that a row of a file ends at."""
    found, lines = [], frame.attrs.get(LINES, ())
    for label, row in zip(frame.index, rows_of(frame), strict=True):
        try:
            found.append(make(row))
        except ConfigError as error:
            where = f"line {lines[label]}: " if lines else ""
            setting = f"{where}{error.setting}"
            raise ConfigError(setting, error.value, error.rule) from error
    return found


def number(row: Row, column: str) -> float:
    """A cell as a number; NaN where the column is absent or empty. Raises ConfigError for text."""
    text = row.get(column, "").strip()
    try:
        return float(text) if text else float("nan")
    except ValueError as error:
        raise ConfigError(column, text, "must be a number") from error


def amount(row: Row, column: str) -> float:
    """A cell as a number that is there, finite and not negative. Raises ConfigError."""
    value = number(row, column)
    if not 0 <= value < float("inf"):
        raise ConfigError(column, row.get(column, ""), "must be a number >= 0")
    return value


def amount_or(row: Row, column: str, otherwise: float) -> float:
    """A cell as :func:`amount`, or this where there is none. Raises ConfigError."""
    return amount(row, column) if row.get(column, "").strip() else otherwise


def count(row: Row, column: str) -> int:
    """A cell as a whole number. Raises ConfigError."""
    value = amount(row, column)
    if value != int(value):
        raise ConfigError(column, row[column], "must be a whole number")
    return int(value)


def settings_of(row_settings: str) -> dict[str, str]:
    """Keys and values of a row's ``settings``: ``key=value`` with ``;`` between."""
    pairs = (pair.partition("=") for pair in row_settings.split(";") if pair)
    return {key.strip(): value for key, _, value in pairs}


def producer_of(row: Row) -> ProducerConfig:
    """The producer of one row, as Kafka's client resolves its settings. Raises ConfigError."""
    written = row.get("kafka", "").strip()
    kafka = KafkaVersion.parse(written) if written else MEASURED_KAFKA
    return resolve(settings_of(row["settings"]), kafka).producer


def broker_of(row: Row) -> BrokerConfig:
    """The brokers of one row: at their defaults but for the receive buffer. Raises ConfigError."""
    column = "socket_receive_buffer_bytes"
    text = row.get(column, "").strip()
    if not text:
        return BrokerConfig()
    return BrokerConfig(socket_receive_buffer_bytes=-1 if text == "-1" else count(row, column))


def topic_of(row: Row) -> TopicConfig:
    """The topic of one row in the cluster that it names or describes. Raises ConfigError."""
    cluster = row["cluster"]
    if cluster == OWN:
        brokers, replicas, min_insync = (count(row, name) for name in OWN_COLUMNS)
    elif cluster in CLUSTERS:
        brokers, replicas, min_insync = CLUSTERS[cluster]
    else:
        raise ConfigError("cluster", cluster, f"must be one of {', '.join((*CLUSTERS, OWN))}")
    partitions = count(row, "partitions")
    return TopicConfig(
        partitions=partitions,
        brokers=min(brokers, max(1, partitions)),  # one that leads nothing only follows
        replicas=replicas,
        min_insync_replicas=min_insync,
    )
