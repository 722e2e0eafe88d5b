"""The controller's books: which brokers are active, and who leads each partition.

Pure. Source: ReplicationControlManager.java. A broker that is fenced or shuts down leaves every ISR
and leads nothing any more; one that is there again is led by others until it has caught up. Units:
none, brokers and partitions by number.
"""

from collections.abc import Callable, Iterable

from model.broker.election import (
    PartitionRegistration,
    Rules,
    after_unclean_shutdown,
    with_active,
    with_isr,
    without,
)

Change = Callable[[PartitionRegistration], PartitionRegistration]


class ReplicationControl:
    """All partitions of a topic, and the brokers that may lead them.

    Every method that changes something returns the numbers of the partitions that it changed.
    """

    def __init__(self, assignments: dict[int, tuple[int, ...]], rules: Rules) -> None:
        self._rules = rules
        self.active = {broker for replicas in assignments.values() for broker in replicas}
        self.partitions = {
            number: PartitionRegistration.new(replicas) for number, replicas in assignments.items()
        }

    def __repr__(self) -> str:
        return f"<ReplicationControl, active {sorted(self.active)}: {self.partitions}>"

    def remove(self, broker: int) -> list[int]:
        """Fence a broker, or let it shut down (handleBrokerFenced, InControlledShutdown)."""
        self.active.discard(broker)
        return self._change(lambda each: without(each, broker, self.active, self._rules))

    def register(self, broker: int, unclean: bool) -> list[int]:
        """A broker starts; ``unclean``: it was killed before. It is active after ``restore``."""
        if not unclean:
            return []
        return self._change(
            lambda each: after_unclean_shutdown(each, broker, self.active, self._rules)
        )

    def restore(self, broker: int) -> list[int]:
        """Unfence a broker: partitions without a leader may have one now (handleBrokerUnfenced)."""
        self.active.add(broker)
        leaderless = (number for number, each in self.partitions.items() if not each.has_leader)
        return self._change(lambda each: with_active(each, self.active, self._rules), leaderless)

    def alter(self, partition: int, leader: int, epoch: int, isr: frozenset[int]) -> list[int]:
        """A leader wants another ISR; nothing, if it is none or a member is not active.

        Source: ReplicationControlManager.alterPartition, validateAlterPartitionData.
        """
        known = self.partitions[partition]
        if (leader, epoch) != known.leadership or not isr - known.isr <= self.active:
            return []
        return self._change(lambda each: with_isr(each, isr, self.active, self._rules), [partition])

    def _change(self, change: Change, numbers: Iterable[int] | None = None) -> list[int]:
        changed = list[int]()
        for number in list(self.partitions if numbers is None else numbers):
            before = self.partitions[number]
            after = change(before)
            if after is not before:
                self.partitions[number] = after
                changed.append(number)
        return changed
