"""The model's one verb: a scenario and a seed in, a run out."""

from model.cluster import Cluster
from model.config.scenario import Scenario
from model.outcome.recorder import Recorder
from model.outcome.run import Run


def simulate(scenario: Scenario, seed: int) -> Run:
    """Run a scenario to its horizon, and on until its faults have shown what they do.

    Same scenario and seed, same rows, bit for bit.
    """
    recorder = Recorder(scenario.producers)
    cluster = Cluster.build(scenario, seed, recorder)
    cluster.run()
    starts = [producer.start_times() for producer in cluster.producers]
    unanswered_since = [request.sent_s for request in cluster.in_flight()]
    ended = cluster.env.now, not cluster.unsettled
    return Run.of(scenario, seed, recorder, starts, unanswered_since, *ended)
