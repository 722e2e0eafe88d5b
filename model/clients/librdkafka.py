"""librdkafka (C), which confluent-kafka for Python, Go and .NET and many others are made of.

Read: rdkafka_broker.c, rdkafka_msgset_writer.c, rdkafka_partition.c, rdkafka_conf.c, its
CONFIGURATION.md and CHANGELOG.md; measured: librdkafka 2.16.0 in ``clients.csv``. Messages stay
single until a request for one partition is formed: up to ``batch.num.messages``, or as many as fit
``batch.size`` by an estimate. Boundaries drawn from the head of a queue are those that a queue of
batches with the same limit would have, so the model cuts them at append; only what is sent again
may be cut anew. With idempotence no request is formed while five or more *messages* of the
partition are out (issue 4989): one at a time, unless batches hold fewer. Left out: callbacks that
the application is slow to poll for, a backpressure threshold other than 1, Nagle's algorithm, which
was on before 2.10.
"""

from collections.abc import Iterator, Mapping

from model.clients.options import Asked, Option, Value
from model.clients.profile import (
    Alone,
    Counts,
    Estimate,
    KeyHash,
    Keyless,
    Lingers,
    Names,
    Profile,
    Resends,
    Work,
)

IDEMPOTENCE, IN_FLIGHT = "enable.idempotence", "max.in.flight.requests.per.connection"
ACKS, RETRIES, PARTITIONER = "acks", "retries", "partitioner"
BACKOFF, BACKOFF_MAX = "retry.backoff.ms", "retry.backoff.max.ms"
RECONNECT, RECONNECT_MAX = "reconnect.backoff.ms", "reconnect.backoff.max.ms"
LINGER, MESSAGE_TIMEOUT = "linger.ms", "message.timeout.ms"
STRATEGY, GAPLESS = "queuing.strategy", "enable.gapless.guarantee"
STICKY, SEND_BUFFER = "sticky.partitioning.linger.ms", "socket.send.buffer.bytes"
REFRESH, SETUP = "topic.metadata.refresh.interval.ms", "socket.connection.setup.timeout.ms"
BATCH, MESSAGE_MAX, MOST_MESSAGES = "batch.size", "message.max.bytes", "batch.num.messages"
QUEUE, QUEUE_KBYTES = "queue.buffering.max.messages", "queue.buffering.max.kbytes"
PARTITIONERS = (
    *("consistent_random", "consistent", "random", "murmur2", "murmur2_random"),
    *("fnv1a", "fnv1a_random"),
)
#: Read: acks above 1 is all in-sync replicas too, as brokers take it.
ACKS_AS_TEXT = {0: "0", 1: "1"}

#: Read: rd_kafka_conf_finalize and rd_kafka_topic_conf_finalize: what idempotence needs.
IN_FLIGHT_IDEMPOTENT = 5
#: Read: of a queue without a limit, by messages.
UNLIMITED = 2**31 - 1
#: Ours: a timeout that there is not: a month.
NEVER_MS = 2_592_000_000.0

#: Read: rd_kafka_conf_s of properties that are not modelled; by the reason.
_LEFT_ASIDE = {
    "the distance is given instead": ("bootstrap.servers", "metadata.broker.list"),
    "names, logs and callbacks change nothing that is sent": (
        *("client.id", "client.rack", "debug", "log_level", "log.queue", "log.thread.name"),
        *("log.connection.close", "enabled_events", "enable.random.seed", "error_cb", "stats_cb"),
        *("throttle_cb", "log_cb", "background_event_cb", "opaque", "dr_cb", "dr_msg_cb"),
        *("on_delivery", "logger", "plugin.library.paths", "interceptors", "builtin.features"),
        *("statistics.interval.ms", "enable.metrics.push", "delivery.report.only.error"),
        *("produce.offset.report", "client.software.name", "client.software.version"),
        *("internal.termination.signal", "default_topic_conf", "default.topic.config"),
    ),
    "not modelled: names, idle connections and what the socket does besides": (
        *("client.dns.lookup", "broker.address.ttl", "broker.address.family"),
        *("connections.max.idle.ms", "socket.keepalive.enable", "socket.receive.buffer.bytes"),
        *("socket.nagle.disable", "socket.max.fails", "socket.blocking.max.ms", "socket_cb"),
        *("connect_cb", "closesocket_cb", "open_cb", "resolve_cb", "reconnect.backoff.jitter.ms"),
        *("message.copy.max.bytes", "receive.message.max.bytes"),
        *("api.version.request", "api.version.request.timeout.ms", "api.version.fallback.ms"),
        "broker.version.fallback",
    ),
    "not modelled: the topic stays": (
        *("topic.metadata.refresh.fast.interval.ms", "topic.metadata.refresh.fast.cnt"),
        *("topic.metadata.refresh.sparse", "topic.metadata.propagation.max.ms"),
        *("metadata.max.age.ms", "topic.blacklist", "allow.auto.create.topics"),
        "metadata.recovery.rebootstrap.trigger.ms",
    ),
    "not modelled: a codec's level": ("compression.level",),
    "not modelled: a partitioner or an order of one's own": ("partitioner_cb", "msg_order_cmp"),
    "not modelled: a second request that is formed while one is": (
        "queue.buffering.backpressure.threshold",
    ),
    "not modelled: transactions": ("transactional.id", "transaction.timeout.ms"),
    "a producer has none of the consumer's": (
        *("group.id", "auto.offset.reset", "enable.auto.commit", "session.timeout.ms"),
    ),
    "security is not modelled": (
        *("enable.ssl.certificate.verification", "enable.sasl.oauthbearer.unsecure.jwt"),
        *("https.ca.location", "https.ca.pem", "oauthbearer_token_refresh_cb", "oauth_cb"),
        "security.protocol",
    ),
}
#: Read: whole families of properties that are left aside.
FAMILIES = ("ssl.", "ssl_", "sasl.")

