"""A fault: one thing that goes wrong, when, where and for how long.

Each kind is a small class of its own (:mod:`model.config.faults`), which says what it does in the
terms of who acts on it. Units: seconds of the run.
"""

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast

from model.config.checks import (
    MOST_HORIZON_S,
    require,
    require_at_least,
    require_at_most,
    require_count,
    require_positive,
)
from model.config.kinds import settle_kinds

#: Every kind by its name, in the order of the classes.
KINDS: dict[str, type[Any]] = {}


def parameter(default: object, tries: tuple[object, ...]) -> Any:
    """A field of a fault; ``tries`` are the values that a random schedule draws from."""
    return field(default=default, metadata={"tries": tries})


class Fault:
    """One thing that goes wrong at ``at_s``, for ``for_s``; ``broker`` None: with every broker.

    ``Fault(what="lost-acks", at_s=1, for_s=3)`` builds the class of that kind. Raises ConfigError.
    """

    what: str
    at_s: float
    broker: int | None
    for_s: float = 0.0

    def __init_subclass__(cls) -> None:
        if "what" in vars(cls):
            KINDS[cls.what] = cls

    if TYPE_CHECKING:  # all that any kind takes; each has its own fields

        def __new__(
            cls,
            *,
            what: str,
            at_s: float,
            broker: int | None = None,
            for_s: float = 0.0,
            rtt_ms: float = 0.0,
            times: float = 1.0,
            error: str = "",
            requests: int = 0,
        ) -> "Fault":
            """The class of that kind."""

    else:

        def __new__(cls, **given: object) -> "Fault":
            return super().__new__(cls) if cls is not Fault else _built(**given)

    @property
    def until_s(self) -> float:
        """When it is over."""
        return self.at_s + self.for_s

    @property
    def silences(self) -> bool:
        """Whether the brokers that it strikes are not heard of by others while it lasts."""
        return False

    def strikes(self, broker: int) -> bool:
        """Whether it is this broker's, or that of the way to it."""
        return self.broker is None or self.broker == broker

    def lasts(self, now_s: float) -> bool:
        """Whether it goes on at this instant."""
        return self.at_s <= now_s < self.until_s


def _built(what: object = "", **given: object) -> Fault:
    """A fault of this kind, not yet initialised, if that can be. Raises ConfigError."""
    known = isinstance(what, str) and what in KINDS
    require("what", what, f"one of {', '.join(KINDS)}", known)
    kind = KINDS[str(what)]
    own = {each.name for each in fields(kind)}
    for name, value in given.items():
        require(name, value, f"left out for {what}", name in own)
    require("at_s", None, f"given for {what}: when it strikes", "at_s" in given)
    return cast(Fault, object.__new__(kind))


@dataclass(frozen=True, kw_only=True)
class Sudden(Fault):
    """It strikes at one instant and is over."""

    what: str
    at_s: float
    broker: int | None = None

    def __post_init__(self) -> None:
        settle_kinds(self)
        names = [name for name, kind in KINDS.items() if kind is type(self)]
        require("what", self.what, " or ".join(names), self.what in names)
        require_at_least("at_s", self.at_s, 0)
        require_at_most("at_s", self.at_s, MOST_HORIZON_S)
        if self.broker is not None:
            require_count("broker", self.broker, 0, 10**6)


@dataclass(frozen=True, kw_only=True)
class Lasting(Sudden):
    """It goes on for ``for_s``."""

    for_s: float = parameter(0.0, tries=(0.05, 0.3, 0.7, 1.5, 2.5))

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive("for_s", self.for_s)
        require_at_most("for_s", self.for_s, MOST_HORIZON_S)
