"""When the client asks for metadata (Metadata.java): what it knows, wants and has requested.

Pure. It may be asked for again a backoff after the last answer; where answers say nothing new, the
backoff grows (equivalentResponseCount). What metadata says is :mod:`model.producer.leaders`. Left
out: its age where leaders never change. Units: seconds.
"""

from collections.abc import Callable

from model.units import NEVER_S


class Metadata:
    """One client's; not more than one request for it in ``backoff_s``.

    ``equal_backoff_s(answers)`` is how long to wait after so many answers that were no news, and
    ``max_age_s`` how long an answer is good for.
    """

    def __init__(
        self,
        backoff_s: float,
        equal_backoff_s: Callable[[int], float] | None = None,
        max_age_s: float = NEVER_S,
    ) -> None:
        self._backoff_s = backoff_s
        self._equal_backoff_s = equal_backoff_s
        self._max_age_s = max_age_s
        self.forget()

    def forget(self) -> None:
        """Know nothing, as a new client does, and want it at once."""
        self.known = False
        self.wanted = True
        self._requested = False
        self._wait_s = self._backoff_s
        self._last_s = -self._backoff_s
        self._equal_answers = 0

    def request_update(self) -> None:
        """What is known may be stale (Metadata.requestUpdate)."""
        self.wanted = True

    def start_again(self) -> None:
        """Know nothing of the topic any more (Metadata.rebootstrap); the backoff goes on."""
        self.known = False
        self.wanted = True

    def due_s(self) -> float:
        """When it is to be asked for; while it is due no produce request may be sent."""
        if self._requested:
            return NEVER_S
        allowed_s = self._last_s + self._wait_s
        return allowed_s if self.wanted else max(allowed_s, self._last_s + self._max_age_s)

    def requested(self) -> None:
        """A request for it leaves."""
        self._requested = True

    def fresh(self, now_s: float, news: bool = True) -> None:
        """It is there; ``news``: it tells of another leader than was known."""
        news = news or not self.known
        self.known, self.wanted, self._requested = True, False, False
        self._last_s, self._wait_s = now_s, self._backoff_s
        self._equal_answers = 0 if news else self._equal_answers + 1
        if self._equal_answers and self._equal_backoff_s is not None:
            self._wait_s = self._equal_backoff_s(self._equal_answers)

    def lost(self, now_s: float) -> None:
        """The request failed, so it is due again after the backoff."""
        self._requested = False
        self._last_s = now_s
