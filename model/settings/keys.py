"""Every key of Kafka's producer from 3.0 to 4.4: type, range, default, and what the model does.

Source: ProducerConfig.configDef() of each release, in its order, which is the order in which the
client checks them. Defaults are text, as a file would have them; "" stands for
none. Keys of ssl and sasl are in :mod:`model.settings.security`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from model.settings.kinds import INT_MAX, LONG_MAX, Flag, Kind, OneOf, Text, Whole
from model.settings.security import SECURITY_KINDS
from model.settings.versions import FIRST, LAST, Minor


class Use(Enum):
    """What becomes of a key here."""

    ACTS = "the model acts on it, or it decides about one that the model acts on"
    CHECKS = "as that, once something fails; where a placeholder hides it, its default is taken"
    IGNORES = "checked as the client checks it, then left aside"


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the table; ``why`` says why a key is left aside, and what that means."""

    name: str
    kind: Kind
    default: str
    use: Use = Use.IGNORES
    why: str = ""
    since: Minor = FIRST
    until: Minor = LAST
    was: tuple[Minor, str] | None = None  # before this version the default was this

    def known_to(self, minor: Minor) -> bool:
        """Whether this version's client has the key."""
        return self.since <= minor <= self.until

    def default_in(self, minor: Minor) -> str:
        """This version's default."""
        return self.was[1] if self.was and minor < self.was[0] else self.default


ANY = Text()
CLASS = Text(may_be_empty=False)
FLAG = Flag()
INT = Whole(0, INT_MAX)
LONG = Whole(0, LONG_MAX)
ANY_INT = Whole()
ANY_LONG = Whole(-LONG_MAX - 1, LONG_MAX)
COUNT = Whole(1, INT_MAX)
BUFFER = Whole(-1, INT_MAX)

ACTS, CHECKS = Use.ACTS, Use.CHECKS

NO_CONTENT = "not modelled: records have a size and no content"
NO_METADATA = "not modelled: the topic stays, and who is asked for it answers or is given up"
NO_CONNECT = "not modelled: names and idle connections"
NO_RACKS = "not modelled: partitions of one's own rack are not preferred"
NO_METRICS = "the client's own metrics do not change what it sends"
NO_FAILURE = "not modelled: a broker that stalls is not left out"
NO_TRANSACTIONS = "not modelled: transactions"
NO_WINDOW = "not modelled: responses are small"
IN_APPLICATION = "not modelled: work of the application's own code"
NOT_OURS = "certificates, logins and plug-ins are not modelled"

#: Default, use, and why it is left aside: of a key of ssl or sasl, and of those that act.
UNUSED = ("", Use.IGNORES, NOT_OURS)
USED_SECURITY = {
    "sasl.mechanism": ("GSSAPI", CHECKS, ""),
    "ssl.enabled.protocols": ("", CHECKS, ""),
}

DNS = ("use_all_dns_ips", "resolve_canonical_bootstrap_servers_only")
STRATEGIES = ("FULL", "INCREMENTAL")
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
LEVELS = ("INFO", "DEBUG", "TRACE")
PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")

