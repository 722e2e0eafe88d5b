"""Conversions between what people write and what the model runs in: bytes and seconds."""

MILLISECOND_S = 1e-3
MICROSECOND_S = 1e-6
#: An instant that does not come.
NEVER_S = float("inf")
KIB = 1024
MIB = 1024 * KIB

#: Two instants closer than this are one. Sums of float delays miss a deadline by an ulp; without
#: a tolerance a process that wakes for it would find itself too early and go round for nothing.
NOW_TOLERANCE_S = 1e-9


def seconds(milliseconds: float) -> float:
    """Milliseconds, as Kafka's settings have them, in the model's seconds."""
    return milliseconds * MILLISECOND_S


def whole_ms(at_s: float) -> int:
    """An instant as the client's clock shows it: whole milliseconds, cut off."""
    return int((at_s + NOW_TOLERANCE_S) / MILLISECOND_S)


def whole_ms_s(at_s: float) -> float:
    """The same in seconds."""
    return whole_ms(at_s) * MILLISECOND_S
