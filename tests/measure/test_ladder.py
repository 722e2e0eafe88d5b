"""A published ladder of batch sizes, read from its text and predicted without fitting.

Three brokers behind proxies that hold answers back by 100 ms, give or take 50.
"""

from pathlib import Path

import pandas as pd
import pytest

from tests.experiments.running import run
from tests.measure.real import LADDER

ALLOWED = 0.05
PROXY = ["--proxy", "--rtt-ms=50", "--answer-jitter-ms=100"]
TOPIC = ["--brokers=3", "--partitions=3", "--record-bytes=200", "--rate=0", "--kafka=3.6"]


@pytest.mark.slow
def test_it_is_predicted_within_five_per_cent(tmp_path: Path) -> None:
    frames = []
    for batch_size, text in LADDER.items():
        output, rows = tmp_path / f"{batch_size}.txt", tmp_path / f"{batch_size}.csv"
        output.write_text(text)
        settings = ["--set=acks=1", f"--set=batch.size={batch_size}"]
        out = f"--out={rows}"
        assert run("measure", "read", str(output), out, *PROXY, *TOPIC, *settings) == 0
        frames.append(pd.read_csv(rows, dtype=str, keep_default_na=False))
    pd.concat(frames).to_csv(tmp_path / "ladder.csv", index=False)
    predicted = tmp_path / "predicted.csv"
    measured = f"--measured={tmp_path / 'ladder.csv'}"
    assert run("validate", measured, f"--out={predicted}", "--jobs=1") == 0
    found = pd.read_csv(predicted)
    for figure in ("records_per_s", "request_latency_avg"):
        assert (found[f"model_{figure}"] / found[figure] - 1).abs().max() < ALLOWED, figure