TABLE: tuple[Key, ...] = (
    Key("bootstrap.servers", ANY, "", why="the distance is given instead"),
    Key("client.dns.lookup", OneOf(DNS), DNS[0], why=NO_CONNECT),
    Key("buffer.memory", LONG, "33554432", ACTS),
    Key(
        "buffer.memory.allocation.strategy",
        OneOf(STRATEGIES, any_case=True),
        "full",
        why="not modelled: each batch takes a whole batch.size of buffer.memory",
        since=(4, 4),
    ),
    Key("retries", INT, str(INT_MAX), ACTS),
    Key("acks", OneOf(("all", "0", "1"), synonym=("-1", "all")), "all", ACTS),
    Key("compression.type", OneOf(CODECS), "none", CHECKS),
    Key("compression.gzip.level", Whole(-1, 9, but_not=0), "-1", CHECKS, since=(3, 8)),
    Key("compression.lz4.level", Whole(1, 17), "9", CHECKS, since=(3, 8)),
    Key("compression.zstd.level", Whole(-131072, 22), "3", CHECKS, since=(3, 8)),
    Key("batch.size", INT, "16384", ACTS),
    Key("partitioner.adaptive.partitioning.enable", FLAG, "true", ACTS, since=(3, 3)),
    Key("partitioner.availability.timeout.ms", LONG, "0", why=NO_FAILURE, since=(3, 3)),
    Key("partitioner.ignore.keys", FLAG, "false", ACTS, since=(3, 3)),
    Key("partitioner.rack.aware", FLAG, "false", why=NO_RACKS, since=(4, 4)),
    Key("linger.ms", LONG, "5", ACTS, was=((4, 0), "0")),
    Key("delivery.timeout.ms", INT, "120000", CHECKS),
    Key("client.id", ANY, "", why="a name only"),
    Key("client.rack", ANY, "", why=NO_RACKS, since=(4, 4)),
    Key("send.buffer.bytes", BUFFER, "131072", ACTS),
    Key("receive.buffer.bytes", BUFFER, "32768", why=NO_WINDOW),
    Key("max.request.size", INT, "1048576", ACTS),
    Key("reconnect.backoff.ms", LONG, "50", CHECKS),
    Key("reconnect.backoff.max.ms", LONG, "1000", CHECKS),
    Key("retry.backoff.ms", LONG, "100", CHECKS),
    Key("retry.backoff.max.ms", LONG, "1000", CHECKS, since=(3, 7)),
    Key("bootstrap.resolve.timeout.ms", LONG, "0", why=NO_CONNECT, since=(4, 4)),
    Key("enable.metrics.push", FLAG, "true", why=NO_METRICS, since=(3, 7)),
    Key("max.block.ms", LONG, "60000", ACTS),
    Key("request.timeout.ms", INT, "30000", CHECKS),
    Key("metadata.max.age.ms", LONG, "300000", CHECKS),
    Key("metadata.max.idle.ms", Whole(5000, LONG_MAX), "300000", why=NO_METADATA),
    Key("metrics.sample.window.ms", LONG, "30000", why=NO_METRICS),
    Key("metrics.num.samples", COUNT, "2", why=NO_METRICS),
    Key("metrics.recording.level", OneOf(LEVELS), "INFO", why=NO_METRICS),
    Key("metric.reporters", ANY, "", why=NO_METRICS),
    Key("auto.include.jmx.reporter", FLAG, "true", why=NO_METRICS, since=(3, 4), until=(3, 9)),
    Key("max.in.flight.requests.per.connection", COUNT, "5", ACTS),
    Key("key.serializer", CLASS, "", why=NO_CONTENT),
    Key("value.serializer", CLASS, "", why=NO_CONTENT),
    Key("socket.connection.setup.timeout.ms", ANY_LONG, "10000", CHECKS),
    Key("socket.connection.setup.timeout.max.ms", ANY_LONG, "30000", CHECKS),
    Key("connections.max.idle.ms", ANY_LONG, "540000", why=NO_CONNECT),
    Key("partitioner.class", CLASS, "", why="not modelled: a partitioner of one's own"),
    Key("interceptor.classes", ANY, "", why=IN_APPLICATION),
    Key("security.protocol", OneOf(PROTOCOLS, any_case=True), "PLAINTEXT", CHECKS),
    Key("security.providers", ANY, "", why=NOT_OURS),
    *(
        Key(name, kind, *USED_SECURITY.get(name, UNUSED), since=since)
        for name, kind, since in SECURITY_KINDS
    ),
    Key("enable.idempotence", FLAG, "true", ACTS),
    Key("transaction.timeout.ms", ANY_INT, "60000", why=NO_TRANSACTIONS),
    Key("transactional.id", CLASS, "", CHECKS),
    Key("transaction.two.phase.commit.enable", FLAG, "false", why=NO_TRANSACTIONS, since=(4, 1)),
    Key(
        "metadata.recovery.strategy",
        OneOf(("NONE", "REBOOTSTRAP"), any_case=True),
        "rebootstrap",
        CHECKS,
        since=(3, 8),
        was=((4, 0), "none"),
    ),
    Key("metadata.recovery.rebootstrap.trigger.ms", LONG, "300000", why=NO_METADATA, since=(4, 0)),
    Key("metadata.cluster.check.enable", FLAG, "true", why=NO_METADATA, since=(4, 4)),
    Key("config.providers", ANY, "", why="only the client can ask them"),
)

KEYS: Mapping[str, Key] = {key.name: key for key in TABLE}
