"""The brokers' receive window: who would run into it with full requests."""

from experiments.kit.horizon import full_request
from model import Scenario
from model.config.cluster import REQUESTS_SHARE, receive_window_bytes


def window_bytes(scenario: Scenario) -> float:
    """What a connection's receive window is; infinite where the system chooses."""
    return receive_window_bytes(scenario.broker.socket_receive_buffer_bytes, REQUESTS_SHARE)


def fills_receive_window(scenario: Scenario) -> bool:
    """Whether full requests in flight exceed the window that the brokers' sockets offer."""
    in_flight = scenario.producer.max_in_flight_requests_per_connection
    return in_flight * full_request(scenario).size_bytes > window_bytes(scenario)
