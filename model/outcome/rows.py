"""A list of rows that only grows, packed as it is written: a long run is rows by the million.

Eight bytes for each integer and float, one for a truth value, one row behind the other; a column is
read from there. Rows come back as they were, bit for bit.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

Row = TypeVar("Row", bound=tuple[Any, ...])
AnyColumn = NDArray[Any]

CODES = {int: "q", float: "d", bool: "?"}


class Rows(Sequence[Row], Generic[Row]):
    """Rows of one NamedTuple whose fields are ``int``, ``float`` and ``bool``."""

    __slots__ = ("_dtype", "_pack", "_packed", "_row_type", "_struct")

    def __init__(self, row_type: type[Row], packed: bytes = b"") -> None:
        """``row_type``: the NamedTuple; ``packed``: rows that there are already."""
        kinds = row_type.__annotations__
        self._row_type: Any = row_type
        self._struct = struct.Struct("<" + "".join(CODES[kind] for kind in kinds.values()))
        self._dtype = np.dtype(list(kinds.items()))
        self._pack = self._struct.pack
        self._packed = bytearray(packed)

    def append(self, row: Row) -> None:
        """Add a row at the end."""
        self._packed += self._pack(*row)

    def add(self, *values: float) -> None:
        """Add a row of these values, in the order of its fields; struct.error if one is no such."""
        self._packed += self._pack(*values)

    def column(self, name: str) -> AnyColumn:
        """The values of one field, of all rows; ValueError if there is no such field."""
        return self._table[name].copy()  # a view would keep rows from being added

    @property
    def _table(self) -> AnyColumn:
        return np.frombuffer(self._packed, self._dtype)

    def in_order_of(self, *names: str) -> "Rows[Row]":
        """The rows by these fields, the first counting most; those alike in all stay as they are.

        The very same object where they are in that order already.
        """
        order = np.lexsort([self.column(name) for name in reversed(names)])
        if np.array_equal(order, np.arange(len(self))):
            return self
        return Rows(self._row_type, self._table[order].tobytes())

    def __len__(self) -> int:
        return len(self._packed) // self._struct.size

    def __iter__(self) -> Iterator[Row]:
        return map(self._row_type._make, self._struct.iter_unpack(self._packed))

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self._at(number) for number in range(*index.indices(len(self)))]
        return self._at(range(len(self))[index])

    def _at(self, number: int) -> Row:
        values = self._struct.unpack_from(self._packed, number * self._struct.size)
        row: Row = self._row_type._make(values)
        return row

    def __eq__(self, other: object) -> bool:
        """Whether the rows are the same; a NaN is the same as a NaN."""
        if not isinstance(other, Rows):
            return NotImplemented
        return self._dtype == other._dtype and all(
            np.array_equal(self.column(name), other.column(name), equal_nan=True)
            for name in self._row_type._fields
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return Rows, (self._row_type, bytes(self._packed))

    def __repr__(self) -> str:
        return f"<Rows of {self._row_type.__name__}: {len(self)}>"
