"""The three producers that are compared, made from the user's own.

One in flight, as people set it for order's sake; five in flight with idempotence, which keeps
order; five in flight without. Everything else is as the user has it, so that nothing but depth and
idempotence differs (and acks, where idempotence needs all).
"""

from dataclasses import replace

from model import ConfigError, ProducerConfig
from model.settings import Resolved

ONE = "one in flight"
FIVE = "five in flight, idempotent"
FIVE_PLAIN = "five in flight, not idempotent"
LABELS = (ONE, FIVE, FIVE_PLAIN)

IN_FLIGHT = "max.in.flight.requests.per.connection"
IDEMPOTENCE = "enable.idempotence"


def contenders(resolved: Resolved) -> dict[str, ProducerConfig]:
    """The producers by label.

    Raises ConfigError where the user asked for several requests in flight and for acks that cannot
    be idempotent, without saying that idempotence may be off: the client would drop it silently,
    and with it the order that this comparison is about.
    """
    own = resolved.producer
    written = {setting.key for setting in resolved.values if setting.origin == "set"}
    depth = own.max_in_flight_requests_per_connection
    asked_for_both = {"acks", IN_FLIGHT} <= written and IDEMPOTENCE not in written
    if asked_for_both and depth > 1 and not own.enable_idempotence:
        rule = f"must be all to keep {depth} requests in flight in order ({IN_FLIGHT}={depth})"
        raise ConfigError("acks", own.acks, f"{rule}; or set {IDEMPOTENCE}=false to go without")
    five = replace(own, max_in_flight_requests_per_connection=5, enable_idempotence=False)
    return {
        ONE: replace(own, max_in_flight_requests_per_connection=1),
        FIVE: replace(five, enable_idempotence=True, acks="all"),
        FIVE_PLAIN: five,
    }
