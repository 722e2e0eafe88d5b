"""How a setting is refused: one line with its name, its value and the rule it breaks."""

import math
from numbers import Real

#: Ours: a minute. No client waits longer for a connection (socket.connection.setup.timeout.max.ms).
MOST_DELAY_MS = 60_000.0
#: Ours: a month, which the longest delivery.timeout.ms fits into (an int of ms: 25 days).
MOST_HORIZON_S = 3_000_000.0


class ConfigError(ValueError):
    """A setting that cannot be: ``str()`` of it is one line naming setting, value and rule."""

    def __init__(self, setting: str, value: object, rule: str) -> None:
        super().__init__(setting, value, rule)  # what it is unpickled from
        self.setting, self.value, self.rule = setting, value, rule

    def __str__(self) -> str:
        return f"{self.setting}={self.value}: {self.rule}"


def require(setting: str, value: object, rule: str, holds: bool) -> None:
    """Raise ConfigError unless the rule holds; ``rule`` completes the sentence "must be ..."."""
    if not holds:
        raise ConfigError(setting, value, f"must be {rule}")


def require_at_least(setting: str, value: float, floor: float) -> None:
    """Refuse NaN, infinity and anything below ``floor``."""
    require(setting, value, f"a number >= {floor:g}", _is_finite(value) and value >= floor)


def require_at_most(setting: str, value: float, ceiling: float, why: str = "") -> None:
    """Refuse anything above ``ceiling``, and NaN; ``why`` is told behind it in brackets."""
    rule = f"at most {ceiling:,.12g}{f' ({why})' if why else ''}"
    require(setting, value, rule, value <= ceiling)


def require_positive(setting: str, value: float) -> None:
    """Refuse NaN, infinity, zero and anything negative."""
    require(setting, value, "a number > 0", _is_finite(value) and value > 0)


def require_delay_ms(setting: str, value: float) -> None:
    """Refuse what no packet takes."""
    require_at_least(setting, value, 0)
    require_at_most(setting, value, MOST_DELAY_MS)


def require_count(setting: str, value: int, floor: int, ceiling: int) -> None:
    """Refuse what is not a whole number from ``floor`` to ``ceiling``."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    require(
        setting,
        value,
        f"a whole number from {floor} to {ceiling}",
        whole and floor <= value <= ceiling,
    )


def _is_finite(value: object) -> bool:
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer that no float holds
        return False
