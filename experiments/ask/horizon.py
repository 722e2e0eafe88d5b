"""How long to look at requests that may be larger than the brokers' receive window.

Such a request takes a round trip for each window that it fills, however fast everything else is.
"""

from experiments.kit.horizon import full_request, over_requests, over_seconds
from model import Scenario
from model.config.cluster import REQUESTS_SHARE, receive_window_bytes


def over_windows(scenario: Scenario, warmup: int, measured: int) -> Scenario:
    """The scenario with its window set to last about so many full requests, or longer."""
    scenario = over_requests(scenario, warmup, measured)
    window = receive_window_bytes(scenario.broker.socket_receive_buffer_bytes, REQUESTS_SHARE)
    lines = scenario.producers * min(scenario.topic.brokers, scenario.topic.partitions)
    request_s = full_request(scenario).size_bytes * scenario.path.rtt_s / window / lines
    return over_seconds(
        scenario,
        max(scenario.warmup_s, warmup * request_s),
        max(scenario.measured_s, measured * request_s),
    )
