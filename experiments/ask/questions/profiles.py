"""How many requests other clients really keep in flight, as data: a depth for each.

Taken from their sources as read for this project (librdkafka 2.15, Sarama, franz-go); what else
differs between clients, such as how they form batches, is left out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from model.config.producer import MAX_IN_FLIGHT_IDEMPOTENT

#: Read: RD_KAFKA_IDEMP_MAX_INFLIGHT counts messages, not requests, in
#: rd_kafka_toppar_producer_serve of librdkafka; measured by us: 4.87 in flight for batches of one
#: message, 0.99 for batches of five or more.
LIBRDKAFKA_MESSAGES = 5


@dataclass(frozen=True, slots=True)
class Profile:
    """A client; ``depth`` is what becomes of a depth asked for, by the records in its batches."""

    name: str
    idempotent: bool
    depth: Callable[[int, int], int]


def _as_asked(asked: int, records: int) -> int:
    return asked


def _java(asked: int, records: int) -> int:
    return min(asked, MAX_IN_FLIGHT_IDEMPOTENT)  # with more it does not start


def _librdkafka(asked: int, records: int) -> int:
    return min(asked, math.ceil(LIBRDKAFKA_MESSAGES / records))


def _one(asked: int, records: int) -> int:
    return 1


def _four(asked: int, records: int) -> int:
    return min(asked, 4)


PROFILES = (
    Profile("Java, idempotent", True, _java),
    Profile("librdkafka, not idempotent", False, _as_asked),
    Profile("librdkafka, idempotent", True, _librdkafka),
    Profile("franz-go, idempotent", True, _four),
    Profile("Sarama, idempotent", True, _one),
)
