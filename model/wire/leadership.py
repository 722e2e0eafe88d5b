"""Who leads a partition, as brokers and clients tell each other."""

from typing import NamedTuple

#: Read: LeaderConstants.NO_LEADER.
NO_LEADER = -1


class LeaderAndEpoch(NamedTuple):
    """Who leads, and since which leader epoch; ``leader`` may be NO_LEADER."""

    leader: int
    epoch: int


class EpochStart(NamedTuple):
    """From which offset on a log has batches of a leader epoch; or, asked for an end, to which."""

    epoch: int
    offset: int
