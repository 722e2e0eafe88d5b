"""What could be changed: settings of the user's own producer, alone or two together, and brokers.

Left out: what gives up safety. A depth other than the user's is always idempotent with acks=all.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from experiments.compare.contenders import idempotent
from experiments.kit.loads import full_request, window_bytes
from experiments.kit.options import JAVA
from experiments.kit.words import count
from experiments.kit.world import World
from model import ConfigError, ProducerConfig, Saturating, Scenario
from model.units import KIB, MIB

#: Whose a trial is: the user's own, of a change of their settings, of a change around them.
OWN, SETTING, AROUND = "own", "setting", "around"
YOURS = "your settings"
#: Kinds of change: of each at most one is made.
DEPTH, BATCH, LINGER, MEMORY = "depth", "batch.size", "linger.ms", "buffer.memory"
DEPTHS = (5, 3, 2, 1)
LINGERS_MS = (0.0, 5.0, 20.0)
#: Ours: times today's value.
STEPS = (2, 4)
#: Ours: a batch that is cut to fit is a whole number of these.
GRAIN_BYTES = 4 * KIB
#: No larger batch gets into a request, or past a broker, without other settings.
LARGEST_BATCH_BYTES = 1 * MIB
#: Ours: sockets that a long way needs; of brokers, and of the client that fills them.
SOCKET_BYTES = 4 * MIB


@dataclass(frozen=True)
class Change:
    """Fields of a producer with their new values, by kind, and how to say them to an operator."""

    by_kind: Mapping[str, Mapping[str, object]]
    text: str

    def on(self, producer: ProducerConfig) -> ProducerConfig:
        """The producer with it. Raises ConfigError where the client refuses."""
        fields = {name: it for part in self.by_kind.values() for name, it in part.items()}
        return replace(producer, **fields)  # type: ignore[arg-type]  # by name

    def __and__(self, other: "Change") -> "Change":
        return Change({**self.by_kind, **other.by_kind}, f"{self.text} and {other.text}")


NOTHING = Change({}, "")


def singles(world: World, waits: bool) -> Iterator[Change]:
    """Every change of one setting that the client accepts, the simplest first.

    ``waits``: whether records come at a rate that is carried. Then lingers end, and memory is left;
    where the application never pauses batches are full before.
    """
    depths = list(_depths(world.own))
    deepest, fewer = depths[:1], depths[1:]
    others = _others(world.own, waits or world.outstanding is not None, not waits)
    for change in (*deepest, *_batches(world), *fewer, *others):
        with suppress(ConfigError):
            change.on(world.own)
            yield change


def pair(world: World, first: Change, second: Change) -> Iterator[Change]:
    """Both together, if the client accepts them."""
    both = first & second
    with suppress(ConfigError):
        both.on(world.own)
        yield both


def fitting_batch(world: World, producer: ProducerConfig) -> Iterator[Change]:
    """The largest batch of which a round of requests is no more than a broker's socket takes."""
    full = full_request(world.scenario(producer, Saturating()))
    room = window_bytes(world.scenario(producer, Saturating())) / full.batches
    room /= producer.max_in_flight_requests_per_connection
    size = int(min(room, LARGEST_BATCH_BYTES)) // GRAIN_BYTES * GRAIN_BYTES
    if size > producer.batch_size_bytes:
        yield _batch(producer, size)


def _depths(own: ProducerConfig) -> Iterator[Change]:
    if not (option := own.profile.names.depth(own.enable_idempotence)):
        return  # the client has none to change
    needs = idempotent(own)
    missing = _missing(own, needs)
    own_depth = min(own.max_in_flight_requests_per_connection, DEPTHS[0])
    for depth in dict.fromkeys((*DEPTHS, own_depth)):
        if depth != own.max_in_flight_requests_per_connection:
            text = f"{option}={depth}"
            with_ = f" with {', '.join(missing)}" if missing else ""
            fields = {"max_in_flight_requests_per_connection": depth, **needs}
            yield Change({DEPTH: fields}, text + with_)
        elif missing:
            others = f" with {', '.join(missing[1:])}" if missing[1:] else ""
            yield Change({DEPTH: needs}, f"{missing[0]}{others}")


def _missing(own: ProducerConfig, needs: Mapping[str, object]) -> list[str]:
    """What would have to be set besides for idempotence, under the client's own names."""
    if own.client != JAVA:
        safe = own.profile.names.idempotent.items()
        return [] if own.enable_idempotence else [f"{name}={value}" for name, value in safe]
    keys = {"enable_idempotence": "enable.idempotence=true", "acks": "acks=all"}
    keys["retries"] = f"retries={needs['retries']}"
    return [text for name, text in keys.items() if getattr(own, name) != needs[name]]


def _batch(own: ProducerConfig, size_bytes: int) -> Change:
    text = f"{own.profile.names.batch_bytes}={size_bytes}"
    return Change({BATCH: {"batch_size_bytes": size_bytes}}, text)


def _batches(world: World) -> Iterator[Change]:
    own = world.own.batch_size_bytes
    fitting = [
        int(change.by_kind[BATCH]["batch_size_bytes"])  # type: ignore[call-overload]
        for change in fitting_batch(world, world.own)
    ]
    steps = {min(step * own, LARGEST_BATCH_BYTES) for step in STEPS}
    for size in sorted({size for size in (*fitting, *steps) if size > own}):
        yield _batch(world.own, size)


def _others(own: ProducerConfig, lingers: bool, fills: bool) -> Iterator[Change]:
    option = own.profile.names.linger_ms
    for linger_ms in LINGERS_MS if lingers and option else ():
        if linger_ms != own.linger_ms:
            yield Change({LINGER: {"linger_ms": linger_ms}}, f"{option}={linger_ms:g}")
    if fills and own.client == JAVA:
        memory = own.buffer_memory_bytes * STEPS[-1]
        yield Change({MEMORY: {"buffer_memory_bytes": memory}}, f"buffer.memory={memory}")


def around(world: World, producer: ProducerConfig) -> Iterator[tuple[str, Scenario]]:
    """A producer at full load with other brokers, each with how to say it."""
    full, topic = world.at_full_load(producer), world.topic
    sockets = replace(full.broker, socket_receive_buffer_bytes=SOCKET_BYTES)
    sender = replace(full.producer, send_buffer_bytes=SOCKET_BYTES)
    keys = f"socket.receive.buffer.bytes={SOCKET_BYTES} on the brokers and send.buffer.bytes alike"
    yield keys, replace(full, broker=sockets, producer=sender)
    for brokers in (topic.brokers, 2 * topic.brokers):
        if brokers > topic.brokers >= 2 * topic.partitions:
            continue  # the further ones would lead nothing
        with suppress(ConfigError):
            more = world.with_topic(2 * topic.partitions, brokers)
            text = f"{count(2 * topic.partitions, 'partition')} on {count(brokers, 'broker')}"
            yield text, more.at_full_load(producer)
