"""What an answer assumes, in one line: its first.

Computed from the scenarios themselves, so that it says what is run and not what was asked for; what
they differ in is told as a range. Left out: settings of the producer, which have lines of their
own, and what only one experiment has (loss, faults), which it says itself.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click
from click.core import ParameterSource

from experiments.kit.words import count, listed, plain
from experiments.kit.worldfile import world_file
from experiments.kit.worldkeys import NAME
from model import REFERENCE_MACHINE, ClosedLoop, OpenLoop, ProducerConfig, Scenario
from model.config.security import uses_sasl, uses_tls
from model.settings import ClientRelease, KafkaVersion
from model.settings.shown import one_line
from model.wire.compressed import CompressedPacking

Release = KafkaVersion | ClientRelease
ONE_COPY = "Figures are for one copy of each partition; with more, acks=all waits for them too."


def assumed(scenarios: Sequence[Scenario], kafka: Release, load: str = "") -> str:
    """The line: cluster, topic, records, load, client, machine, and where that is from.

    ``load`` is told instead of the scenarios' own where it is not known before some of them ran.
    """
    context = click.get_current_context(silent=True)
    constants = context.params.get("constants") if context else None
    brokers = _range((s.topic.all_brokers for s in scenarios), _counted("broker"))
    away = _range((s.path.rtt_ms for s in scenarios), lambda rtt_ms: f"{rtt_ms:g} ms")
    records = _range((s.workload.value_bytes for s in scenarios), _counted("byte"))
    sentences = (
        f"Assumed: {brokers}, {away} away (round trip)",
        _topic(scenarios),
        f"{_senders(scenarios, kafka)}, {load or _load(scenarios)}",
        f"Records of {records}{_keys(scenarios)}{_codec(scenarios)}",
        *_security(scenarios),
        _machine(constants, any(s.machine != REFERENCE_MACHINE for s in scenarios)),
        _origin(),
    )
    return f"{'. '.join(sentences)}."


def assumed_of_rows(constants: Path | None) -> str:
    """The line where each measured row is a world of its own; the file with constants, if any."""
    return f"Assumed: cluster, path and load of each row. {_machine(constants)}."


def about_copies(scenarios: Iterable[Scenario], because: str = "") -> list[str]:
    """The line under tables whose figures know no replicas; none where they do.

    ``because`` is why a question has no more of them where nobody speaks of replicas.
    """
    if any(s.topic.replicas > 1 for s in scenarios):
        return []
    why = f"One copy of each partition: {because}; --replicas asks with more."
    return [why if because else ONE_COPY]


def _range(values: Iterable[float], words: Callable[[float], str]) -> str:
    """One value in words, or the least and the most."""
    found = sorted(set(values))
    return words(found[0]) if len(found) == 1 else f"{found[0]:,g} to {words(found[-1])}"


def _counted(noun: str) -> Callable[[float], str]:
    return lambda value: count(int(value), noun)


def _topic(scenarios: Sequence[Scenario]) -> str:
    partitions = _range((s.topic.partitions for s in scenarios), _counted("partition"))
    whose = "it" if partitions == "1 partition" else "each"
    if copied := [s for s in scenarios if s.topic.replicas > 1]:
        copies = _range((s.topic.replicas for s in scenarios), _counted("replica"))
        apart = _range((s.replica_path.rtt_ms for s in copied), lambda rtt_ms: f"{rtt_ms:g} ms")
        in_sync = _range((s.topic.min_insync_replicas for s in copied), lambda least: f"{least:g}")
        told = f"{copies} of {whose}, {apart} apart (round trip), min.insync.replicas={in_sync}"
        return f"{partitions}, {told}"
    waits = any(s.producer.acks == "all" for s in scenarios)
    return f"{partitions}, one copy of {whose}{': acks=all waits for nobody else' * waits}"


def _senders(scenarios: Sequence[Scenario], kafka: Release) -> str:
    producers = _range((s.producers for s in scenarios), _counted("producer"))
    if (clients := len({s.producer.client for s in scenarios})) > 1:
        return f"{producers} with each of {clients} clients"
    if isinstance(kafka, KafkaVersion):
        return f"{producers} with the client of Kafka {kafka}{_guessed()}"
    return f"{producers} with {kafka}"


def _guessed() -> str:
    """Of a client's version that nobody named, where a file of somebody's client was read."""
    context = click.get_current_context(silent=True)
    if context is None or not context.params.get("properties"):
        return ""
    unnamed = context.get_parameter_source("kafka") is ParameterSource.DEFAULT
    return " (the newest is assumed: --kafka for yours)" * unnamed


def _load(scenarios: Sequence[Scenario]) -> str:
    """Who is offered what: a rate, a closed loop, or as much as there is room for."""
    arrivals = [s.workload.arrival for s in scenarios]
    rates = {each.records_per_s for each in arrivals if isinstance(each, OpenLoop)}
    loops = {each.outstanding for each in arrivals if isinstance(each, ClosedLoop)}
    told = [f"at {_range(rates, plain)} records/s"] if rates else []
    told += [f"with {_range(loops, _counted('record'))} outstanding"] if loops else []
    if len(told) < 2 and not all(isinstance(each, OpenLoop | ClosedLoop) for each in arrivals):
        told.insert(0, "as fast as it can")
    return " and ".join(told)


def _keys(scenarios: Sequence[Scenario]) -> str:
    keys = {s.workload.key_space for s in scenarios} - {0}
    return f" with {_range(keys, _counted('key'))}" if keys else ""


def _codec(scenarios: Sequence[Scenario]) -> str:
    """What compresses them how far, where something does, and whose ratio that is."""
    compressed = [s for s in scenarios if s.compresses]
    if not compressed:
        return ""
    codecs = listed(list(dict.fromkeys(s.producer.compression_type for s in compressed)))
    settled = {s.producer: s.packing for s in compressed}.values()
    ratios = _range(
        (
            float(f"{each.settled_ratio:.2g}")
            for each in settled
            if isinstance(each, CompressedPacking)
        ),
        lambda ratio: f"{ratio:g}",
    )
    whose = "" if compressed[0].workload.compressibility else " (as log lines in JSON)"
    return f", compressed with {codecs} to {ratios} of their size in full batches{whose}"


def _security(scenarios: Sequence[Scenario]) -> list[str]:
    """TLS and SASL, where there are any; what they cost is assumed."""
    found = list(dict.fromkeys(_of_security(s.producer) for s in scenarios))
    return [f"Connections: {' or '.join(found)}"] if found != ["plain"] else []


def _of_security(producer: ProducerConfig) -> str:
    protocol, told = producer.security_protocol, []
    if uses_tls(protocol):
        told.append(f"{producer.tls_version.replace('TLSv', 'TLS ')} (its costs are assumed)")
    if uses_sasl(protocol):
        told.append(f"SASL with {one_line(producer.sasl_mechanism)}")
    return " and ".join(told) or "plain"


def _machine(constants: Path | None, varied: bool = False) -> str:
    """Whose constants, and whether an experiment changes some of them."""
    if constants is not None:
        return f"Machine constants of {one_line(str(constants))}"
    changed = ", some of them varied" if varied else ""
    return f"Machine constants fitted on our laboratory's broker{changed}"


def _origin() -> str:
    """Whether a world file was read, and what of it this command has no use for."""
    context, read = click.get_current_context(silent=True), world_file()
    if context is None or not any(each.name == "world" for each in context.command.params):
        return f"{NAME} is not for this"
    if read is None:
        return f"No {NAME}: options and defaults"
    unused = read.unused(context.command)
    rest = f", but for {', '.join(unused)}" if unused else ""
    return f"From {one_line(str(read.path))}{rest}; options on top"
