"""The round trip that ping measured, where the plan's script left its output beside the runs.

Formats: iputils (``rtt min/avg/max/mdev = ...``), BSD, macOS and BusyBox (``round-trip
min/avg/max``). The least of all is taken: what a reply waits for a sleeping machine is not the
path's, and the model has it elsewhere.
"""

import re
from pathlib import Path

from experiments.measure.output import read_text, refused

NAME = "ping.out"
_SUMMARY = re.compile(r"^(?:rtt|round-trip) min/avg/max\S* = ([\d.]+)/([\d.]+)/([\d.]+)", re.M)


def beside(output: Path) -> Path | None:
    """Ping's output in the folder of a run; None where there is none."""
    path = output.with_name(NAME)
    return path if path.is_file() else None


def least_ms(path: Path) -> float:
    """The shortest round trip in ms. Raises ConfigError, naming the file, if none was measured."""
    found = _SUMMARY.search(read_text(path))
    if found is None:
        raise refused(path, "has no round trip of ping's (blocked?): pass --rtt-ms")
    return float(found[1])
