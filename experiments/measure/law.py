"""Z and S of the law X(n) = min(n / (Z + S), 1 / S), from runs that differ in depth alone.

S is what the broker works on a request of one connection, one after the other; Z is the rest of
its round: the way, the client, wake-ups. One in flight carries 1 / (Z + S) requests/s. More carry n
times as much, and then S is known to be small; or less, and then they carry 1 / S, unless it is the
broker's receive window that holds them back. Only runs at full speed count. Times in ms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

import pandas as pd

from experiments.kit.measured import (
    Row,
    broker_of,
    number,
    rows_of,
    settings_of,
)
from experiments.kit.words import count, ms, times
from experiments.measure.tables import IN_FLIGHT, in_flight, requests_per_s, setting
from model.config.cluster import REQUESTS_SHARE, receive_window_bytes

#: Ours: a factor within this share of n is n.
WHOLE = 0.04
#: Ours: fewer unanswered in the mean than this share of what may be are not held back by that.
FILLED = 0.85
#: What a pair may not differ in, beside settings other than the depth.
_ALIKE = ("cluster", "rtt_us", "jitter_us", "partitions", "size", "kafka", "brokers", "replicas")


@dataclass(frozen=True, slots=True)
class Law:
    """One pair of runs, or one run with one in flight (``depth`` 1)."""

    batch_bytes: int
    rtt_ms: float
    round_ms: float  # Z + S
    depth: int
    gain: float  # requests/s of the deeper run over those of one in flight
    fills_window: bool

    @property
    def serial_ms(self) -> float:
        """S, or the most that it may be where more in flight are worth as many times as much."""
        return self.round_ms / self.gain

    @property
    def is_whole(self) -> bool:
        """Whether more in flight carry as many times as much."""
        return self.gain >= self.depth * (1 - WHOLE)


def laws(rows: pd.DataFrame) -> list[Law]:
    """One for each run with one in flight: with its deepest partner, or alone."""
    full = [row for row in rows_of(rows) if number(row, "target_rate") == 0]
    full = [row for row in full if not number(row, "outstanding") > 0]
    found = []
    for one in (row for row in full if setting(row, IN_FLIGHT) == "1"):
        if isfinite(rate := requests_per_s(one)) and rate > 0:
            found.append(_law(one, rate, [row for row in full if _are_a_pair(one, row)]))
    return found


def _law(one: Row, rate: float, deeper: list[Row]) -> Law:
    best = max(deeper, key=lambda row: int(setting(row, IN_FLIGHT)), default=one)
    depth = int(setting(best, IN_FLIGHT))
    gain = requests_per_s(best) / rate
    batch = int(setting(one, "batch.size"))
    window = receive_window_bytes(broker_of(one).socket_receive_buffer_bytes, REQUESTS_SHARE)
    rtt_ms = number(one, "rtt_us") / 1e3
    return Law(batch, rtt_ms, 1e3 / rate, depth, max(gain, 1.0), depth * batch > window)


def _are_a_pair(one: Row, other: Row) -> bool:
    alike = all(one.get(column, "") == other.get(column, "") for column in _ALIKE)
    deeper = int(setting(other, IN_FLIGHT)) > 1 and isfinite(requests_per_s(other))
    return alike and deeper and _but_depth(one) == _but_depth(other)


def _but_depth(row: Row) -> dict[str, str]:
    return {key: value for key, value in settings_of(row["settings"]).items() if key != IN_FLIGHT}


def in_words(law: Law) -> str:
    """What the runs of one batch size say, as a paragraph."""
    whole = (
        f"With one request in flight a round takes {ms(law.round_ms)} (Z + S), of which"
        f" {ms(law.rtt_ms)} are the round trip. That is with batches of {law.batch_bytes:,} bytes."
    )
    return f"{whole} {_of_more(law)}"


def _of_more(law: Law) -> str:
    carries = f"{law.depth} in flight carry {times(law.gain)} times as much"
    if law.depth == 1:
        return "Nothing with more in flight was measured, so Z and S cannot be told apart."
    if law.is_whole:
        least = f"So S is {ms(law.serial_ms)} at most, and how much less these runs cannot tell."
        return f"{carries}. {least}"
    if law.fills_window:
        return (
            f"{carries}. But they are larger than the brokers' receive window and may wait for"
            " that: S cannot be told from them."
        )
    rest_ms = law.round_ms - law.serial_ms
    return (
        f"{carries}: the broker works {ms(law.serial_ms)} on a request (S), and {ms(rest_ms)} are"
        " the rest (Z)."
    )


def not_filled(rows: pd.DataFrame) -> Iterator[str]:
    """A sentence for each run at full speed whose requests in flight were not what held it back."""
    for row in rows_of(rows):
        depth, mean = int(setting(row, IN_FLIGHT)), in_flight(row)
        if number(row, "target_rate") == 0 and mean < FILLED * depth:
            file = row.get("file", "") or "A run"
            yield (
                f"{file}: {mean:.1f} of {count(depth, 'request')} were unanswered in the mean, so"
                " that something before the network holds it back."
            )
