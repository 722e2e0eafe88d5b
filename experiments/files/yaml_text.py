"""YAML to trees, by PyYAML's safe loader: no objects are made, and none of its values is trusted.

A key that is there twice is refused, as SnakeYAML refuses it in Spring and Quarkus. Merged mappings
(``<<``) and aliases are followed, so far as the bounds allow.
"""

import re
from pathlib import Path

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from experiments.files.entries import MOST_ENTRIES, named, refused
from experiments.files.tree import DEEPEST, Leaf, Tree
from model.settings.shown import shown

_TAG = "tag:yaml.org,2002:"
_LONGEST_NUMBER = 40
_QUOTED = re.compile("'.*'|\".*\"", re.DOTALL)


class _TooMuchError(Exception):
    """A document is deeper or larger than any configuration."""


class _Loader(yaml.SafeLoader):
    """Stops at documents that are too deep or too large, before they are in memory."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = self.nodes = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        self.depth, self.nodes = self.depth + 1, self.nodes + 1
        if self.depth > DEEPEST or self.nodes > MOST_ENTRIES:
            raise _TooMuchError
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_yaml(path: Path, text: str) -> list[Tree]:
    """The documents that are not empty, as trees. Raises ConfigError."""
    try:
        loader = _Loader(text)
    except yaml.YAMLError:
        raise refused(path, "cannot be read as YAML: it has characters YAML forbids") from None
    try:
        reader = _Reader(path)
        trees: list[Tree] = []
        while loader.check_node():
            node = loader.get_node()
            if node is not None and not _is_null(node):
                trees.append(reader.tree(node, 0))
        return trees
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" (line {mark.line + 1})" if mark else ""
        problem = _QUOTED.sub("...", error.problem or "")  # may be half of a password
        raise refused(path, f"cannot be read as YAML{line}: {shown(problem)}") from None
    except (_TooMuchError, RecursionError):
        raise refused(path, f"is deeper than {DEEPEST} or has over {MOST_ENTRIES} values") from None
    finally:
        loader.dispose()


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == f"{_TAG}null"


class _Reader:
    """Nodes to trees; counts what aliases make of them."""

    def __init__(self, path: Path) -> None:
        self._path, self._made = path, 0
        self._values = SafeConstructor()

    def tree(self, node: Node, depth: int) -> Tree:
        self._count(depth)
        if isinstance(node, MappingNode):
            pairs = self._pairs(node, depth)
            return {key: self.tree(value, depth + 1) for key, value in pairs.items()}
        if isinstance(node, SequenceNode):
            return [self.tree(item, depth + 1) for item in node.value]
        assert isinstance(node, ScalarNode)
        return Leaf(self._text(node), node.start_mark.line + 1)

    def _count(self, depth: int) -> None:
        self._made += 1
        if depth > DEEPEST or self._made > MOST_ENTRIES:
            raise _TooMuchError

    def _pairs(self, node: MappingNode, depth: int) -> dict[str, Node]:
        """A mapping's own keys over those that are merged into it."""
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key_node, value in node.value:
            self._count(depth)
            if key_node.tag == f"{_TAG}merge":
                sources = value.value if isinstance(value, SequenceNode) else [value]
                for source in sources:
                    if isinstance(source, MappingNode):
                        merged = self._pairs(source, depth + 1) | merged
                continue
            if not isinstance(key_node, ScalarNode):
                rule = "has a key that is no plain word"
                raise refused(self._path, f"{rule} (line {key_node.start_mark.line + 1})")
            if key_node.value in own:
                line = key_node.start_mark.line + 1
                rule = f"has {named(key_node.value)} twice, which YAML forbids"
                raise refused(self._path, f"{rule} (line {line})")
            own[str(key_node.value)] = value
        return merged | own

    def _text(self, node: ScalarNode) -> str:
        """A scalar as Java would print it: YAML's yes is true, its 1_000 is 1000."""
        text = str(node.value)
        kind = node.tag.removeprefix(_TAG)
        try:
            if kind == "null":
                return ""
            if kind == "bool":
                return str(self._values.construct_yaml_bool(node)).lower()
            if kind == "int" and len(text) <= _LONGEST_NUMBER:
                return str(self._values.construct_yaml_int(node))
        except (ValueError, KeyError):
            pass  # such as 0o17 or a lone sign: the client gets the text
        return text
