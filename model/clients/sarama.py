"""sarama (Go): one request more out than was set, and from 1.48 on one batch of a partition.

Read: async_producer.go, produce_set.go, broker.go, config.go. One set of each broker accumulates
while the last one is being written, so there is no linger; what is on the wire is the setting and
one, for the writer writes before it waits. Measured: records per request, 1,012 of 1,000 bytes.
Left out: before 1.31, when a broker had one request; that a full part of the set whose partition
is muted holds up all others of the broker, but for the room there is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from model.clients.options import Asked, Option, Value
from model.clients.profile import Alone, Counts, Estimate, KeyHash, Keyless, Names, Profile

IN_FLIGHT, IDEMPOTENT = "Net.MaxOpenRequests", "Producer.Idempotent"
ACKS, RETRIES, BACKOFF = "Producer.RequiredAcks", "Producer.Retry.Max", "Producer.Retry.Backoff"
BATCH, CHANNEL = "Producer.MaxMessageBytes", "ChannelBufferSize"
READ, WRITE = "Net.ReadTimeout", "Net.WriteTimeout"
#: Read: dispatcher, topic, partition and broker: a channel in front of each, that of the partition
#: one of many.
CHANNELS = 4
#: Ours: what the set holds of one partition is counted in records of 1,000 bytes.
LEAST_RECORD = 1_036
#: Ours: a timeout that there is not: a month.
NEVER_MS = 2_592_000_000.0
WORDS = (("NoResponse", "0"), ("WaitForLocal", "1"), ("WaitForAll", "all"))
NO_FLUSH = "not modelled: a set leaves as soon as the writer is free"

OPTIONS = (
    Option(
        IN_FLIGHT, "whole", 5, sets="max_in_flight_requests_per_connection", low=1, high=999_999
    ),
    Option(ACKS, "word", "1", sets="acks", choices=("0", "1", "-1", "all"), words=WORDS),
    Option(IDEMPOTENT, "flag", False, sets="enable_idempotence"),
    Option(RETRIES, "whole", 3, sets="retries"),
    Option(BACKOFF, "number", 100.0),
    Option(BATCH, "whole", 1 << 20, sets="batch_size_bytes", low=1, was=(("1.43", 1_000_000),)),
    Option("Producer.Timeout", "number", 10_000.0, sets="produce_timeout_ms"),
    Option(READ, "number", 30_000.0, sets="request_timeout_ms"),
    Option("Net.DialTimeout", "number", 30_000.0, sets="socket_connection_setup_timeout_ms"),
    Option(CHANNEL, "whole", 256, low=0),
    Option("Producer.Flush.Bytes", "whole", 0, why=NO_FLUSH),
    Option("Producer.Flush.Messages", "whole", 0, why=NO_FLUSH),
    Option("Producer.Flush.Frequency", "number", 0.0, why=NO_FLUSH),
    Option(
        *("Producer.Compression", "word", "none"),
        sets="compression_type",
        choices=("none", "gzip", "snappy", "lz4", "zstd"),
    ),
)


def _settle(asked: Asked) -> Mapping[str, Value]:
    """Times in ms, as everywhere here. The set and the channels in front of it hold records."""
    values, channel = asked.values, int(asked.values[CHANNEL])
    return {
        "retry_backoff_ms": values[BACKOFF],
        "retry_backoff_max_ms": values[BACKOFF],
        "buffer_records": max(1, (CHANNELS - 1) * channel),
        "buffer_partition_records": channel + max(1, int(values[BATCH]) // LEAST_RECORD),
    }


def _refuse(asked: Asked) -> Iterator[tuple[str, str]]:
    """Source: Config.Validate."""
    values, when = asked.values, f"with {IDEMPOTENT}"
    if values[IDEMPOTENT]:
        if int(values[RETRIES]) < 1:
            yield RETRIES, f"at least 1 {when}"
        if values[ACKS] not in ("all", "-1"):
            yield ACKS, f"WaitForAll {when}"
        if values[IN_FLIGHT] != 1:
            yield IN_FLIGHT, f"1 {when}"


def _tell(asked: Asked) -> Iterator[str]:
    """What holds whatever is set."""
    yield (
        f"One request more than {IN_FLIGHT} is on the wire; from 1.48 on one batch of a partition"
    )


_PROFILE = Profile(
    name="sarama",
    title="sarama",
    names=Names(
        idempotent={IDEMPOTENT: "true", ACKS: "WaitForAll"},
        plain={IDEMPOTENT: "false"},
        batch_bytes=BATCH,
        in_flight=IN_FLIGHT,
    ),
    oldest="1.31",
    newest="1.61",
    options=OPTIONS,
    settle=_settle,
    refuse=_refuse,
    tell=_tell,
    constants={
        "linger_ms": 0.0,
        "max_request_size_bytes": 100 << 20,
        "delivery_timeout_ms": NEVER_MS,
        "reconnect_backoff_ms": 100.0,
        "reconnect_backoff_max_ms": 100.0,
        "retry_backoff_jitter": 0.0,
        "send_buffer_bytes": -1,
        "max_block_ms": NEVER_MS,
        "produce_answers_name_leaders": False,
        # read: who is lost sight of is looked for, and records are taken meanwhile
        "metadata_recovery_strategy": "none",
    },
    estimate=Estimate(batch_bytes=49, record_bytes=36),
    requests_beyond=1,
    alone=Alone.ALWAYS,
    counts_waits=True,
    frees_when_sent=True,
    keyless=Keyless.RANDOM,
    key_hash=KeyHash.FNV1A,
    latency=Counts.SENT_TO_READ,
)

#: Read: #3422, in 1.48.0, mutes a partition; #2094, in 1.31.0, had made it pipelined.
PROFILE = replace(
    _PROFILE, older=(("1.48", replace(_PROFILE, name="sarama before 1.48", alone=Alone.NEVER)),)
)
