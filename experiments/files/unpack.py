"""Trees to units: what stands in a file for itself, and what is wrapped in something else.

Wrapped are connectors as Connect's REST interface takes them, Strimzi's resources, environments of
containers, files in ConfigMaps, and blocks of properties in OpenMessaging Benchmark's drivers.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from experiments.files.entries import Entry, Unit
from experiments.files.environment import HOLDERS, held, variables
from experiments.files.properties_text import read_properties
from experiments.files.tree import Leaf, Tree, below, flat, word

Nested = Callable[[Path, str, str], list[Unit]]

#: Ends of names of files that stand in another file.
NESTED = (".properties", ".yml", ".yaml", ".json", ".env")
#: Blocks of properties in OpenMessaging Benchmark's drivers.
BLOCKS = ("producerConfig", "commonConfig", "consumerConfig", "topicConfig")
#: Helm values of Confluent's charts: settings of the worker under their own names.
OVERRIDES = "configurationOverrides"


def units_of(path: Path, trees: list[Tree], nested: Nested | None) -> list[Unit]:
    """All units of a file's documents; ``nested`` reads files in it, None: they are left alone."""
    units: list[Unit] = []
    for tree in trees:
        roots = tree if isinstance(tree, list) else [tree]
        for root in roots:
            if isinstance(root, dict):
                units += _of_root(path, root, nested)
    return units


def _of_root(path: Path, root: dict[str, Tree], nested: Nested | None) -> Iterator[Unit]:
    """The units of one document or of one item of a list of connectors."""
    name = word(root, "metadata", "name") or word(root, "name")
    if resource := _resource(path, root, name):
        yield resource
        return
    config = root.get("config")
    if isinstance(config, dict) and word(root, "name"):
        yield Unit(tuple(flat(config)), name)
        return
    walk = _Walk(path, nested)
    rest = walk.without_wrapped(root, name)
    yield from walk.units
    entries = tuple(flat(rest))
    if entries:
        yield Unit(entries, name if word(root, "kind") else "", profile=_profile(entries))


class _Walk:
    """Goes through a document, and keeps what was wrapped in it as units."""

    def __init__(self, path: Path, nested: Nested | None) -> None:
        self._path, self._nested = path, nested
        self.units: list[Unit] = []

    def without_wrapped(self, tree: Tree, owner: str) -> Tree:
        """What is left of a tree without that; ``owner`` is the name it is found under."""
        if isinstance(tree, list):
            return [self.without_wrapped(item, word(item, "name") or owner) for item in tree]
        if isinstance(tree, Leaf):
            return tree
        rest: dict[str, Tree] = {}
        for key, value in tree.items():
            if key in HOLDERS and (entries := held(value)):
                self.units += variables(entries, owner)
            elif isinstance(value, Leaf) and key in BLOCKS:
                rest[key] = self._block(value)
            elif isinstance(value, Leaf) and self._nested and _is_file(key, value):
                read = self._nested(self._path, key, value.value)
                self.units += [replace(unit, name=unit.name or key) for unit in read]
            elif key == OVERRIDES:
                kind = "connect" if "connect" in owner else ""
                self.units.append(Unit(tuple(flat(value)), owner, kind))
            else:
                inner = owner if key in ("data", "spec", "template") else key
                rest[key] = self.without_wrapped(value, word(value, "name") or inner)
        return rest

    def _block(self, leaf: Leaf) -> Tree:
        """A block of properties as a mapping."""
        entries = read_properties(self._path, leaf.value).entries
        first = leaf.line or 0
        return {entry.name: Leaf(entry.value, first + (entry.line or 0)) for entry in entries}


def _is_file(key: str, leaf: Leaf) -> bool:
    return key.lower().endswith(NESTED) and ("\n" in leaf.value or "=" in leaf.value)


def _profile(entries: tuple[Entry, ...]) -> str:
    """The condition of a Spring document."""
    conditions = ("spring.config.activate.on-profile", "spring.profiles")
    return next((entry.value for entry in entries if entry.name in conditions), "")


def _resource(path: Path, root: dict[str, Tree], name: str) -> Unit | None:
    """What a resource of an operator sets, mostly Strimzi's; None for anything else."""
    spec = below(root, "spec")
    match word(root, "kind"):
        case "KafkaConnect":
            return Unit(tuple(flat(below(spec, "config") or {})), name, "connect")
        case "Connect":  # of Confluent's operator
            server = below(spec, "configOverrides", "server")
            lines = [item.value for item in _items(server) if isinstance(item, Leaf)]
            return replace(read_properties(path, "\n".join(lines)), name=name, kind="connect")
        case "KafkaConnector":
            return Unit(tuple(flat(below(spec, "config") or {})), name, "connector")
        case "KafkaBridge":
            return Unit(tuple(flat(below(spec, "producer", "config") or {})), name, "java")
        case "KafkaMirrorMaker2":
            return Unit(tuple(_mirrors(spec)), name, "mirror-resource")
    return None


def _mirrors(spec: Tree | None) -> Iterator[Entry]:
    """The worker's settings, which are those of the cluster it runs by, and the connectors'."""
    home = word(spec, "connectCluster")
    for cluster in _items(below(spec, "clusters")):
        if word(cluster, "alias") == home:
            yield from flat(below(cluster, "config") or {})
    yield from flat(below(spec, "target", "config") or {})
    for mirror in _items(below(spec, "mirrors")):
        yield from flat(below(mirror, "sourceConnector", "config") or {})


def _items(tree: Tree | None) -> list[Tree]:
    """A list's items; none of what is no list."""
    return tree if isinstance(tree, list) else []
