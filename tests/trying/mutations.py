"""What can be changed in a source file, one place at a time: comparisons, arithmetic, statements.

Left out: docstrings, reprs, asserts, raises, imports, annotations.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult},
    **{ast.FloorDiv: ast.Div, ast.Mod: ast.Mult, ast.Pow: ast.Mult},
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
#: What is left alone, with everything in it.
ALONE = (ast.Assert, ast.Raise, ast.Import, ast.ImportFrom)
#: Parts of a node that are types and not what is done.
TYPES = ("annotation", "returns", "decorator_list", "bases")


@dataclass(frozen=True)
class Mutant:
    """A source with one change, and where that is."""

    line: int
    was: str
    now: str
    source: str


def count(source: str) -> int:
    """How many mutants a file has."""
    return sum(1 for _ in _places(ast.parse(source)))


def mutant(source: str, number: int) -> Mutant:
    """One of them, counted from 0 in the order of the text."""
    tree = ast.parse(source)
    node, change = next(islice(_places(tree), number, None))
    was = _first_line(node)
    change()
    now = _first_line(ast.fix_missing_locations(node))
    return Mutant(node.lineno, was, now, ast.unparse(tree))


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0]


def _places(node: Any) -> Iterator[tuple[Any, Callable[[], None]]]:
    """Nodes that can be changed, each with what changes it."""
    if isinstance(node, ALONE) or getattr(node, "name", "") in ("__repr__", "__str__"):
        return
    if isinstance(node, ast.expr | ast.stmt):
        yield from ((node, change) for change in _changes(node))
    for name, field in ast.iter_fields(node):
        if name in TYPES:
            continue
        for child in field if isinstance(field, list) else [field]:
            is_text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not is_text:
                yield from _places(child)


def _is_nothing(value: ast.expr | None) -> bool:
    """Whether a value is left out, 0 or false, and so no other if it becomes 0."""
    return value is None or (isinstance(value, ast.Constant) and value.value == 0)


def _changes(node: Any) -> Iterator[Callable[[], None]]:
    """What can be done to one node itself."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield lambda: setattr(node, "ops", [SWAPS[type(node.ops[0])](), *node.ops[1:]])
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in SWAPS:
        yield lambda: setattr(node, "op", SWAPS[type(node.op)]())
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        value = node.value
        yield lambda: setattr(node, "value", not value if isinstance(value, bool) else value + 1)
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield lambda: setattr(node, "id", NAMES[node.id])
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Return) and not _is_nothing(node.value):
        yield lambda: setattr(node, "value", ast.Constant(0))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield lambda: setattr(node, "value", ast.Constant(None))
