"""A way to a broker that takes its time: what comes in at one end goes out at the other, late.

It ends TCP at both ends, as a proxy does, so that no window feels the distance. Each direction of a
connection has a thread that reads and one that writes what is due. Units: seconds.
"""

import socket
import time
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

CHUNK_BYTES = 1 << 16


class FarAway:
    """Listens on a port of its own; whoever connects reaches ``port``, half of ``rtt_s`` away."""

    def __init__(self, rtt_s: float) -> None:
        self._one_way_s = rtt_s / 2
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.here: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = [self._listening]

    def lead_to(self, port: int) -> None:
        """Serve from now on."""
        Thread(target=self._accept, args=(port,), daemon=True).start()

    def close(self) -> None:
        """End what there is, and take no more connections."""
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)  # wakes whoever reads from it
            each.close()

    def _accept(self, port: int) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", port))
                self._open += [near, far]
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._carry(near, far)
                self._carry(far, near)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        under_way: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        Thread(target=self._take, args=(source, under_way), daemon=True).start()
        Thread(target=_hand_over, args=(target, under_way), daemon=True).start()

    def _take(self, source: socket.socket, under_way: "SimpleQueue[tuple[float, bytes]]") -> None:
        chunk = b"begun"
        while chunk:
            try:
                chunk = source.recv(CHUNK_BYTES)
            except OSError:
                chunk = b""
            under_way.put((time.monotonic() + self._one_way_s, chunk))


def _hand_over(target: socket.socket, under_way: "SimpleQueue[tuple[float, bytes]]") -> None:
    """Write what is due; an empty chunk is the end."""
    with suppress(OSError):
        while True:
            due_s, chunk = under_way.get()
            time.sleep(max(0.0, due_s - time.monotonic()))
            if not chunk:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(chunk)
