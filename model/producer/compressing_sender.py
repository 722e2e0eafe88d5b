"""The Sender thread of a producer that compresses: it closes what the application had not.

The work on batches that were drained before they were full comes before their request is written.
Units: seconds.
"""

from model.producer.compression import CompressingAccumulator
from model.producer.sender import Sender
from model.wire.requests import Request


class CompressingSender(Sender):
    """A Sender that closes what the application had not."""

    def sending_s(self, requests: list[Request]) -> float:
        """Building and writing requests, and what is left to compress of their batches."""
        assert isinstance(self._accumulator, CompressingAccumulator)
        return super().sending_s(requests) + self._accumulator.take_closing_s()
