"""Queues as the sampled client sees them: a draw is what one over all running sums would be."""

from bisect import bisect_right
from itertools import accumulate

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.producer.queue_loads import BLOCK, QueueLoads
from model.streams import words


def drawn_over_all(queued: list[int], generator: np.random.Generator) -> int:
    """As BuiltInPartitioner has it: every weight added up."""
    sums = list(accumulate(max(queued) + 1 - own for own in queued))
    return bisect_right(sums, int(generator.integers(sums[-1])))


@given(data=st.data(), partitions=st.integers(1, 3 * BLOCK + 1), seed=st.integers(0, 99))
def test_a_draw_is_one_over_all_running_sums(
    data: st.DataObject, partitions: int, seed: int
) -> None:
    loads, queued = QueueLoads(partitions), [0] * partitions
    one, other = words(np.random.default_rng(seed)), np.random.default_rng(seed)
    changes = st.tuples(st.integers(0, partitions - 1), st.sampled_from([0, 1, 2, 9]))
    for partition, length in data.draw(st.lists(changes, max_size=3 * partitions)):
        queued[partition] = length
        loads.see(partition, length)
        assert loads.draw(one) == drawn_over_all(queued, other)
