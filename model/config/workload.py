"""What the application does: how records arrive, how large they are, who chooses the partition.

All records of a workload have one size. Left out: headers, sizes that vary.
"""

from dataclasses import dataclass
from typing import Literal

from model.config.checks import (
    require,
    require_at_least,
    require_at_most,
    require_count,
    require_positive,
)
from model.config.compression import Compressibility
from model.config.kinds import settle_kinds

#: Read: ProducerConfig.MAX_REQUEST_SIZE's order of magnitude; far above it nothing is ever sent.
MAX_VALUE_BYTES = 2**30
#: Ours: a key is its number written with eight digits, so that all keys have one size.
KEY_BYTES = 8
#: Ours: a hundred times what one application thread appends.
MOST_RECORDS_PER_S = 1e8
#: Ours: all of them are in memory, each in a batch of its own at worst.
MOST_OUTSTANDING = 1_000_000


@dataclass(frozen=True, slots=True)
class Saturating:
    """One application thread that sends as fast as ``buffer.memory`` lets it."""


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """Records arrive at a rate whatever happens; latency counts from the intended send time.

    After ``records`` of them the application sends no more; None: it goes on. The thread sleeps
    until the next record is due, unless that is sooner than ``spins_below_ms``. Measured: the load
    generator took a whole core from 5,000 records/s on, and next to nothing below.
    """

    records_per_s: float
    arrivals: Literal["even", "poisson"] = "even"
    records: int | None = None
    spins_below_ms: float = 0.2

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_positive("rate in records/s", self.records_per_s)
        require_at_most("rate in records/s", self.records_per_s, MOST_RECORDS_PER_S)
        require("arrivals", self.arrivals, "even or poisson", self.arrivals in ("even", "poisson"))
        require_at_least("spins_below_ms", self.spins_below_ms, 0)
        if self.records is not None:
            require_count("records", self.records, 1, 10**9)


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """At most so many records are unacknowledged; each acknowledgement lets the next one go."""

    outstanding: int

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_count("outstanding", self.outstanding, 1, MOST_OUTSTANDING)


Arrival = Saturating | OpenLoop | ClosedLoop


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One application per producer.

    ``key_space`` 0 sends records without key; otherwise each key is drawn uniformly from so many.
    ``partition_cycle`` names the partitions itself, record after record, over and over (explicit
    partitioning); it excludes keys. ``resends_failed``: a record that failed is sent once more, as
    applications do that take a TimeoutException for "not written". ``compressibility`` says how
    far the producer's codec shrinks batches of them; None: as records like log lines in JSON.
    """

    arrival: Arrival = Saturating()
    value_bytes: int = 1_000
    key_space: int = 0
    partition_cycle: tuple[int, ...] = ()
    resends_failed: bool = False
    compressibility: Compressibility | None = None

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_count("value size in bytes", self.value_bytes, 0, MAX_VALUE_BYTES)
        require_count("key space", self.key_space, 0, 10**KEY_BYTES)
        require(
            "partition_cycle",
            self.partition_cycle,
            "empty when records have keys",
            not (self.key_space and self.partition_cycle),
        )

    @property
    def key_bytes(self) -> int | None:
        """Size of a record's key, None for no key."""
        return KEY_BYTES if self.key_space else None
