"""The comparison's charts, drawn from its frames and stored beside them."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from experiments.kit.pool import Workers

#: Chart name to the frame that it is drawn from.
FRAMES: Mapping[str, str] = {
    "space_time": "requests",
    "throughput": "rows",
    "latency": "latencies",
    "in_flight": "in_flight",
}


def draw(frames: Mapping[str, pd.DataFrame], folder: Path, workers: Workers) -> list[Path]:
    """Draw every chart that has rows; the paths written."""
    asked = [(name, frames[frame], folder) for name, frame in FRAMES.items() if len(frames[frame])]
    return [path for paths in workers.map(_draw_one, asked) for path in paths]


def _draw_one(asked: tuple[str, pd.DataFrame, Path]) -> list[Path]:
    from experiments.compare.pictures import CHARTS  # who only asks for charts needs none of it
    from experiments.kit.style import save

    name, rows, folder = asked
    return save(CHARTS[name](rows), folder, name)
