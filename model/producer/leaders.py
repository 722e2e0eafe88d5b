"""Who leads each partition, as far as one client knows (Metadata.java, MetadataSnapshot.java).

Pure. It starts with what the topic says and changes with answers: what is older than what is known
is no news. Units: none, brokers and partitions by number.
"""

from collections.abc import Sequence

from model.config.cluster import TopicConfig
from model.wire.leadership import LeaderAndEpoch


class Leaders:
    """Of one topic."""

    def __init__(self, topic: TopicConfig) -> None:
        self._leaders = [topic.leader(partition) for partition in range(topic.partitions)]
        self._epochs = [0] * topic.partitions
        self._led: list[Sequence[int]] = [
            topic.led_by(broker) for broker in range(topic.all_brokers)
        ]

    def __repr__(self) -> str:
        return f"<Leaders {self._leaders}, epochs {self._epochs}>"

    def of(self, partition: int) -> int:
        """The broker that leads it; NO_LEADER where none does."""
        return self._leaders[partition]

    def epoch(self, partition: int) -> int:
        """The latest leader epoch that was heard of."""
        return self._epochs[partition]

    def led_by(self, broker: int) -> Sequence[int]:
        """The partitions that a broker leads, in order."""
        return self._led[broker]

    def is_news(self, partition: int, leadership: LeaderAndEpoch) -> bool:
        """Whether that is a later epoch than the one that is known."""
        return leadership.epoch > self._epochs[partition]

    def change(self, partition: int, leadership: LeaderAndEpoch) -> None:
        """Another broker leads, or none."""
        self._leaders[partition], self._epochs[partition] = leadership
        self._led = [
            [number for number, leader in enumerate(self._leaders) if leader == broker]
            for broker in range(len(self._led))
        ]
