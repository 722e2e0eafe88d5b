"""kafka-python: a port of Kafka's Java client, with one batch of a partition out when idempotent.

Read: kafka/producer of 3.0, 2.2 and 2.0.2; measured: 3.0.12 in ``clients.csv``. Its application and
its Sender share one interpreter: a thread that slept gets it back late. Left out: that it writes a
request before the last one is wholly in the socket, which the system's own send buffer takes.
"""

from collections.abc import Iterator, Mapping

from model.clients.options import Asked, Option, Value
from model.clients.profile import Alone, Counts, Keyless, Names, Profile, Work

IN_FLIGHT, IDEMPOTENCE = "max_in_flight_requests_per_connection", "enable_idempotence"
ACKS, RETRIES, BUFFER = "acks", "retries", "buffer_memory"
BACKOFF, DELIVERY = "retry_backoff_ms", "delivery_timeout_ms"
REQUEST, LINGER = "request_timeout_ms", "linger_ms"
UNLIMITED = 2**31 - 1
#: Ours: a timeout that there is not: a month.
NEVER_MS = 2_592_000_000.0

OPTIONS = (
    Option(ACKS, "word", "-1", sets="acks", choices=("all", "-1", "0", "1"), was=(("3.0", "1"),)),
    Option(
        IDEMPOTENCE, "flag", True, sets="enable_idempotence", was=(("3.0", False),), since="2.1"
    ),
    Option(RETRIES, "whole", UNLIMITED, sets="retries", was=(("2.1", 0),)),
    Option(IN_FLIGHT, "whole", 5, sets=IN_FLIGHT, low=1, high=1_000_000),
    Option("batch_size", "whole", 16_384),
    Option(LINGER, "number", 0.0, sets=LINGER),
    Option(BUFFER, "whole", 33_554_432, low=1, until="2.0"),
    Option("max_block_ms", "number", 60_000.0, sets="max_block_ms"),
    Option("max_request_size", "whole", 1_048_576, sets="max_request_size_bytes", low=1),
    Option(REQUEST, "number", 30_000.0, sets=REQUEST),
    Option(DELIVERY, "number", 120_000.0, since="2.1"),
    Option(BACKOFF, "number", 100.0),
    Option("reconnect_backoff_ms", "number", 50.0, sets="reconnect_backoff_ms"),
    Option(
        *("reconnect_backoff_max_ms", "number", 30_000.0),
        sets="reconnect_backoff_max_ms",
        was=(("2.1", 1_000.0),),
    ),
    Option("metadata_max_age_ms", "number", 300_000.0, sets="metadata_max_age_ms"),
    Option("send_buffer_bytes", "whole", 0),
    Option(
        *("compression_type", "word", "none"),
        sets="compression_type",
        choices=("none", "gzip", "snappy", "lz4", "zstd"),
    ),
)


def _settle(asked: Asked) -> Mapping[str, Value]:
    """Source: KafkaProducer.__init__; without buffer_memory nothing holds an application back."""
    values = asked.values
    kept = int(values.get(BUFFER, 33_554_432))
    settled: dict[str, Value] = {
        "enable_idempotence": values.get(IDEMPOTENCE, False),
        "batch_size_bytes": max(1, int(values["batch_size"])),
        "buffer_memory_bytes": kept,
        "retry_backoff_ms": values[BACKOFF],
        "retry_backoff_max_ms": values[BACKOFF],
        "delivery_timeout_ms": values.get(DELIVERY, NEVER_MS),
        "send_buffer_bytes": int(values["send_buffer_bytes"]) or -1,
    }
    if BUFFER not in values:
        settled["buffer_records"] = UNLIMITED
    return settled


def _refuse(asked: Asked) -> Iterator[tuple[str, str]]:
    """Source: KafkaProducer.__init__, 2.1 and later."""
    values, when = asked.values, f"with {IDEMPOTENCE}"
    if values.get(IDEMPOTENCE):
        if int(values[RETRIES]) == 0:
            yield RETRIES, f"above 0 {when}"
        if int(values[IN_FLIGHT]) > 5:
            yield IN_FLIGHT, f"at most 5 {when}"
        if values[ACKS] not in ("all", "-1"):
            yield ACKS, f"all {when}"


def _tell(asked: Asked) -> Iterator[str]:
    """What holds whatever is set."""
    if asked.values.get(IDEMPOTENCE) or asked.values[IN_FLIGHT] == 1:
        yield "One batch of a partition is out at a time, whatever is allowed"


PROFILE = Profile(
    name="kafka-python",
    title="kafka-python",
    names=Names(
        idempotent={IDEMPOTENCE: "true"},
        plain={IDEMPOTENCE: "false"},
        batch_bytes="batch_size",
        linger_ms="linger_ms",
        in_flight=IN_FLIGHT,
    ),
    oldest="1.4",
    newest="3.0",
    options=OPTIONS,
    settle=_settle,
    refuse=_refuse,
    tell=_tell,
    refuses_unknown=True,
    constants={
        "retry_backoff_jitter": 0.0,
        "metadata_recovery_strategy": "none",
        "produce_answers_name_leaders": False,
    },
    alone=Alone.WITH_IDEMPOTENCE,
    delivery_covers_request=True,
    splits=True,  # Sender._can_split of 3.0; taken to be so before
    keyless=Keyless.RANDOM,
    work=Work(
        append_us=30.0,
        request_us=100.0,
        record_us=150.0,
        wake_us=11_500.0,
        origin="fitted on the 1 ms rows: a request takes 5.0 ms, which makes the wake-up, and a"
        " round 2.5 ms more, which makes the records; the application's own time is assumed",
    ),
    latency=Counts.SENT_TO_READ,
)
