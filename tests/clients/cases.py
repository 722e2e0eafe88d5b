"""Random settings for a client: what a careless hand may write, and what rules meet in.

Left out, because the answer is not the settings' alone: addresses, classes that are not the
client's own, TLS and SASL that are to be set up, and what the model refuses and no client does (a
buffer.memory that no batch fits in).
"""

from collections.abc import Iterator
from random import Random

from model.settings.keys import TABLE, Key
from model.settings.kinds import Flag, OneOf, Real, Text, Whole

#: The keys that decide about others, with values between which the decision falls.
MEETING = {
    "enable.idempotence": ("true", "false", "TRUE", "yes"),
    "acks": ("all", "-1", "0", "1", "ALL", "2"),
    "retries": ("0", "1", "2147483647", "-1"),
    "max.in.flight.requests.per.connection": ("1", "5", "6", "0", "100"),
    "linger.ms": ("0", "5", "60000", "2147483647", "9223372036854775807", "-1"),
    "request.timeout.ms": ("0", "1000", "30000", "120000", "2147483647"),
    "delivery.timeout.ms": ("0", "1000", "30005", "120000", "2147483647"),
    "batch.size": ("0", "1", "16383", "16384", "1000000"),
    "retry.backoff.ms": ("0", "100", "5000"),
    "retry.backoff.max.ms": ("0", "1000", "-1"),
    "reconnect.backoff.ms": ("0", "50", "5000"),
    "reconnect.backoff.max.ms": ("0", "1000"),
    "transactional.id": ("orders", ""),
    "transaction.timeout.ms": ("1000", "-1"),
    "transaction.two.phase.commit.enable": ("true", "false"),
    "compression.type": ("none", "lz4", "gzip", "LZ4", "snap"),
    "security.protocol": ("PLAINTEXT", "plaintext", "SSH", ""),
    "sasl.mechanism": ("", "GSSAPI"),
    "partitioner.rack.aware": ("true", "false"),
    "client.rack": ("a", ""),
    "buffer.memory.allocation.strategy": ("full", "INCREMENTAL", "incremental", "chunked"),
    "partitioner.class": (
        "org.apache.kafka.clients.producer.RoundRobinPartitioner",
        "org.apache.kafka.clients.producer.UniformStickyPartitioner",
        "org.apache.kafka.clients.producer.internals.DefaultPartitioner",
        "",
    ),
}
#: Lists of names that the client does not look up before it has a use for them.
LISTS = {
    "ssl.cipher.suites": ("", "a", "a,b", "a,,b", "a,"),
    "ssl.enabled.protocols": ("", "TLSv1.2", "TLSv1.2, TLSv1.3", ",TLSv1.2"),
    "sasl.oauthbearer.expected.audience": ("", "a , b", " , "),
    "bootstrap.servers": ("",),
}
NUMBERS = ("-1", "0", "1", "7", "+7", " 7 ", "5000", "2147483647", "2147483648", "1e3", "", "7ms")
REALS = ("0.5", "0.8", "0.05", "1.5", "-1", ".9", "half")
WORDS = ("", "a", "true")
#: Not drawn: what they stand for is looked up, or is too little for any batch.
LEFT_OUT = {
    *("buffer.memory", "max.request.size", "interceptor.classes", "metric.reporters"),
    *("config.providers", "security.providers", "key.serializer", "value.serializer"),
}
ANY_KEY = [key for key in TABLE if key.name not in MEETING.keys() | LISTS.keys() | LEFT_OUT]


def cases(release: str, count: int) -> Iterator[dict[str, str]]:
    """So many cases, the same ones for one release always."""
    draw = Random(release)
    for _ in range(count):
        names = draw.sample(sorted(MEETING), draw.randint(0, 5))
        case = {name: draw.choice(MEETING[name]) for name in names}
        for key in draw.sample(ANY_KEY, draw.choice((0, 0, 1, 2))):
            case[key.name] = draw.choice(_tries(key))
        if draw.random() < 0.1:
            name = draw.choice(sorted(LISTS))
            case[name] = draw.choice(LISTS[name])
        yield case


def _tries(key: Key) -> tuple[str, ...]:
    """Values worth a try on a key: good ones, and such as are nearly so."""
    match key.kind:
        case Whole(low, high):
            return (*NUMBERS, str(low), str(low - 1), str(high), str(high + 1))
        case Real():
            return REALS
        case Flag():
            return ("true", "FALSE", "false ", "1", "")
        case OneOf(choices):
            return (*choices, *(choice.swapcase() for choice in choices), "", "other")
        case Text(may_be_empty=False):
            return ("",)
    return WORDS
