"""What YAML and JSON have in common: mappings, lists and leaves of text, with lines.

Numbers and flags are text as Java would print them, nothing is the empty text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, Union

from experiments.files.entries import Entry

#: Ours: deeper than any configuration.
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value, and the line that it stands in."""

    value: str
    line: int | None = None


Tree: TypeAlias = Union[dict[str, "Tree"], list["Tree"], "Leaf"]


def flat(tree: Tree, name: str = "") -> Iterator[Entry]:
    """Every leaf under its dotted name; a list of plain values is one, joined by commas."""
    match tree:
        case Leaf():
            yield Entry(name, tree.value, tree.line)
        case dict():
            for key, below in tree.items():
                yield from flat(below, joined(name, key))
        case list() if leaves := [item for item in tree if isinstance(item, Leaf)]:
            yield Entry(name, ",".join(leaf.value for leaf in leaves), leaves[0].line)
        case list():
            for index, item in enumerate(tree):
                yield from flat(item, f"{name}[{index}]")


def joined(name: str, key: str) -> str:
    """A key under a name; Spring writes keys with dots in brackets."""
    key = key[1:-1] if key.startswith("[") and key.endswith("]") else key
    return f"{name}.{key}" if name else key


def below(tree: Tree | None, *keys: str) -> Tree | None:
    """What is under these keys, one after the other; None where there is nothing."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def word(tree: Tree | None, *keys: str) -> str:
    """The text under these keys; empty where there is none."""
    leaf = below(tree, *keys)
    return leaf.value if isinstance(leaf, Leaf) else ""
