"""Machine constants in the one file that holds them, with where they came from."""

import json
from importlib.resources import files
from os import PathLike

from model.config.checks import ConfigError
from model.config.cluster import MachineConfig
from model.config.files import read_text


def read_machine(text: str, name: str) -> MachineConfig:
    """Machine constants from JSON: ``{"constants": {name: microseconds, ...}, ...}``.

    Everything beside ``constants`` says where they came from and is not read. Raises ConfigError,
    naming ``name``, for text that is not such a file.
    """
    try:
        return MachineConfig(**json.loads(text)["constants"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        if isinstance(error, ConfigError):
            raise
        expected = ", ".join(MachineConfig.__slots__)
        raise ConfigError(
            "constants", name, f"must be JSON with 'constants': {expected}"
        ) from error


def load_machine(path: str | PathLike[str]) -> MachineConfig:
    """Machine constants from a file. Raises ConfigError for one that cannot be read."""
    return read_machine(read_text("constants", path), str(path))


#: Measured: `make calibrate` fits it on calibration rows of experiments/validation/measured.
MEASURED_MACHINE = read_machine(
    (files(__package__) / "reference_machine.json").read_text(encoding="utf-8"),
    "reference_machine.json",
)
#: The same for runs of a second or two, which meet a stall or none as chance has it: two settings
#: that are compared would differ by that alone.
REFERENCE_MACHINE = MEASURED_MACHINE.without_stalls()
