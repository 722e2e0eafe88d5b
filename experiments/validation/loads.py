"""What kind of run a measured row is: masks over rows, and what a reader calls each kind."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

IN_FLIGHT = "max.in.flight.requests.per.connection"
SATURATING, CLOSED_LOOP, OPEN_LOOP = "saturating", "closed loop", "open loop"
#: Kinds of clusters that are a group of their own, whatever the load.
CLUSTERS = {"trio": "three brokers", "stretch": "stretched cluster"}
#: In the order in which they are shown.
GROUPS = (SATURATING, CLOSED_LOOP, OPEN_LOOP, *CLUSTERS.values())


def numeric(rows: pd.DataFrame, column: str) -> Floats:
    """A column as floats; NaN where it is absent, empty or no number."""
    if column not in rows.columns:
        return np.full(len(rows), np.nan)
    return np.asarray(pd.to_numeric(rows[column], errors="coerce"), dtype=float)


def is_noisy(rows: pd.DataFrame) -> Mask:
    """Rows whose measurement is marked as not to be trusted."""
    noisy: Mask = numeric(rows, "noisy") == 1
    return noisy


def is_calibration(rows: pd.DataFrame) -> Mask:
    """Rows that constants may have been fitted on."""
    calibration: Mask = numeric(rows, "calibration") == 1
    return calibration


def load_of(rows: pd.DataFrame) -> NDArray[np.str_]:
    """How records arrive in each row; a closed loop is one whatever its rate."""
    rate = np.where(numeric(rows, "target_rate") > 0, OPEN_LOOP, SATURATING)
    return np.where(numeric(rows, "outstanding") > 0, CLOSED_LOOP, rate)


def group_of(rows: pd.DataFrame) -> NDArray[np.str_]:
    """The kind of cluster where there are several brokers, otherwise the load."""
    clusters = [CLUSTERS.get(str(cluster), "") for cluster in rows["cluster"]]
    return np.where(np.array(clusters) != "", clusters, load_of(rows))


def setting(row_settings: str, key: str, default: str = "") -> str:
    """One setting out of a row's ``settings``."""
    found = re.search(rf"(?:^|;)\s*{re.escape(key)}\s*=([^;]*)", row_settings)
    return found[1].strip() if found else default


def settings_of(rows: pd.DataFrame, key: str, default: str = "") -> NDArray[np.str_]:
    """One setting of each row as text."""
    return np.array([setting(str(text), key, default) for text in rows["settings"]], dtype=str)
