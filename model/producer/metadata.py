"""When the client asks for metadata (Metadata.java): what it knows, wants and has requested.

Pure. Left out: what metadata says (leaders do not move) and its age. Units: seconds.
"""

from model.units import NEVER_S


class Metadata:
    """One client's; not more than one request for it in ``backoff_s``."""

    def __init__(self, backoff_s: float) -> None:
        self._backoff_s = backoff_s
        self.forget()

    def forget(self) -> None:
        """Know nothing, as a new client does, and want it at once."""
        self.known = False
        self.wanted = True
        self._requested = False
        self._last_s = -self._backoff_s

    def request_update(self) -> None:
        """What is known may be stale (Metadata.requestUpdate)."""
        self.wanted = True

    def due_s(self) -> float:
        """When it is to be asked for; while it is due no produce request may be sent."""
        return self._last_s + self._backoff_s if self.wanted and not self._requested else NEVER_S

    def requested(self) -> None:
        """A request for it leaves."""
        self._requested = True

    def fresh(self, now_s: float) -> None:
        """It is there."""
        self.known, self.wanted, self._requested = True, False, False
        self._last_s = now_s

    def lost(self, now_s: float) -> None:
        """The request failed, so it is due again after the backoff."""
        self._requested = False
        self._last_s = now_s
