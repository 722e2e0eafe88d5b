"""What runs a sweep's tasks: the one interface of the cores here and of a cluster elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

#: Ours: a task that was under way on so many workers that died is given up.
ATTEMPTS = 3


class Executor(Protocol):
    """Workers that are there between ``with`` and its end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def completed(
        self, answer: Callable[[Asked], Answer], asked: Sequence[Asked]
    ) -> Iterator[tuple[Asked, Answer | None]]:
        """Questions with their answers, as they come.

        A question whose worker dies is asked again, ``ATTEMPTS`` times in all; after that its
        answer is None.
        """
