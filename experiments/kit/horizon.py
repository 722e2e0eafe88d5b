"""How long to simulate: so many requests, whatever the distance."""

from dataclasses import replace

from model import Scenario
from model.costs import BrokerCosts
from model.outcome.bound import MeanRequest, bound
from model.wire.sizes import request_bytes


def full_request(scenario: Scenario) -> MeanRequest:
    """A request with one full batch for every partition that a broker leads."""
    packing = scenario.packing
    batches = max(1, scenario.topic.partitions // scenario.topic.brokers)
    batch_bytes = packing.sizes[packing.records]
    batches = min(batches, max(1, scenario.producer.max_request_size_bytes // batch_bytes))
    size_bytes = request_bytes(batches * batch_bytes, batches)
    service_s = BrokerCosts(scenario.machine).mean_service_s(batches, batches * batch_bytes)
    return MeanRequest(batches * packing.records, batches, size_bytes, service_s)


def over_requests(scenario: Scenario, warmup: int, measured: int) -> Scenario:
    """The scenario with its window set to last about so many full requests."""
    request = full_request(scenario)
    request_s = request.records / bound(scenario, request).records_per_s
    return over_seconds(scenario, warmup * request_s, measured * request_s)


def over_seconds(scenario: Scenario, warmup_s: float, measured_s: float) -> Scenario:
    """The scenario with its window set, and with at least five round trips of warm-up."""
    return replace(scenario, warmup_s=max(warmup_s, 5 * scenario.path.rtt_s), measured_s=measured_s)
