"""A question as a frozen value: how a user puts it, how it is looked into, how it is answered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.task import Task

#: Ours: where brokers are usually thought of as far; the distance of the measured faults.
RTT_MS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``aliases`` are words to ask it by; ``rtt_ms`` is the distance if the user gives none.

    ``tasks`` raises ConfigError before anything is simulated; ``draw`` and ``answer`` are functions
    of rows alone.
    """

    number: int
    text: str
    aliases: tuple[str, ...]
    tasks: Callable[[Base], Iterable[Task]]
    draw: Callable[[pd.DataFrame], Figure]
    answer: Callable[[pd.DataFrame], str]
    assumption: str
    rtt_ms: float = RTT_MS
