"""Inflight's model of Kafka's producer: what a scenario is made of, and :func:`simulate`.

Names are imported when they are first used: who only reads settings waits for no NumPy, no SimPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from model.machine_code import path

if TYPE_CHECKING:
    from model.config.checks import ConfigError
    from model.config.cluster import (
        BETWEEN_BROKERS,
        PRODUCTION_TOPIC,
        BrokerConfig,
        MachineConfig,
        PathConfig,
        TopicConfig,
    )
    from model.config.compression import Compressibility
    from model.config.delays import Constant, Empirical, Lognormal, Uniform, read_samples
    from model.config.faults import Fault
    from model.config.machines import MEASURED_MACHINE, REFERENCE_MACHINE, load_machine
    from model.config.producer import ProducerConfig
    from model.config.scenario import Scenario
    from model.config.workload import ClosedLoop, OpenLoop, Saturating, Workload
    from model.outcome.run import Run
    from model.settings.presets import producer_of
    from model.simulation import simulate

__path__ = path(__path__)

_HOMES = {
    "config.checks": ("ConfigError",),
    "config.cluster": (
        *("BETWEEN_BROKERS", "PRODUCTION_TOPIC"),
        *("BrokerConfig", "MachineConfig", "PathConfig", "TopicConfig"),
    ),
    "config.compression": ("Compressibility",),
    "config.delays": ("Constant", "Empirical", "Lognormal", "Uniform", "read_samples"),
    "config.faults": ("Fault",),
    "config.machines": ("MEASURED_MACHINE", "REFERENCE_MACHINE", "load_machine"),
    "config.producer": ("ProducerConfig",),
    "config.scenario": ("Scenario",),
    "config.workload": ("ClosedLoop", "OpenLoop", "Saturating", "Workload"),
    "outcome.run": ("Run",),
    "settings.presets": ("producer_of",),
    "simulation": ("simulate",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "BETWEEN_BROKERS",
    "MEASURED_MACHINE",
    "PRODUCTION_TOPIC",
    "REFERENCE_MACHINE",
    "BrokerConfig",
    "ClosedLoop",
    "Compressibility",
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
    "producer_of",
    "read_samples",
    "simulate",
]


if not TYPE_CHECKING:  # who checks types is to miss a name that there is not

    def __getattr__(name: str) -> object:
        """One of the names above, from the module that has it."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
