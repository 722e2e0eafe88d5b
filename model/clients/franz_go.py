"""franz-go (Go): one sink for each broker drains every partition that has something.

Read: sink.go, config.go, broker.go; measured: franz-go 1.22.3 in ``clients.csv``. In flight: one
until the first answer, then five (the source has a semaphore of four beside one slot of before;
measured are five, steadily). A partition has one batch out until one was acknowledged. Until its
sink knows the broker's version a record counts with the larger overhead of the old format, so the
first batches hold fewer; that lasts for what was buffered before the first answer, which far from
the broker is all that fits the buffer. Measured too: that holds about 50,000 records, where the
source that was read says 10,000. Left out: that records which a codec compresses are taken for
larger at first, too.
"""

from collections.abc import Iterator, Mapping

from model.clients.options import Asked, Option, Value
from model.clients.profile import Alone, Counts, Estimate, Names, Profile, Resends, Work

IN_FLIGHT, NOT_IDEMPOTENT = "MaxProduceRequestsInflightPerBroker", "DisableIdempotentWrite"
ACKS, RETRIES = "RequiredAcks", "RecordRetries"
TIMEOUT, OVERHEAD = "ProduceRequestTimeout", "RequestTimeoutOverhead"
CODEC = "ProducerBatchCompression"
DELIVERY, BUFFERED = "RecordDeliveryTimeout", "MaxBufferedRecords"
#: Measured: 4.96 on their way in the mean.
IN_FLIGHT_IDEMPOTENT = 5
#: Ours: a timeout that there is not: a month.
NEVER_MS = 2_592_000_000.0
UNLIMITED = 2**31 - 1
#: Measured: latency times rate of a queue that is full.
MEASURED_BUFFER = 50_000

OPTIONS = (
    Option(NOT_IDEMPOTENT, "flag", False),
    Option(IN_FLIGHT, "whole", 1, low=1, high=1_000_000),
    Option(ACKS, "word", "all", sets="acks", choices=("all", "-1", "0", "1")),
    Option("ProducerLinger", "number", 10.0, sets="linger_ms", was=(("1.20", 0.0),)),
    Option(
        *("ProducerBatchMaxBytes", "whole", 1_000_012),
        sets="batch_size_bytes",
        low=1,
        was=(("1.11", 1_000_000),),
    ),
    Option("BrokerMaxWriteBytes", "whole", 100 << 20, sets="max_request_size_bytes", low=1),
    Option(BUFFERED, "whole", MEASURED_BUFFER, sets="buffer_records", low=1),
    Option(RETRIES, "whole", UNLIMITED, sets="retries"),
    Option(DELIVERY, "number", 0.0),
    Option(TIMEOUT, "number", 10_000.0, sets="produce_timeout_ms"),
    Option(OVERHEAD, "number", 10_000.0),
    Option(
        *(CODEC, "word", "snappy"),
        sets="compression_type",
        choices=("none", "gzip", "snappy", "lz4", "zstd"),
    ),
)


def _settle(asked: Asked) -> Mapping[str, Value]:
    """Source: config.go, Opt.apply and validate; times in ms, as everywhere here."""
    values, idempotent = asked.values, not asked.values[NOT_IDEMPOTENT]
    return {
        "enable_idempotence": idempotent,
        "max_in_flight_requests_per_connection": (
            IN_FLIGHT_IDEMPOTENT if idempotent else values[IN_FLIGHT]
        ),
        "request_timeout_ms": float(values[TIMEOUT]) + float(values[OVERHEAD]),
        "delivery_timeout_ms": float(values[DELIVERY]) or NEVER_MS,
    }


def _refuse(asked: Asked) -> Iterator[tuple[str, str]]:
    """Source: cfg.validate. Measured: 4 and 5 in flight are refused with idempotence."""
    values = asked.values
    if not values[NOT_IDEMPOTENT]:
        if values[ACKS] not in ("all", "-1"):
            yield ACKS, f"all unless {NOT_IDEMPOTENT}"
        if values[IN_FLIGHT] != 1:
            yield IN_FLIGHT, f"1 unless {NOT_IDEMPOTENT}: it then keeps five by itself"


def _tell(asked: Asked) -> Iterator[str]:
    """What holds whatever is set."""
    if not asked.values[NOT_IDEMPOTENT]:
        yield "It keeps five requests in flight by itself, of one partition too"


PROFILE = Profile(
    name="franz-go",
    title="franz-go",
    names=Names(
        idempotent={NOT_IDEMPOTENT: "false", CODEC: "none"},
        plain={NOT_IDEMPOTENT: "true", CODEC: "none"},
        batch_bytes="ProducerBatchMaxBytes",
        linger_ms="ProducerLinger",
        in_flight=IN_FLIGHT,
        in_flight_idempotent="",
    ),
    oldest="1.0",
    newest="1.22",
    options=OPTIONS,
    settle=_settle,
    refuse=_refuse,
    tell=_tell,
    constants={
        "retry_backoff_ms": 250.0,
        "retry_backoff_max_ms": 5_000.0,
        "reconnect_backoff_ms": 250.0,
        "reconnect_backoff_max_ms": 5_000.0,
        "send_buffer_bytes": -1,
        "max_block_ms": NEVER_MS,
        # read: who is lost sight of is looked for, and records are taken meanwhile
        "metadata_recovery_strategy": "none",
    },
    early_estimate=Estimate(batch_bytes=61, record_bytes=38),
    starts_with_one=True,
    resends=Resends.REWOUND,
    sticky_bytes=64 << 10,
    alone=Alone.NEVER,
    latency=Counts.SENT_TO_READ,
    work=Work(
        request_us=10.0,
        wake_after_us=20_000.0,
        origin="fitted on the 1 ms rows of 16 KiB batches: their round takes 1.43 ms",
    ),
)
