"""The parts that actors spend on a request add up to the mean that the bound takes for it."""

from dataclasses import fields

import pytest

from model import MEASURED_MACHINE, MachineConfig, ProducerConfig
from model.costs import BrokerCosts, ClientCosts

#: Every constant is another prime number of microseconds: none can stand in for another.
PRIMES = (
    *(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47),
    *(53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107),
)
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
    assert costs.mean_network_thread_s(9) == pytest.approx(costs.reading_s + costs.writing_s)
    assert costs.mean_log_lock_s(2, 1_000) == pytest.approx(
        costs.append_s(600, 0.0) + costs.append_s(400, 0.0)
    )


def test_a_codec_costs_the_client_and_the_broker_by_uncompressed_bytes() -> None:
    zstd = ProducerConfig(compression_type="zstd")
    client, broker = ClientCosts(MACHINE, zstd), BrokerCosts(MACHINE, zstd)
    assert client.compress_byte_s == pytest.approx(67e-6)
    assert broker.validate_s(1_000) == pytest.approx(1_000 * 83e-6)
    plain, more = BrokerCosts(MACHINE), broker.mean_service_s(2, 1_000, 500)
    assert more == pytest.approx(plain.mean_service_s(2, 1_000) + 500 * 83e-6)
    locked_s = plain.mean_log_lock_s(2, 1_000) + 500 * 83e-6
    assert broker.mean_log_lock_s(2, 1_000, 500) == pytest.approx(locked_s)
    faster = ProducerConfig(compression_type="zstd", compression_level=1)
    assert ClientCosts(MACHINE, faster).compress_byte_s == pytest.approx(0.8 * 67e-6)


def test_tls_costs_both_ends_by_request_and_byte() -> None:
    tls = ProducerConfig(security_protocol="SASL_SSL")
    client, broker = ClientCosts(MACHINE, tls), BrokerCosts(MACHINE, tls)
    spent_s = client.sending_s(1, 1_000) + client.answers_s(1, 16)
    assert spent_s == pytest.approx(client.mean_request_s(1_000, 16))
    assert spent_s == pytest.approx((3 + 89 + 1_000 * (5 + 97) + 16 * 7) * 1e-6)
    assert client.handshake_s == pytest.approx(107e-6)
    work_s = broker.reading_s + broker.writing_s + broker.decrypt_s(1_000)
    assert broker.mean_network_thread_s(1_000) == pytest.approx(work_s)
    assert broker.decrypt_s(1_000) == pytest.approx((101 + 1_000 * 103) * 1e-6)


def test_replication_is_an_answer_an_append_and_the_next_fetch() -> None:
    costs = BrokerCosts(MEASURED_MACHINE)
    spent_s = costs.fetch_answer_s(1_000) + costs.copy_s(1, 1_000) + costs.request_s
    assert costs.mean_replication_s(1_000) == pytest.approx(spent_s)
