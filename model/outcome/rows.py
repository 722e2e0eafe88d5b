"""A list of rows that only grows, kept as columns: a long run is rows by the million.

The newest rows are kept as they came, the others as arrays of integers, floats and truth values,
eight bytes or one for each field. Rows come back as they were, bit for bit.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

#: Ours: rows that are turned into columns at once.
CHUNK = 2048

Row = TypeVar("Row", bound=tuple[Any, ...])
AnyColumn = NDArray[Any]


class _Field(NamedTuple):
    name: str
    dtype: np.dtype[Any]


class Rows(Sequence[Row], Generic[Row]):
    """Rows of one NamedTuple whose fields are ``int``, ``float`` and ``bool``."""

    __slots__ = ("_chunks", "_fields", "_newest", "_row_type")

    def __init__(self, row_type: type[Row]) -> None:
        """``row_type``: the NamedTuple."""
        self._row_type: Any = row_type
        self._fields = [
            _Field(name, np.dtype(kind)) for name, kind in row_type.__annotations__.items()
        ]
        self._chunks: list[list[AnyColumn]] = []
        self._newest: list[Row] = []

    def append(self, row: Row) -> None:
        """Add a row at the end."""
        self._newest.append(row)
        if len(self._newest) == CHUNK:
            self._store()

    def extend(self, rows: Iterable[Row]) -> None:
        """Add rows at the end."""
        self._newest.extend(rows)
        while len(self._newest) >= CHUNK:
            self._store()

    def column(self, name: str) -> AnyColumn:
        """The values of one field, of all rows; ValueError if there is no such field."""
        index = [field.name for field in self._fields].index(name)
        newest = np.array([row[index] for row in self._newest], self._fields[index].dtype)
        return np.concatenate([*(chunk[index] for chunk in self._chunks), newest])

    def in_order_of(self, *names: str) -> "Rows[Row]":
        """The rows by these fields, the first counting most; those alike in all stay as they are.

        The very same object where they are in that order already.
        """
        columns = [self.column(name) for name in names]
        order = np.lexsort(columns[::-1])
        if np.array_equal(order, np.arange(len(self))):
            return self
        fields = [self.column(field.name)[order] for field in self._fields]
        whole = len(self) - len(self) % CHUNK
        ordered = Rows[Row](self._row_type)
        for start in range(0, whole, CHUNK):
            ordered._chunks.append([field[start : start + CHUNK] for field in fields])
        rest = zip(*(field[whole:].tolist() for field in fields), strict=True)
        ordered._newest.extend(map(self._row_type._make, rest))
        return ordered

    def _store(self) -> None:
        """Turn the oldest of the rows that are kept as they came into columns."""
        columns = zip(*self._newest[:CHUNK], strict=True)
        fields = zip(columns, self._fields, strict=True)
        self._chunks.append([np.array(column, field.dtype) for column, field in fields])
        del self._newest[:CHUNK]

    def __len__(self) -> int:
        return len(self._chunks) * CHUNK + len(self._newest)

    def __iter__(self) -> Iterator[Row]:
        for chunk in self._chunks:
            columns = [column.tolist() for column in chunk]
            yield from map(self._row_type._make, zip(*columns, strict=True))
        yield from self._newest

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self._at(number) for number in range(*index.indices(len(self)))]
        return self._at(range(len(self))[index])

    def _at(self, number: int) -> Row:
        chunk, inside = divmod(number, CHUNK)
        if chunk == len(self._chunks):
            return self._newest[inside]
        row: Row = self._row_type._make(column[inside].item() for column in self._chunks[chunk])
        return row

    def __eq__(self, other: object) -> bool:
        """Whether the rows are the same; a NaN is the same as a NaN."""
        if not isinstance(other, Rows):
            return NotImplemented
        return self._fields == other._fields and all(
            np.array_equal(self.column(field.name), other.column(field.name), equal_nan=True)
            for field in self._fields
        )

    def __repr__(self) -> str:
        return f"<Rows of {self._row_type.__name__}: {len(self)}>"
