"""How the two ends of a connection are set, as the settings of a client and a broker have it."""

import math
from dataclasses import dataclass

from model.network.receiver import ReceiveBuffer


@dataclass(frozen=True, slots=True)
class Sockets:
    """How the two ends of a connection are set; windows and buffers in bytes of payload."""

    max_in_flight: int
    send_buffer_bytes: float
    receive_buffer: ReceiveBuffer  # the broker's
    answer_window_bytes: float = math.inf  # the client's
    answers_expected: bool = True
    starts_with_one: bool = False  # in flight, until the first answer to a request with batches
