"""The model's one verb: a scenario and a seed in, a run out."""

from numbers import Integral

from model.cluster import Cluster
from model.config.checks import require
from model.config.scenario import Scenario
from model.outcome.capture import Capture
from model.outcome.recorder import Recorder
from model.outcome.run import Run


def simulate(scenario: Scenario, seed: int) -> Run:
    """Run a scenario to its horizon, and on until its faults have shown what they do.

    Same scenario and seed, same rows, bit for bit. Raises ConfigError for a seed that is no whole
    number from 0 on.
    """
    return _simulate(scenario, seed, None)


def captured(scenario: Scenario, seed: int) -> tuple[Run, Capture]:
    """The same run, and what a packet capture at the producers' connections shows of it."""
    capture = Capture()
    return _simulate(scenario, seed, capture), capture


def _simulate(scenario: Scenario, seed: int, capture: Capture | None) -> Run:
    require("scenario", type(scenario).__name__, "a Scenario", isinstance(scenario, Scenario))
    whole = isinstance(seed, Integral) and not isinstance(seed, bool)
    require("seed", ascii(seed), "a whole number >= 0", whole and seed >= 0)
    seed = int(seed)
    recorder = Recorder(scenario.producers)
    cluster = Cluster.build(scenario, seed, recorder, capture)
    cluster.run()
    starts = [producer.start_times() for producer in cluster.producers]
    unanswered_since = [request.sent_s for request in cluster.in_flight()]
    ended = cluster.env.now, not cluster.unsettled
    epochs = cluster.final_epochs()
    return Run.of(scenario, seed, recorder, starts, unanswered_since, *ended, epochs)
