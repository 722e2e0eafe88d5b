"""Which tool an output is of, and the one run in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.measure import exposition, librdkafka, openmessaging, perf_test
from experiments.measure.found import Found
from experiments.measure.output import documents, read_text, refused
from experiments.measure.told import Told

KNOWN = ", ".join((perf_test.TOOL, openmessaging.TOOL, f"{librdkafka.TOOL} statistics"))


def read_found(path: Path, told: Told, client: str = "") -> Found:
    """The run of one file. Raises ConfigError, naming the file, for what cannot be understood.

    ``client`` is one of several producers in a dump of metrics.
    """
    text = read_text(path)
    of = [reader for reader in (perf_test, exposition) if reader.claims(text)]
    statistics = [] if of or "{" not in text else list(documents(path, text))
    results = [each for each in statistics if openmessaging.claims(each)]
    windows = [each for each in statistics if librdkafka.claims(each)]
    if len(of) + bool(results) + bool(windows) > 1:
        raise refused(path, "has the output of several tools: give each a file of its own")
    if of == [perf_test]:
        return perf_test.read(path, text, told)
    if of == [exposition]:
        return exposition.read(path, text, told, client)
    if windows:
        return librdkafka.read(path, windows, told)
    if results:
        return openmessaging.read(path, _only(path, results), told)
    raise refused(path, f"is not what {KNOWN} or a dump of producer metrics look like")


def _only(path: Path, results: list[dict[str, Any]]) -> Mapping[str, Any]:
    if len(results) > 1:
        raise refused(path, f"holds {len(results)} runs: give each a file of its own")
    return results[0]
