"""The brokers' receive window, which the model does not have yet: who would run into it."""

from experiments.kit.horizon import full_request
from model import Scenario

#: Measured: the receive window that a client sees from brokers with default socket buffers.
RECEIVE_WINDOW_BYTES = 131_070


def fills_receive_window(scenario: Scenario) -> bool:
    """Whether full requests in flight exceed the window that default brokers offer."""
    in_flight = scenario.producer.max_in_flight_requests_per_connection
    return in_flight * full_request(scenario).size_bytes > RECEIVE_WINDOW_BYTES
