"""The parts that actors spend on a request add up to the mean that the bound takes for it."""

from dataclasses import fields

import pytest

from model import MEASURED_MACHINE, MachineConfig
from model.costs import BrokerCosts, ClientCosts

#: Every constant is another prime number of microseconds: none can stand in for another.
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)
MACHINE = MachineConfig(
    **{field.name: prime for field, prime in zip(fields(MachineConfig), PRIMES, strict=True)}
)


def test_a_client_spends_what_the_bound_adds_up() -> None:
    costs = ClientCosts(MACHINE)
    spent_s = costs.sending_s(1, 1_000) + costs.answers_s(1, 16)
    assert spent_s == pytest.approx(costs.mean_request_s(1_000, 16))
    assert spent_s == pytest.approx((3 + 1_000 * 5 + 16 * 7) * 1e-6)


def test_a_broker_spends_what_the_bound_adds_up() -> None:
    costs = BrokerCosts(MACHINE)
    work_s = costs.reading_s + costs.handling_s + costs.writing_s + costs.mean_tail_s
    work_s += costs.append_s(600, 0.0) + costs.append_s(400, 0.0)
    stalls_s = 1_000 * MACHINE.broker_stalls_per_mb / 1e6 * costs.mean_stall_s
    assert work_s + stalls_s == pytest.approx(costs.mean_service_s(2, 1_000))
    assert costs.mean_network_thread_s() == pytest.approx(costs.reading_s + costs.writing_s)
    assert costs.mean_log_lock_s(2, 1_000) == pytest.approx(
        costs.append_s(600, 0.0) + costs.append_s(400, 0.0)
    )


def test_replication_is_an_answer_an_append_and_the_next_fetch() -> None:
    costs = BrokerCosts(MEASURED_MACHINE)
    spent_s = costs.fetch_answer_s(1_000) + costs.copy_s(1, 1_000) + costs.request_s
    assert costs.mean_replication_s(1_000) == pytest.approx(spent_s)