OPTIONS = (
    Option(IN_FLIGHT, "whole", 1_000_000, spellings=("max.in.flight",), low=1, high=1_000_000),
    Option(IDEMPOTENCE, "flag", False, since="1.0"),
    Option(GAPLESS, "flag", False, since="1.0", why="after an error the model's producer goes on"),
    Option(
        ACKS,
        "whole",
        -1,
        spellings=("request.required.acks",),
        low=-1,
        high=1_000,
        words=(("all", -1),),
        was=(("1.0", 1),),
    ),
    Option(
        RETRIES, "whole", 2147483647, spellings=("message.send.max.retries",), was=(("1.5.2", 2),)
    ),
    Option(BACKOFF, "whole", 100, sets="retry_backoff_ms", low=1, high=300_000),
    Option(BACKOFF_MAX, "whole", 1000, low=1, high=300_000, since="2.3"),
    Option(
        LINGER,
        "number",
        5.0,
        spellings=("queue.buffering.max.ms",),
        high=900_000,
        was=(("1.0", 0.0), ("1.5", 0.5)),
    ),
    Option(MOST_MESSAGES, "whole", 10_000, sets="batch_records", low=1, high=1_000_000),
    Option(BATCH, "whole", 1_000_000, low=1, since="1.5"),
    Option(MESSAGE_MAX, "whole", 1_000_000, low=1_000, high=1_000_000_000),
    Option(QUEUE, "whole", 100_000),
    Option(QUEUE_KBYTES, "whole", 1_048_576, low=1),
    Option(
        STRATEGY, "word", "fifo", choices=("fifo", "lifo"), why="not modelled: the newest first"
    ),
    Option(
        PARTITIONER,
        "word",
        "consistent_random",
        choices=PARTITIONERS,
        why="not modelled: keyless records stay on a partition for a while, keys are hashed",
    ),
    Option(STICKY, "whole", 10, high=900_000, since="1.6"),
    Option(
        "request.timeout.ms",
        "whole",
        30_000,
        sets="produce_timeout_ms",
        low=1,
        high=900_000,
        was=(("1.5.2", 5_000),),
    ),
    Option("socket.timeout.ms", "whole", 60_000, sets="request_timeout_ms", low=10, high=300_000),
    Option(MESSAGE_TIMEOUT, "whole", 300_000, spellings=("delivery.timeout.ms",)),
    Option(SEND_BUFFER, "whole", 0, high=100_000_000),
    Option(RECONNECT, "whole", 100, sets="reconnect_backoff_ms", high=3_600_000),
    Option(RECONNECT_MAX, "whole", 10_000, sets="reconnect_backoff_max_ms", high=3_600_000),
    Option(SETUP, "whole", 30_000, low=1_000, since="1.9"),
    Option(REFRESH, "whole", 300_000, low=-1, high=3_600_000),
    Option(
        "metadata.recovery.strategy",
        "word",
        "rebootstrap",
        choices=("none", "rebootstrap"),
        since="2.10",
        why="messages are taken either way, and brokers keep their addresses here",
    ),
    Option(
        "compression.type",
        "word",
        "none",
        sets="compression_type",
        spellings=("compression.codec",),
        choices=("none", "gzip", "snappy", "lz4", "zstd"),
    ),
    *(Option(name, "word", "", why=why) for why, names in _LEFT_ASIDE.items() for name in names),
)


