"""Who leads a partition, and who may: what the controller keeps of it and the rules for changes.

Pure. Source: PartitionRegistration and PartitionChangeBuilder (electLeader; eligible leader
replicas: KIP-966). No log is ever compared: the next leader is the first replica in the order of
assignment that is in sync and active. Left out: reassignment, preferred elections (every 300 s,
where everybody is well again), bumps of the epoch for a smaller ISR, which metadata versions before
3.6 had.
"""

from collections.abc import Container
from dataclasses import dataclass, replace

from model.wire.leadership import NO_LEADER, LeaderAndEpoch


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that elections go by."""

    min_insync_replicas: int = 1
    unclean: bool = False  # unclean.leader.election.enable
    eligible: bool = True  # eligible leader replicas (KIP-966)


@dataclass(frozen=True, slots=True)
class PartitionRegistration:
    """What the controller keeps of a partition; brokers by number."""

    assignment: tuple[int, ...]
    leader: int
    isr: frozenset[int]
    elr: frozenset[int] = frozenset()
    last_known_leader: int = NO_LEADER
    leader_epoch: int = 0

    @classmethod
    def new(cls, assignment: tuple[int, ...]) -> "PartitionRegistration":
        """One that was just created: the first replica leads, all are in sync."""
        return cls(assignment, assignment[0], frozenset(assignment))

    @property
    def has_leader(self) -> bool:
        """Whether anybody leads."""
        return self.leader != NO_LEADER

    @property
    def leadership(self) -> LeaderAndEpoch:
        """Who leads since which epoch."""
        return LeaderAndEpoch(self.leader, self.leader_epoch)


def without(
    partition: PartitionRegistration, broker: int, active: Container[int], rules: Rules
) -> PartitionRegistration:
    """What becomes of it when a broker is fenced or shuts down.

    It leaves the ISR, where without eligible leader replicas the last member stays.
    """
    isr = partition.isr - {broker}
    if not isr and not rules.eligible:
        isr = partition.isr
    return _changed(partition, isr, partition.elr, active, rules)


def with_active(
    partition: PartitionRegistration, active: Container[int], rules: Rules
) -> PartitionRegistration:
    """What becomes of it when a broker is there again: a leader, if there was none."""
    return _changed(partition, partition.isr, partition.elr, active, rules)


def after_unclean_shutdown(
    partition: PartitionRegistration, broker: int, active: Container[int], rules: Rules
) -> PartitionRegistration:
    """A broker that was killed registers: what it had may be gone, so it is not eligible.

    Source: ReplicationControlManager.handleBrokerUncleanShutdown; only with eligible replicas.
    """
    if not rules.eligible:
        return partition
    gone = {broker}
    return _changed(partition, partition.isr - gone, partition.elr - gone, active, rules)


def with_isr(
    partition: PartitionRegistration, isr: frozenset[int], active: Container[int], rules: Rules
) -> PartitionRegistration:
    """A leader's own change of its ISR (AlterPartition)."""
    return _changed(partition, isr, partition.elr, active, rules)


def _changed(
    partition: PartitionRegistration,
    isr: frozenset[int],
    elr: frozenset[int],
    active: Container[int],
    rules: Rules,
) -> PartitionRegistration:
    """The partition with this ISR, those that stay eligible, and a leader that is valid."""
    elr = _eligible(partition, isr, elr, rules)
    leader, isr = _elect(partition, isr, elr, active, rules)
    elr = elr - isr
    moved = leader != partition.leader
    if not moved and (isr, elr) == (partition.isr, partition.elr):
        return partition
    last_known = NO_LEADER
    if leader == NO_LEADER:
        last_known = partition.leader if moved else partition.last_known_leader
    return replace(
        partition,
        leader=leader,
        isr=isr,
        elr=elr,
        last_known_leader=last_known,
        leader_epoch=partition.leader_epoch + moved,
    )


def _eligible(
    partition: PartitionRegistration, isr: frozenset[int], elr: frozenset[int], rules: Rules
) -> frozenset[int]:
    """Who left an ISR below ``min.insync.replicas`` has all that is committed.

    Source: PartitionChangeBuilder.maybePopulateTargetElr.
    """
    least = min(rules.min_insync_replicas, len(partition.assignment))
    if not rules.eligible or len(isr) >= least:
        return frozenset()
    return (elr | partition.isr) - isr


def _elect(
    partition: PartitionRegistration,
    isr: frozenset[int],
    elr: frozenset[int],
    active: Container[int],
    rules: Rules,
) -> tuple[int, frozenset[int]]:
    """The leader, and the ISR that it starts with (PartitionChangeBuilder.electLeader)."""

    def first(among: Container[int]) -> int:
        fit = (each for each in partition.assignment if each in among and each in active)
        return next(fit, NO_LEADER)

    if partition.leader in isr and partition.leader in active:
        return partition.leader, isr
    if (chosen := first(isr)) != NO_LEADER:
        return chosen, isr
    if (chosen := first(elr)) != NO_LEADER:
        return chosen, isr | {chosen}
    last = partition.last_known_leader
    if rules.eligible and not isr and not elr and last in active:
        return last, frozenset({last})
    if rules.unclean and (chosen := first(partition.assignment)) != NO_LEADER:
        return chosen, frozenset({chosen})
    return NO_LEADER, isr
