"""What kind of run a measured row is: masks over rows, and what a reader calls each kind."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.kit.measured import settings_of
from model.config.compression import NO_CODEC

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

IN_FLIGHT = "max.in.flight.requests.per.connection"
SATURATING, CLOSED_LOOP, OPEN_LOOP = "at full speed", "closed loop", "open loop"
#: Kinds of clusters that are a group of their own, whatever the load.
CLUSTERS = {"trio": "three brokers", "stretch": "stretched cluster"}
#: Kinds of paths and of requests that are one, whatever the load.
PIECES_LOST, SEGMENTS_LOST = "loss in pieces", "loss in segments"
JITTER, LIMITED_RATE, LARGE = "jitter", "limited rate", "large requests"
COMPRESSED = "with a codec"
PATHS = (LARGE, PIECES_LOST, SEGMENTS_LOST, JITTER, LIMITED_RATE, COMPRESSED)
GROUPS = (SATURATING, CLOSED_LOOP, OPEN_LOOP, *PATHS, *CLUSTERS.values())
#: Asked: from here on a request is large, in bytes of values.
LARGE_BYTES = 65_536
#: What the headline rows have in these columns, beside one broker and a saturating producer.
_HEADLINE = {"partitions": 1, "size": 1000, "rate_Bps": 0, "jitter_us": 0, "loss": 0}


def numeric(rows: pd.DataFrame, column: str) -> Floats:
    """A column as floats; NaN where it is absent, empty or no number."""
    if column not in rows.columns:
        return np.full(len(rows), np.nan)
    return np.asarray(pd.to_numeric(rows[column], errors="coerce"), dtype=float)


def is_noisy(rows: pd.DataFrame) -> Mask:
    """Rows whose measurement is marked as not to be trusted."""
    return np.asarray(numeric(rows, "noisy") == 1)


def is_calibration(rows: pd.DataFrame) -> Mask:
    """Rows that constants may have been fitted on."""
    return np.asarray(numeric(rows, "calibration") == 1)


def is_headline(rows: pd.DataFrame) -> Mask:
    """One broker, one partition, nothing special but depth, distance and idempotence."""
    headline = np.asarray(rows["cluster"] == "single") & (load_of(rows) == SATURATING)
    for column, value in _HEADLINE.items():
        headline &= numeric(rows, column) == value
    headline &= (setting_of(rows, "batch.size") == "16384") & ~is_compressed(rows)
    if "payload" in rows.columns:  # of its own; random where nothing is said
        headline &= np.isin(rows["payload"], ("", "random"))
    return np.asarray(headline & (setting_of(rows, "send.buffer.bytes") == ""))


def load_of(rows: pd.DataFrame) -> NDArray[np.str_]:
    """How records arrive in each row; a closed loop is one whatever its rate."""
    rate = np.where(numeric(rows, "target_rate") > 0, OPEN_LOOP, SATURATING)
    return np.where(numeric(rows, "outstanding") > 0, CLOSED_LOOP, rate)


def has_loss(rows: pd.DataFrame) -> Mask:
    """Rows of a path that loses packets."""
    return np.asarray(numeric(rows, "loss") > 0)


def is_compressed(rows: pd.DataFrame) -> Mask:
    """Rows of a producer with a codec."""
    return ~np.isin(setting_of(rows, "compression.type", NO_CODEC), (NO_CODEC, ""))


def is_large(rows: pd.DataFrame) -> Mask:
    """Rows in which a producer at full speed sends large requests, without loss and codec."""
    request_bytes = numeric(rows, "records_per_request_avg") * numeric(rows, "size")
    busy = load_of(rows) == SATURATING
    plain = ~has_loss(rows) & ~is_compressed(rows)
    return np.asarray((request_bytes > LARGE_BYTES) & busy & plain)


def group_of(rows: pd.DataFrame) -> NDArray[np.str_]:
    """The kind of cluster where there are several brokers, then of path or request, then load."""
    clusters = np.array([CLUSTERS.get(str(cluster), "") for cluster in rows["cluster"]])
    whole = "offload" not in rows.columns or np.asarray(rows["offload"] != "off")
    groups = load_of(rows).astype(object)
    for mask, group in (
        (is_large(rows), LARGE),
        (numeric(rows, "rate_Bps") > 0, LIMITED_RATE),
        (numeric(rows, "jitter_us") > 0, JITTER),
        (has_loss(rows), np.where(whole, PIECES_LOST, SEGMENTS_LOST)),
        (is_compressed(rows), COMPRESSED),
        (clusters != "", clusters),
    ):
        groups = np.where(mask, group, groups)
    return groups.astype(str)


def setting_of(rows: pd.DataFrame, key: str, default: object = "") -> NDArray[np.str_]:
    """One setting of each row as text."""
    values = [settings_of(str(text)).get(key, str(default)).strip() for text in rows["settings"]]
    return np.array(values, dtype=str)
