"""Whether each field of a configuration is of the kind that it is declared as.

Numbers of NumPy become Python's, lists become tuples. Left out: ranges, which each class checks.
"""

from collections.abc import Sequence
from dataclasses import fields
from numbers import Integral, Real
from operator import is_
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from model.config.checks import ConfigError

#: Ours: a value that is refused is shown in so many characters.
SHOWN = 40
#: By name, for NumPy need not be there: that of versions from 2 on, and before.
NUMPY_BOOLS = ("<class 'numpy.bool'>", "<class 'numpy.bool_'>")
#: Ours: no number of anything; the largest that a float is as well.
TOO_LARGE = 1 << 1023
NUMBERS = {float: "a number", int: "a whole number"}


def settle_kinds(part: Any) -> None:
    """Refuse fields of another kind than declared; to be called first when a part is made.

    Raises ConfigError with the field's name in Python, its value and what it must be.
    """
    for each in fields(part):
        given = getattr(part, each.name)
        try:
            settled = _settled(given, each.type)
        except TypeError:
            rule = f"must be {_kind(each.type)}{_meant(given, each.name, each.type)}"
            raise ConfigError(each.name, _shown(given), rule) from None
        if settled is not given:
            object.__setattr__(part, each.name, settled)


def _settled(value: Any, kind: Any) -> Any:
    """The value as it is kept. Raises TypeError for one of another kind."""
    if isinstance(kind, UnionType):
        return _first_settled(value, get_args(kind))
    if get_origin(kind) is tuple:
        return _settled_all(value, get_args(kind)[0])
    if get_origin(kind) is Literal:
        kind = str  # which words, its class says
    if kind in NUMBERS:
        return _number(value, kind)
    if kind is bool and str(type(value)) in NUMPY_BOOLS:
        return bool(value)
    if not isinstance(value, kind):
        raise TypeError
    return value


def _first_settled(value: Any, kinds: Sequence[Any]) -> Any:
    for kind in kinds:
        try:
            return _settled(value, kind)
        except TypeError:
            continue
    raise TypeError


def _settled_all(values: Any, kind: Any) -> Any:
    if not isinstance(values, list | tuple):
        raise TypeError
    settled = tuple(_settled(value, kind) for value in values)
    same = isinstance(values, tuple) and all(map(is_, values, settled))
    return values if same else settled


def _number(value: Any, kind: type) -> Any:
    """Truth values are no numbers; a whole number may stand for any."""
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, Integral):
        if abs(int(value)) >= TOO_LARGE:
            raise TypeError
        return int(value)
    if kind is float and isinstance(value, Real):
        return float(value)
    raise TypeError


def _kind(kind: Any) -> str:
    """What a field has to be, in words."""
    if isinstance(kind, UnionType):
        *others, last = (_kind(each) for each in get_args(kind))
        return f"{', '.join(others)} or {last}"
    if get_origin(kind) is tuple:
        return f"a tuple, each {_kind(get_args(kind)[0])}"
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    named = {bool: "True or False", str: "a word", type(None): "None", **NUMBERS}
    return named.get(kind) or f"{'an' if kind.__name__[0] in 'AEIO' else 'a'} {kind.__name__}"


def _meant(value: Any, name: str, kind: Any) -> str:
    """The end of the sentence where what was to be given is a part of what was."""
    if isinstance(kind, type) and isinstance(getattr(value, name, None), kind):
        return f"; did you mean its .{name}?"
    if isinstance(value, type) and isinstance(kind, type | UnionType) and issubclass(value, kind):
        return f"; did you mean {value.__name__}(...)?"
    return ""


def _shown(value: object) -> str:
    """A value in a few printable characters."""
    text = f"(the class {value.__name__})" if isinstance(value, type) else ascii(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
