"""Every experiment there is, in its order, and what else leaves results; how each is found.

Files are imported when they are asked for, and nothing heavy before, so that `--help` answers at
once. Adding a question is its file and its name here (docs/extend.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.kit.experiment import Experiment
    from model import ConfigError

#: Files under ``questions/``, most common question first: the order of `inflight ask`.
EXPERIMENTS = (
    "order",
    "story",
    "loss",
    "idempotence",
    "packet_loss",
    "connection",
    "depth",
    "clients",
    "pipe",
    "producers_memory",
    "linger_load",
    "batch_depth",
    "steps",
    "compression",
    "sync",
    "replication",
    "leader_killed",
    "likelihood",
    "errors",
    "out_of_order",
    "expiry",
    "buffer",
    "timeout",
    "partitions_brokers",
    "breakeven",
    "connect",
)
#: The committed results of the clone where one stands, and where runs leave one's own, which git
#: ignores.
RESULTS, OWN = Path("results"), Path("inflight-results")
#: What came with Inflight: the same in a clone; a wheel has it beside the code, to be read only.
PUBLISHED = Path(__file__).parents[1] / "results"
#: The same for experiments, and for smoke runs: each in a folder of its name.
SWEEPS, OWN_SWEEPS, SMOKE = RESULTS / "sweeps", OWN / "sweeps", OWN / "smoke"
#: Ours: letters of a word that are compared.
LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Stored:
    """Results that are no experiment's: a name and folder, a question, the command that makes them.

    ``module``, named from this package on, has ``redraw(folder)``, which draws the charts again
    from stored rows, ``sections(results)`` for the report and ``excerpts(results)`` for README and
    docs.
    """

    name: str
    question: str
    command: str
    module: str

    def load(self) -> ModuleType:
        """The module."""
        return import_module(f"{__package__}.{self.module}")


OTHERS = (
    Stored(
        "compare",
        "What does one request in flight cost against five, by distance?",
        "compare",
        "compare.stored",
    ),
    Stored("faults", "What does each fault do to records?", "faults", "faults.stored"),
    Stored(
        "validation",
        "How far are predictions from a measured Kafka?",
        "validate",
        "validation.stored",
    ),
    Stored(
        "bench",
        "What does a simulation cost, against what, and how does that grow?",
        "bench",
        "bench.stored",
    ),
)


def results_of(folder: str) -> Path:
    """Where the results of this name are: one's own before what is committed or came with it."""
    places = [results / folder for results in (OWN, RESULTS, PUBLISHED)]
    return next((place for place in places if any(place.glob("**/*.csv"))), RESULTS / folder)


def module_of(name: str) -> str:
    """The module of an experiment of this name."""
    return f"{__package__}.questions.{name}"


@cache
def load(name: str) -> "Experiment":
    """An experiment by its name. Raises ConfigError."""
    from experiments.kit.experiment import Experiment

    if name not in EXPERIMENTS:
        close = get_close_matches(name, EXPERIMENTS, 1)
        rule = f"must be one of {', '.join(EXPERIMENTS)}"
        raise _refused("experiment", name, f"did you mean {close[0]}?" if close else rule)
    experiment = import_module(module_of(name)).EXPERIMENT
    assert isinstance(experiment, Experiment)
    return experiment


def every() -> Iterator["Experiment"]:
    """All experiments in their order."""
    return map(load, EXPERIMENTS)


def find(wanted: str) -> "list[Experiment]":
    """The experiment of this number, name or alias; else those that are about these words.

    Raises ConfigError where there is none.
    """
    name = wanted.lower()
    if name.isdecimal() and 1 <= int(name) <= len(EXPERIMENTS):
        return [load(EXPERIMENTS[int(name) - 1])]
    if name in EXPERIMENTS:
        return [load(name)]
    if named := [experiment for experiment in every() if name in experiment.aliases]:
        return named
    words = name.replace("-", " ").split()
    if found := [experiment for experiment in every() if _asks(experiment, words)]:
        return found
    rule = f"must be from 1 to {len(EXPERIMENTS)}, or words of a question that inflight ask lists"
    close = _close(words)
    raise _refused("question", wanted, f"{rule}; did you mean {close}?" if close else rule)


def _close(words: list[str]) -> str:
    """The first of these words that is nearly one of a question's, as that is spelled."""
    spoken = " ".join(map(_text, every())).split()
    known = list(dict.fromkeys(word.strip(".,:;?") for word in spoken))
    found = (get_close_matches(word[:LONGEST_WORD], known, 1) for word in words)
    return next((close for each in found for close in each), "")


def _asks(experiment: "Experiment", words: list[str]) -> bool:
    """Whether an experiment's names, question and topics have all words, or their beginnings."""
    text = _text(experiment)
    spoken = [word for word in words if not word.isdecimal()]  # a number alone is a question's
    return bool(spoken) and all(re.search(rf"\b{re.escape(word)}", text) for word in words)


def _text(experiment: "Experiment") -> str:
    """The names of an experiment, its question and its topics: what it is found by."""
    said = experiment.name, *experiment.aliases, experiment.question, experiment.about
    return " ".join(said).lower()


def _refused(setting: str, value: str, rule: str) -> "ConfigError":
    from model import ConfigError
    from model.settings.shown import one_line

    return ConfigError(setting, one_line(value), rule)
