"""Which faults are whose."""

from model.config.faults import Fault
from model.config.scenario import Scenario


def faults_of(scenario: Scenario, broker: int) -> tuple[Fault, ...]:
    return tuple(fault for fault in scenario.faults if fault.strikes(broker))
