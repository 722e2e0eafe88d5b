"""Environment variables as settings: of a file, of docker compose, of Kubernetes, of Helm values.

A variable's underscores stand for dots. Images of Kafka Connect write what begins with CONNECT_
into the worker's file: ``__`` is an underscore there, ``___`` a dash. Source: cub and dub of
Confluent's images, docker-entrypoint.sh of Debezium's.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from experiments.files.entries import Entry, Unit
from experiments.files.placeholders import with_shells_defaults
from experiments.files.properties_text import exported
from experiments.files.tree import Leaf, Tree, below, word

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
CONNECT = "CONNECT_"
#: Keys that hold a container's environment.
HOLDERS = ("environment", "env", "envs", "extraEnv", "extraEnvs", "extraEnvVars", "customEnv")


def environment_of(unit: Unit) -> list[Unit]:
    """The unit as it is, or those of its variables if nothing else is set in it."""
    entries = [exported(entry) for entry in unit.entries]
    if entries and all(_VARIABLE.fullmatch(entry.name) for entry in entries):
        return list(variables(entries, unit.name))
    return [unit]


def variables(entries: list[Entry], name: str) -> Iterator[Unit]:
    """What Kafka Connect's image would write, and all others as settings with dots."""
    entries = [with_shells_defaults(entry) for entry in entries]
    connect = [entry for entry in entries if entry.name.startswith(CONNECT)]
    if connect:
        yield Unit(tuple(map(_of_connect, connect)), name, kind="connect")
    others = [entry for entry in entries if not entry.name.startswith(CONNECT)]
    if others:
        yield Unit(tuple(map(_dotted, others)), name)


def _of_connect(entry: Entry) -> Entry:
    name = entry.name.removeprefix(CONNECT).lower()
    name = name.replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")
    return replace(entry, name=name)


def _dotted(entry: Entry) -> Entry:
    return replace(entry, name=entry.name.lower().replace("_", "."))


def held(tree: Tree) -> list[Entry]:
    """The variables under one of the holders, in any of the three ways of writing them."""
    found: list[Entry] = []
    if isinstance(tree, dict):
        leaves = {key: leaf for key, leaf in tree.items() if isinstance(leaf, Leaf)}
        found += [Entry(key, leaf.value, leaf.line) for key, leaf in leaves.items()]
    for item in tree if isinstance(tree, list) else ():
        if isinstance(item, Leaf):
            name, _, value = item.value.partition("=")
            found.append(Entry(name, value, item.line))
        elif isinstance(leaf := below(item, "value"), Leaf):
            found.append(Entry(word(item, "name"), leaf.value, leaf.line))
    return [entry for entry in found if _VARIABLE.fullmatch(entry.name)]