def _settle(asked: Asked) -> Mapping[str, Value]:
    """Source: rd_kafka_conf_finalize, rd_kafka_topic_conf_finalize, rd_kafka_msgset_writer.c."""
    values, idempotent = asked.values, bool(asked.values.get(IDEMPOTENCE))
    in_flight, linger_ms = int(values[IN_FLIGHT]), float(values[LINGER])
    if idempotent and IN_FLIGHT not in asked.given:
        in_flight = IN_FLIGHT_IDEMPOTENT
    timeout_ms = float(values[MESSAGE_TIMEOUT]) or NEVER_MS
    most_bytes = int(values[MESSAGE_MAX])
    sticky_ms = values.get(STICKY, 0) if STICKY in asked.given else 2 * linger_ms
    kbytes = int(values[QUEUE_KBYTES])
    return {
        "enable_idempotence": idempotent,
        "max_in_flight_requests_per_connection": in_flight,
        "acks": "all" if idempotent else ACKS_AS_TEXT.get(int(values[ACKS]), "all"),
        "retries": values[RETRIES] if RETRIES in asked.given or not idempotent else 2147483647,
        "linger_ms": min(linger_ms, timeout_ms),
        "delivery_timeout_ms": timeout_ms,
        "batch_size_bytes": min(most_bytes, int(values.get(BATCH, most_bytes))),
        "retry_backoff_max_ms": values.get(BACKOFF_MAX, values[BACKOFF]),
        "buffer_records": min(int(values[QUEUE]) or UNLIMITED, UNLIMITED),
        "buffer_memory_bytes": kbytes * 1024,
        "sticky_partitioning_linger_ms": sticky_ms if STICKY in values else 0,
        "send_buffer_bytes": int(values[SEND_BUFFER]) or -1,
        "metadata_max_age_ms": int(values[REFRESH]) if int(values[REFRESH]) > 0 else NEVER_MS,
        "socket_connection_setup_timeout_ms": values.get(SETUP, NEVER_MS),
        "socket_connection_setup_timeout_max_ms": values.get(SETUP, NEVER_MS),
        "produce_answers_name_leaders": not asked.precedes("2.5"),
        "metadata_recovery_strategy": "none",
        # read: a full queue is an error at once; the application is taken to try again
        "max_block_ms": NEVER_MS,
        "max_request_size_bytes": most_bytes,
    }


def _refuse(asked: Asked) -> Iterator[tuple[str, str]]:
    """Source: rd_kafka_conf_finalize, then rd_kafka_topic_conf_finalize."""
    values, given = asked.values, asked.given
    idempotent, when = bool(values.get(IDEMPOTENCE)), f"when {IDEMPOTENCE}=true"
    if idempotent and IN_FLIGHT in given and int(values[IN_FLIGHT]) > IN_FLIGHT_IDEMPOTENT:
        yield IN_FLIGHT, f"at most {IN_FLIGHT_IDEMPOTENT} {when}"
    if idempotent and RETRIES in given and int(values[RETRIES]) < 1:
        yield RETRIES, f"at least 1 {when}"
    if values.get(GAPLESS) and GAPLESS in given and not idempotent:
        yield GAPLESS, f"false unless {IDEMPOTENCE}=true"
    if int(values[RECONNECT_MAX]) < int(values[RECONNECT]):
        yield RECONNECT_MAX, f"at least {RECONNECT} ({values[RECONNECT]})"
    if idempotent and ACKS in given and int(values[ACKS]) != -1:
        yield ACKS, f"all {when}"
    if idempotent and values[STRATEGY] != "fifo":
        yield STRATEGY, f"fifo {when}"
    timeout_ms = float(values[MESSAGE_TIMEOUT])
    if LINGER in given and 0 < timeout_ms <= float(values[LINGER]):
        yield MESSAGE_TIMEOUT, f"greater than {LINGER} ({values[LINGER]:g})"


def _tell(asked: Asked) -> Iterator[str]:
    """What holds whatever is set."""
    if asked.values.get(IDEMPOTENCE):
        yield (
            "One request of a partition is out at a time, whatever is allowed, unless batches hold"
            " fewer than five messages: its limit of five counts messages (librdkafka issue 4989)"
        )
    if asked.precedes("2.10"):
        yield (
            "Before 2.10 Nagle's algorithm holds the end of a request back while another is under"
            " way, which is not modelled: set socket.nagle.disable=true"
        )


PROFILE = Profile(
    name="librdkafka",
    title="librdkafka (confluent-kafka)",
    names=Names(
        idempotent={IDEMPOTENCE: "true"},
        plain={IDEMPOTENCE: "false"},
        batch_bytes=BATCH,
        linger_ms="linger.ms",
        in_flight=IN_FLIGHT,
    ),
    oldest="0.11",
    newest="2.16",
    options=OPTIONS,
    families=FAMILIES,
    refuses_unknown=True,
    settle=_settle,
    refuse=_refuse,
    tell=_tell,
    estimate=Estimate(batch_bytes=49, record_bytes=36, of_next=True),
    lingers=Lingers.PARTITION,
    partitions_per_request=1,
    forms_ahead=True,
    records_out=5,
    resends=Resends.SORTED,
    timeouts_every_ms=1_000,
    full_buffer_sends=False,
    keyless=Keyless.STICKY_TIME,
    key_hash=KeyHash.CRC32,
    alone=Alone.NEVER,
    latency=Counts.WRITTEN_TO_READ,
    work=Work(
        request_us=10.0,
        wake_us=0.0,
        origin="fitted on the 1 ms rows of 16 KiB batches: their round takes 1.43 ms. In those runs"
        " the application never slept, and on a machine that is awake nobody wakes late",
    ),
)
