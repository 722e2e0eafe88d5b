"""A user's file as text: a regular file of a bounded size, or a refusal in one line.

A pipe would be waited for, a device has no end, and whoever reads a file of gigabytes ends for want
of memory.
"""

import os
import stat
from os import PathLike

from model.config.checks import ConfigError

#: Ours: far above any file that a setting names.
MOST_BYTES = 16 * 1024 * 1024


def read_text(setting: str, path: str | PathLike[str], most_bytes: int = MOST_BYTES) -> str:
    """What a file holds, in UTF-8. Raises ConfigError for what is no such file."""
    try:
        return read_bytes(setting, path, most_bytes).decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(setting, path, "must be text in UTF-8") from None


def read_bytes(setting: str, path: str | PathLike[str], most_bytes: int = MOST_BYTES) -> bytes:
    """The same as bytes."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # else opening a pipe waits already
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise ConfigError(setting, path, "must be a regular file")
        with open(handle, "rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        reason = (error.strerror or "no such path").lower()
        raise ConfigError(setting, path, f"cannot be read ({reason})") from error
    except ValueError as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(setting, path, "cannot be read (no such path)") from error
    if len(content) > most_bytes:
        raise ConfigError(setting, path, f"must be at most {most_bytes:,} bytes")
    return content
