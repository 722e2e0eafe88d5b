"""aiokafka (Python, asyncio): one request in flight for each broker, one batch queued a partition.

Read: aiokafka/producer of 0.14; measured: 0.14.0 in ``clients.csv``. A send to a partition whose
batch is full waits until that one is drained, so a partition has a batch on its way and one that
fills, whatever memory there is.
"""

from collections.abc import Iterator, Mapping

from model.clients.options import Asked, Option, Value
from model.clients.profile import Alone, Counts, Keyless, Lingers, Names, Profile, Work

IDEMPOTENCE, ACKS, BACKOFF = "enable_idempotence", "acks", "retry_backoff_ms"
REQUEST = "request_timeout_ms"
UNLIMITED = 2**31 - 1
#: Ours: a timeout that there is not: a month.
NEVER_MS = 2_592_000_000.0

OPTIONS = (
    Option(ACKS, "word", "1", choices=("all", "-1", "0", "1")),
    Option(IDEMPOTENCE, "flag", False, sets="enable_idempotence"),
    Option("max_batch_size", "whole", 16_384, sets="batch_size_bytes", low=1),
    Option("linger_ms", "number", 0.0, sets="linger_ms"),
    Option(REQUEST, "number", 40_000.0, sets="request_timeout_ms"),
    Option(BACKOFF, "number", 100.0),
    Option("max_request_size", "whole", 1_048_576, sets="max_request_size_bytes", low=1),
    Option("metadata_max_age_ms", "number", 300_000.0, sets="metadata_max_age_ms"),
    Option(
        *("compression_type", "word", "none"),
        sets="compression_type",
        choices=("none", "gzip", "snappy", "lz4", "zstd"),
    ),
)


def _settle(asked: Asked) -> Mapping[str, Value]:
    """Source: AIOKafkaProducer.__init__; a queued batch lives as long as a request, or for ever."""
    values, idempotent = asked.values, bool(asked.values[IDEMPOTENCE])
    return {
        "acks": values[ACKS] if ACKS in asked.given or not idempotent else "all",
        "retry_backoff_ms": values[BACKOFF],
        "retry_backoff_max_ms": values[BACKOFF],
        "delivery_timeout_ms": NEVER_MS if idempotent else values[REQUEST],
        "max_block_ms": values[REQUEST],
    }


def _refuse(asked: Asked) -> Iterator[tuple[str, str]]:
    """Source: AIOKafkaProducer.__init__."""
    values = asked.values
    if values[IDEMPOTENCE] and ACKS in asked.given and values[ACKS] not in ("all", "-1"):
        yield ACKS, f"all with {IDEMPOTENCE}"


def _tell(asked: Asked) -> Iterator[str]:
    """What holds whatever is set."""
    yield "One request is out at a time for each broker; it has no option for more"


PROFILE = Profile(
    name="aiokafka",
    title="aiokafka",
    names=Names(
        idempotent={IDEMPOTENCE: "true"},
        plain={IDEMPOTENCE: "false"},
        batch_bytes="max_batch_size",
        linger_ms="linger_ms",
    ),
    oldest="0.8",
    newest="0.14",
    options=OPTIONS,
    settle=_settle,
    refuse=_refuse,
    tell=_tell,
    refuses_unknown=True,
    constants={
        "max_in_flight_requests_per_connection": 1,
        "buffer_records": UNLIMITED,
        "retry_backoff_jitter": 0.0,
        "send_buffer_bytes": -1,
        "produce_answers_name_leaders": False,
        "metadata_recovery_strategy": "none",
    },
    lingers=Lingers.PARTITION,
    alone=Alone.ALWAYS,
    queued_batches=1,
    keyless=Keyless.RANDOM,
    work=Work(
        append_us=33.0,
        request_us=150.0,
        record_us=2.0,
        wake_after_us=20_000.0,
        origin="fitted on the 1 ms row: a round takes 1.64 ms, and the median latency is two"
        " rounds less the time to append eight records; what request and records share is assumed",
    ),
    latency=Counts.SENT_TO_READ,
)
