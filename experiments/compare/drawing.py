"""The comparison's charts, drawn from its frames and stored beside them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.compare.charts import in_flight_chart, latency_chart, throughput_chart
from experiments.compare.space_time import space_time_chart
from experiments.kit.pool import Workers
from experiments.kit.style import save

#: The space-time picture is drawn at the distance closest to this: time outside and inside the
#: broker are then both wide enough to be seen.
PICTURE_RTT_MS = 2.0

#: Chart name to the frame that it is drawn from and the function that draws it.
CHARTS: Mapping[str, tuple[str, Callable[[pd.DataFrame], Figure]]] = {
    "space_time": ("requests", lambda frame: space_time_chart(_picture(frame))),
    "throughput": ("rows", throughput_chart),
    "latency": ("latencies", latency_chart),
    "in_flight": ("in_flight", in_flight_chart),
}


def draw(frames: Mapping[str, pd.DataFrame], folder: Path, workers: Workers) -> list[Path]:
    """Draw every chart that has rows; the paths written."""
    asked = [
        (name, frames[frame], folder) for name, (frame, _) in CHARTS.items() if len(frames[frame])
    ]
    return [path for paths in workers.map(_draw_one, asked) for path in paths]


def _draw_one(asked: tuple[str, pd.DataFrame, Path]) -> list[Path]:
    name, rows, folder = asked
    return save(CHARTS[name][1](rows), folder, name)


def _picture(requests: pd.DataFrame) -> pd.DataFrame:
    distances = requests["rtt_ms"].unique()
    away = np.abs(np.log(np.maximum(distances, 1e-3) / PICTURE_RTT_MS))
    picture: pd.DataFrame = requests[requests["rtt_ms"] == distances[away.argmin()]]
    return picture
