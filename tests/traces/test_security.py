"""What TLS and SASL cost: round trips of a new connection, and work on each request and byte."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from model import Fault, OpenLoop, Scenario, Workload, simulate
from model.config.security import newest_tls, round_trips

RTT_MS = 10
Make = Callable[..., Scenario]


@pytest.mark.parametrize(
    ("protocol", "mechanism", "tls", "expected"),
    [
        ("PLAINTEXT", "GSSAPI", "TLSv1.3", 0),
        ("SSL", "GSSAPI", "TLSv1.3", 1),
        ("SSL", "GSSAPI", "TLSv1.2", 2),
        ("SASL_PLAINTEXT", "PLAIN", "TLSv1.3", 3),
        ("SASL_SSL", "PLAIN", "TLSv1.3", 4),
        ("SASL_SSL", "SCRAM-SHA-512", "TLSv1.2", 6),
        ("SASL_SSL", "GSSAPI", "TLSv1.3", 6),
        ("SASL_SSL", "AWS_MSK_IAM", "TLSv1.3", 4),
    ],
)
def test_a_handshake_takes_round_trips(
    tiny: Make, protocol: str, mechanism: str, tls: str, expected: int
) -> None:
    assert round_trips(protocol, mechanism, tls) == expected
    security = {"security_protocol": protocol, "sasl_mechanism": mechanism, "tls_version": tls}
    plain, secure = (
        first_drained_ms(tiny(warm_start=False, measured_s=1, **settings))
        for settings in ({}, security)
    )
    # each a control request that takes its round trip and 0.3 ms in the broker
    assert secure - plain == pytest.approx(expected * (RTT_MS + 0.3))


def first_drained_ms(scenario: Scenario) -> float:
    return min(row.drained_s for row in simulate(scenario, seed=1).requests) * 1e3


def test_tls_is_work_for_both_ends(
    tiny: Make, machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    costs = {
        "broker_request_us": 300,
        "client_tls_request_us": 200,
        "client_tls_byte_us": 0.1,
        "broker_tls_request_us": 50,
        "broker_tls_byte_us": 0.2,
    }
    scenario = tiny(
        security_protocol="SSL",
        machine=machine(**costs),
        workload=Workload(arrival=OpenLoop(10.0)),
    )
    (first,) = story(simulate(scenario, seed=1), "drained_s", "sent_s", "service_s", most=1)
    size_bytes = 52 + 61 + 1_009
    assert first == (0, round(0.1 + 1e-4 * size_bytes, 6), round(0.35 + 2e-4 * size_bytes, 6))


def test_a_connection_that_is_lost_is_made_again_with_its_handshake(tiny: Make) -> None:
    reset = Fault(what="connection-reset", at_s=0.05)
    gaps_ms = []
    for protocol in ("PLAINTEXT", "SASL_SSL"):
        run = simulate(
            tiny(
                security_protocol=protocol,
                sasl_mechanism="PLAIN",
                retry_backoff_ms=1,
                retry_backoff_max_ms=1,
                faults=(reset,),
                measured_s=1,
                workload=Workload(arrival=OpenLoop(200.0)),
            ),
            seed=1,
        )
        assert run.guarantees.failed == 0
        acked_s = sorted(row.acked_s for row in run.batches)
        gaps_ms.append(1e3 * max(b - a for a, b in pairwise(acked_s)))
    assert gaps_ms[1] - gaps_ms[0] == pytest.approx(4 * (RTT_MS + 0.3), abs=6)


def test_the_newest_enabled_version_is_spoken() -> None:
    assert newest_tls("") == newest_tls("TLSv1.2, TLSv1.3") == "TLSv1.3"
    assert newest_tls("TLSv1.2") == newest_tls("TLSv1.1,TLSv1.2") == "TLSv1.2"
