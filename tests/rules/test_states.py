"""The tables of states: every legal step is taken, every other one raises."""

from collections.abc import Mapping, Set
from itertools import product
from typing import Any

import pytest

from model.wire.states import (
    BATCH_STEPS,
    NODE_STEPS,
    PRODUCER_ID_STEPS,
    BatchState,
    IllegalStepError,
    step,
)

TABLES: tuple[Mapping[Any, Set[Any]], ...] = (BATCH_STEPS, NODE_STEPS, PRODUCER_ID_STEPS)


@pytest.mark.parametrize("table", TABLES)
def test_a_step_is_taken_if_and_only_if_the_table_has_it(table: Mapping[Any, Set[Any]]) -> None:
    states = list(table)
    kind: Any = type(states[0])
    assert states == list(kind)
    for before, after in product(states, states):
        if after in table[before]:
            assert step(table, before, after) is after
        else:
            with pytest.raises(IllegalStepError, match=f"{before.name} to {after.name}"):
                step(table, before, after)


@pytest.mark.parametrize("state", ["ACKED", "FAILED", "SPLIT", "ABANDONED"])
def test_what_has_ended_stays_so(state: str) -> None:
    assert not BATCH_STEPS[BatchState[state]]
