"""What a packet capture at the producers' connections keeps: rows of flights, and of what was told.

Only a run that is made for a picture has one (:func:`model.simulation.captured`). Left out: where
a connection made anew begins, whose positions start again at 0. Units: seconds of the run, bytes.
"""

from typing import NamedTuple

from model.wire.flights import Flight, Word


class FlightRow(NamedTuple):
    """A flight between these two."""

    producer: int
    broker: int
    flight: Flight


class WordRow(NamedTuple):
    """What this broker told this producer."""

    producer: int
    broker: int
    word: Word


class Capture:
    """Rows in the order in which the model came to them."""

    def __init__(self) -> None:
        self.flights: list[FlightRow] = []
        self.words: list[WordRow] = []

    def __repr__(self) -> str:
        return f"<Capture of {len(self.flights)} flights, {len(self.words)} words>"

    def tap(self, producer: int, broker: int) -> "ConnectionTap":
        """Who listens at the connections between these two."""
        return ConnectionTap(self, producer, broker)


class ConnectionTap:
    """Adds what one connection tells to a capture."""

    def __init__(self, capture: Capture, producer: int, broker: int) -> None:
        self._capture = capture
        self._ends = producer, broker

    def flight(self, found: Flight) -> None:
        """Bytes left."""
        self._capture.flights.append(FlightRow(*self._ends, found))

    def word(self, found: Word) -> None:
        """A window was told, or an acknowledgement."""
        self._capture.words.append(WordRow(*self._ends, found))
