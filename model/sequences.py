"""Sequence numbers wrap (DefaultRecordBatch.incrementSequence)."""

from model.messages import SEQUENCES


def next_sequence(base_sequence: int, records: int) -> int:
    """The sequence after a batch; wraps to 0 after 2^31 - 1."""
    return (base_sequence + records) % SEQUENCES
