"""The four producers whose harm is compared."""

from dataclasses import replace

from model import ProducerConfig

ONE = "acks=1, one in flight"
FIVE = "acks=1, five in flight"
FIVE_ALL = "acks=all, five in flight"
IDEMPOTENT = "idempotent, five in flight"


def producers(base: ProducerConfig) -> dict[str, ProducerConfig]:
    """A user's producer in four ways, everything else as it was."""
    plain = replace(base, acks="1", enable_idempotence=False)
    one = replace(plain, max_in_flight_requests_per_connection=1)
    five = replace(plain, max_in_flight_requests_per_connection=5)
    all_ = replace(five, acks="all")
    return {
        ONE: one,
        FIVE: five,
        FIVE_ALL: all_,
        IDEMPOTENT: replace(all_, enable_idempotence=True),
    }
