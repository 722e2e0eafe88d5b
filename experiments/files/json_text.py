"""JSON to trees, without lines. A key that is there twice is refused: readers differ on it."""

import json
from pathlib import Path
from typing import Any

from experiments.files.entries import MOST_ENTRIES, named, refused
from experiments.files.tree import DEEPEST, Leaf, Tree
from model.config.checks import ConfigError


def read_json(path: Path, text: str) -> Tree:
    """The document as a tree. Raises ConfigError."""

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise refused(path, f"has {named(twice)} twice")
        return found

    try:
        loaded = json.loads(
            text, object_pairs_hook=mapping, parse_int=str, parse_float=str, parse_constant=str
        )
        budget = [MOST_ENTRIES]
        return _tree(loaded, 0, budget)
    except ConfigError:
        raise
    except json.JSONDecodeError as error:
        raise refused(path, f"cannot be read as JSON (line {error.lineno}): {error.msg}") from None
    except RecursionError:
        raise refused(path, f"is deeper than {DEEPEST} or has over {MOST_ENTRIES} values") from None


def _tree(value: Any, depth: int, budget: list[int]) -> Tree:
    budget[0] -= 1
    if depth > DEEPEST or budget[0] < 0:
        raise RecursionError
    match value:
        case dict():
            return {key: _tree(below, depth + 1, budget) for key, below in value.items()}
        case list():
            return [_tree(item, depth + 1, budget) for item in value]
        case bool():
            return Leaf(str(value).lower())
        case None:
            return Leaf("")
        case _:
            return Leaf(str(value))
