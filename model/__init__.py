"""Inflight's model of Kafka's producer: what a scenario is made of, and :func:`simulate`."""

from model.config.checks import ConfigError
from model.config.cluster import BrokerConfig, MachineConfig, PathConfig, TopicConfig
from model.config.delays import Constant, Empirical, Lognormal, Uniform, read_samples
from model.config.faults import Fault
from model.config.machines import MEASURED_MACHINE, REFERENCE_MACHINE, load_machine
from model.config.producer import ProducerConfig
from model.config.scenario import Scenario
from model.config.workload import ClosedLoop, OpenLoop, Saturating, Workload
from model.outcome.run import Run
from model.simulate import simulate

__all__ = [
    "MEASURED_MACHINE",
    "REFERENCE_MACHINE",
    "BrokerConfig",
    "ClosedLoop",
    "ConfigError",
    "Constant",
    "Empirical",
    "Fault",
    "Lognormal",
    "MachineConfig",
    "OpenLoop",
    "PathConfig",
    "ProducerConfig",
    "Run",
    "Saturating",
    "Scenario",
    "TopicConfig",
    "Uniform",
    "Workload",
    "load_machine",
    "read_samples",
    "simulate",
]
