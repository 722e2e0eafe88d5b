"""Z and S in words: what pairs of runs tell, and what they cannot."""

import pandas as pd
import pytest

from experiments.measure.law import in_words, laws, not_filled
from tests.wording import faults

ROW = {
    "cluster": "own",
    "rtt_us": "10000",
    "partitions": "1",
    "brokers": "1",
    "replicas": "1",
    "min_insync": "1",
    "size": "1000",
    "target_rate": "0",
    "outstanding": "0",
    "file": "run.txt",
    "records_per_request_avg": "15",
}
DEPTH = "max.in.flight.requests.per.connection"


def row(depth: int, requests_per_s: float, batch: int = 16384, **cells: str) -> dict[str, str]:
    """A run at full speed that carried so many requests per second."""
    settings = f"batch.size={batch};{DEPTH}={depth}"
    latency_ms = 1e3 * depth / requests_per_s
    rate = {"records_per_s": f"{15 * requests_per_s}", "request_latency_avg": f"{latency_ms}"}
    return {**ROW, "settings": settings, **rate, **cells}


def said(*rows: dict[str, str]) -> str:
    found = [in_words(law) for law in laws(pd.DataFrame(rows))]
    assert not [fault for paragraph in found for fault in faults(paragraph)]
    return " ".join(found)


def test_five_that_carry_less_than_five_times_as_much_tell_s() -> None:
    words = said(row(1, 80), row(5, 250))
    assert "12 ms (Z + S)" in words  # 12.5
    assert "3.1 times as much: the broker works 4 ms on a request (S), and 8.5 ms" in words


def test_five_that_carry_five_times_as_much_tell_a_bound() -> None:
    words = said(row(1, 80), row(5, 399))
    assert "5.0 times as much. So S is 2.5 ms at most, and how much less these runs cannot" in words


def test_one_alone_tells_the_sum() -> None:
    assert "cannot be told apart" in said(row(1, 80))
    assert said(row(5, 80)) == ""


def test_larger_than_the_window_tells_nothing_of_s() -> None:
    pair = row(1, 80, 65536), row(5, 130, 65536)
    assert "receive window" in said(*pair)
    behind = [{**each, "socket_receive_buffer_bytes": "-1"} for each in pair]
    assert "the broker works 7.7 ms" in said(*behind)


@pytest.mark.parametrize(
    "other",
    [
        row(5, 250, batch=32768),
        row(5, 250, rtt_us="20000"),
        row(5, 250, target_rate="1000"),
        row(5, 250, outstanding="100"),
        {**row(5, 250), "records_per_s": ""},
    ],
    ids=["batch", "distance", "held", "closed", "no rate"],
)
def test_what_differs_otherwise_is_no_pair(other: dict[str, str]) -> None:
    assert "cannot be told apart" in said(row(1, 80), other)


def test_three_connections_are_one_each() -> None:
    """The published ladder: 125.643 requests/s over three brokers."""
    three = {"brokers": "3", "partitions": "3"}
    pair = [{**each, **three} for each in (row(1, 3 * 8.4), row(5, 125.643))]
    (law,) = laws(pd.DataFrame(pair))
    assert law.round_ms == pytest.approx(119, rel=1e-3)
    assert law.gain == pytest.approx(4.986, rel=1e-3)


def test_requests_that_are_never_five_are_told() -> None:
    busy, idle = row(5, 250), {**row(5, 250), "request_latency_avg": "4"}
    assert list(not_filled(pd.DataFrame([busy]))) == []
    (sentence,) = not_filled(pd.DataFrame([idle]))
    assert sentence.startswith("run.txt: 1.0 of 5 requests were unanswered in the mean")


def test_rows_of_the_laboratory_are_read_as_well() -> None:
    """They name their cluster, and have no columns that describe one."""
    described = ("brokers", "replicas", "min_insync", "file")
    pair = [
        {key: cell for key, cell in each.items() if key not in described} | {"cluster": "trio"}
        for each in (row(1, 80), row(5, 250))
    ]
    assert "the broker works 4 ms on a request (S)" in said(*pair)
    assert list(not_filled(pd.DataFrame([{**pair[1], "request_latency_avg": "4"}])))
