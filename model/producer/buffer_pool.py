"""The producer's ``buffer.memory`` (BufferPool.java): whole buffers, held until the ack.

One application thread per producer, so at most one waits. Clients that count records have a record
where others have a byte. Left out: the free list, which saves
allocations in Java and changes no count of bytes.
"""


class BufferPool:
    """Bytes that open, queued and in-flight batches may hold together."""

    __slots__ = ("_waiting_counts", "available_bytes", "total_bytes", "waiting")

    def __init__(self, total_bytes: int, waiting_counts: bool = True) -> None:
        self.total_bytes = total_bytes
        self.available_bytes = total_bytes
        self._waiting_counts = waiting_counts
        self.waiting = False  # an application thread is blocked; makes every partition sendable

    def __repr__(self) -> str:
        waiting = ", one waiting" if self.waiting else ""
        return f"<BufferPool {self.available_bytes}/{self.total_bytes} bytes free{waiting}>"

    def allocate(self, size_bytes: int) -> bool:
        """Take a buffer; False, and remember that somebody waits, if there is no room."""
        fits = self.available_bytes >= size_bytes
        if fits:
            self.available_bytes -= size_bytes
        self.waiting = self._waiting_counts and not fits
        return fits

    def take(self, size_bytes: int) -> None:
        """Take what was seen to be there."""
        self.available_bytes -= size_bytes

    def deallocate(self, size_bytes: int) -> None:
        """Give a buffer back."""
        self.available_bytes += size_bytes
        if self.available_bytes > self.total_bytes:
            raise RuntimeError(f"{self!r}: more bytes came back than were taken")
