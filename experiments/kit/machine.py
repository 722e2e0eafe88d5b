"""The machine of an experiment: the reference one, or the user's own constants."""

from pathlib import Path

from model import REFERENCE_MACHINE, MachineConfig, load_machine


def machine_of(constants: Path | None) -> MachineConfig:
    """The machine in this file, as fast in the mean and without stalls; none: the reference one.

    Raises ConfigError for a file that cannot be read.
    """
    return load_machine(constants).without_stalls() if constants else REFERENCE_MACHINE
