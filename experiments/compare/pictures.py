"""Which chart is drawn from a frame of the comparison, and how; slow to import (Matplotlib)."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.compare.charts import in_flight_chart, latency_chart, throughput_chart
from experiments.compare.space_time import space_time_chart

#: The space-time picture is drawn at the distance closest to this: time outside and inside the
#: broker are then both wide enough to be seen.
PICTURE_RTT_MS = 2.0

#: Chart name to the function that draws it.
CHARTS: Mapping[str, Callable[[pd.DataFrame], Figure]] = {
    "space_time": lambda frame: space_time_chart(_picture(frame)),
    "throughput": throughput_chart,
    "latency": latency_chart,
    "in_flight": in_flight_chart,
}


def _picture(requests: pd.DataFrame) -> pd.DataFrame:
    distances = requests["rtt_ms"].unique()
    away = np.abs(np.log(np.maximum(distances, 1e-3) / PICTURE_RTT_MS))
    picture: pd.DataFrame = requests[requests["rtt_ms"] == distances[away.argmin()]]
    return picture
