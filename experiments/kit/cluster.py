"""Runs on a Dask cluster, which is an optional extra; the workers need this same code.

A worker that dies costs its tasks another attempt elsewhere. Left out: starting a cluster.
"""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Self

from experiments.kit.pool import ATTEMPTS, Answer, Asked
from model import ConfigError

if TYPE_CHECKING:
    from distributed import Client, Future

REACH_TIMEOUT_S = 5
#: What Dask takes for an address; of anything else it reports an error of its own, after a while.
ADDRESS = r"((tcp|tls|ws|wss|ucx|inproc)://)?(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}"


class Cluster:
    """The workers of a scheduler, for example at ``tcp://127.0.0.1:8786``. Raises ConfigError."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Client = _connected(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()  # type: ignore[no-untyped-call]  # Dask's own types end here

    def completed(
        self, answer: Callable[[Asked], Answer], asked: Sequence[Asked]
    ) -> Iterator[tuple[Asked, Answer | None]]:
        """Questions with their answers, as they come; None where workers died of it."""
        from distributed import as_completed

        futures = {
            self._client.submit(answer, question, pure=False, retries=ATTEMPTS - 1): question
            for question in asked
        }
        ended = as_completed(list(futures), loop=self._client.loop)  # type: ignore[no-untyped-call]
        for future in ended:
            yield futures.pop(future), self._result(future)
        if futures:  # it ends early where the scheduler has gone
            raise self._lost()

    def _result(self, future: "Future[Answer]") -> Answer | None:
        """What came of a task; waits once more if it went down with the worker that had it."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError
        from distributed.comm.core import CommClosedError

        try:
            return future.result()
        except KilledWorker:
            return None
        except (FutureCancelledError, CommClosedError, CancelledError) as error:
            raise self._lost() from error
        except (ImportError, AttributeError) as error:
            rule = f"must have workers with this code ({error})"
            raise ConfigError("cluster", self._address, rule) from error

    def _lost(self) -> ConfigError:
        rule = "must stay: it is gone; the same command goes on from what is kept"
        return ConfigError("cluster", self._address, rule)


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        rule = "needs Dask, an optional extra: pip install 'inflight[cluster]'"
        raise ConfigError("cluster", address, rule) from error
    if not re.fullmatch(ADDRESS, address):
        raise ConfigError("cluster", address, "must be an address such as tcp://127.0.0.1:8786")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is told in one line
    try:
        return Client(  # type: ignore[no-untyped-call]  # as above
            address, timeout=REACH_TIMEOUT_S, set_as_default=False
        )
    except (OSError, ValueError, TimeoutError) as error:
        raise ConfigError("cluster", address, "must be a Dask scheduler that answers") from error
