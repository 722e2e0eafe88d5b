"""Inflight: what a Kafka producer gains by keeping five requests in flight instead of one.

The public names, each imported when it is first asked for, so that ``import inflight`` takes no
time: a :class:`Scenario` with its parts and :func:`simulate` make a run, :func:`load_settings`
reads settings as Kafka's client does, :func:`sweep` varies a scenario; :mod:`inflight.frames` has
the rows of a run as frames, :mod:`inflight.style` the charts' look, :mod:`inflight.kit` what an
experiment of one's own is made of.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inflight import frames, kit, style
    from inflight.settings import load_settings
    from inflight.sweeps import sweep
    from model import (
        BETWEEN_BROKERS,
        MEASURED_MACHINE,
        PRODUCTION_TOPIC,
        REFERENCE_MACHINE,
        BrokerConfig,
        ClosedLoop,
        Compressibility,
        ConfigError,
        Constant,
        Empirical,
        Fault,
        Lognormal,
        MachineConfig,
        OpenLoop,
        PathConfig,
        ProducerConfig,
        Run,
        Saturating,
        Scenario,
        TopicConfig,
        Uniform,
        Workload,
        load_machine,
        producer_of,
        read_samples,
        simulate,
    )

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
    "__version__",
    "frames",
    "kit",
    "load_machine",
    "load_settings",
    "producer_of",
    "read_samples",
    "simulate",
    "style",
    "sweep",
]

__version__ = version("inflight")
_MODULES = {"frames", "kit", "style"}


if not TYPE_CHECKING:  # who checks types is to miss a name that there is not

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if name not in globals():
            globals().update(_imported(name))
        return globals()[name]


def _imported(name: str) -> dict[str, Any]:
    """The public names of the module that has this one."""
    if name == "sweep":
        from inflight.sweeps import sweep

        return {name: sweep}
    if name == "load_settings":
        from inflight.settings import load_settings

        return {name: load_settings}
    import model

    return {name: getattr(model, name) for name in model.__all__}


def __dir__() -> list[str]:
    return __all__
