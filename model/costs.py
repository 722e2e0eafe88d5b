"""What a request costs whoever works on it: stated here, spent by actors, added up by the bound.

A new cost has its place here twice: in the part that an actor spends on one request, and in the
mean of a whole request beside it. Parts are summed in seconds, means in microseconds and turned
into seconds at the end, so the two agree but for the last digits. Units: seconds, bytes.
"""

from model.config.cluster import MachineConfig
from model.config.compression import CODECS, NO_CODEC
from model.units import MICROSECOND_S

#: Assumed: the client's work per request is shared evenly by sending it and reading its response,
SEND_SHARE = ANSWER_SHARE = 1 / 2
#: and the broker's by reading, handling and writing.
READ_SHARE = HANDLE_SHARE = WRITE_SHARE = 1 / 3


class ClientCosts:
    """A producer's threads; what an application's record costs, and how late threads run."""

    def __init__(self, machine: MachineConfig) -> None:
        self._machine = machine
        self.append_s = machine.client_append_us * MICROSECOND_S
        self.notify_s = machine.notify_us * MICROSECOND_S
        self.timer_late_s = machine.timer_late_us * MICROSECOND_S
        self._request_s = machine.client_request_us * MICROSECOND_S
        self._byte_s = machine.client_byte_us * MICROSECOND_S
        self._record_s = machine.client_record_us * MICROSECOND_S

    def sending_s(self, requests: int, size_bytes: int) -> float:
        """The Sender thread builds requests with so many bytes in all and writes them."""
        return requests * self._request_s * SEND_SHARE + size_bytes * self._byte_s

    def answers_s(self, requests: int, records: int) -> float:
        """It reads their responses and calls back for so many records in all."""
        return requests * self._request_s * ANSWER_SHARE + records * self._record_s

    def compress_byte_s(self, codec: str, level: int | None) -> float:
        """A codec works on an uncompressed byte; whoever closes a block does that."""
        work = CODECS[codec].work_at(level)
        return self._machine.compress_byte_us(codec) * work * MICROSECOND_S

    def mean_request_s(self, size_bytes: float, records: float) -> float:
        """Both, for one request."""
        machine = self._machine
        return MICROSECOND_S * (
            machine.client_request_us
            + size_bytes * machine.client_byte_us
            + records * machine.client_record_us
        )


class BrokerCosts:
    """A broker's threads: a leader's for requests, a follower's for what it fetched.

    A leader decompresses batches of a ``codec`` to look at each record, and writes them as they
    came (LogValidator, with the topic's ``compression.type=producer``); a follower does not look.
    """

    def __init__(self, machine: MachineConfig, codec: str = NO_CODEC) -> None:
        self._machine = machine
        self.request_s = machine.broker_request_us * MICROSECOND_S
        self.reading_s = self.request_s * READ_SHARE
        self.handling_s = self.request_s * HANDLE_SHARE
        self.writing_s = self.request_s * WRITE_SHARE
        self.mean_tail_s = machine.broker_tail_us * MICROSECOND_S
        self.mean_stall_s = machine.broker_stall_us * MICROSECOND_S
        self._batch_s = machine.broker_batch_us * MICROSECOND_S
        self._byte_s = machine.broker_byte_us * MICROSECOND_S
        self._unpacked_byte_s = machine.decompress_byte_us(codec) * MICROSECOND_S

    def append_s(self, size_bytes: int, stalled_s: float) -> float:
        """A batch is appended, under the lock of its log."""
        return self._batch_s + size_bytes * self._byte_s + stalled_s

    def validate_s(self, unpacked_bytes: float) -> float:
        """Before that, under the same lock, a compressed batch is looked into."""
        return unpacked_bytes * self._unpacked_byte_s

    def copy_s(self, batches: int, size_bytes: int) -> float:
        """A follower appends batches that it fetched."""
        return batches * self._batch_s + size_bytes * self._byte_s

    def fetch_answer_s(self, size_bytes: int) -> float:
        """A leader sends a piece of the log's file (FileRecords): bytes that are copied, whatever
        batches they are. Assumed: a byte costs what it costs when it is appended."""
        return size_bytes * self._byte_s

    def rise_s(self, parked_s: float) -> float:
        """How late a thread goes on with a request that was parked so long."""
        return self._machine.rise_s(parked_s)

    def mean_network_thread_s(self) -> float:
        """A network thread's part of a request."""
        return (READ_SHARE + WRITE_SHARE) * self._machine.broker_request_us * MICROSECOND_S

    def mean_log_lock_s(self, batches: float, size_bytes: float) -> float:
        """For how long the locks of logs are held, stalls left out."""
        machine = self._machine
        locked_us = batches * machine.broker_batch_us + size_bytes * machine.broker_byte_us
        return locked_us * MICROSECOND_S

    def mean_service_s(self, batches: int, size_bytes: int) -> float:
        """All work on a produce request with so many bytes of batches, stalls included."""
        machine = self._machine
        return MICROSECOND_S * (
            machine.broker_request_us
            + machine.broker_tail_us
            + batches * machine.broker_batch_us
            + size_bytes * machine.append_byte_us
        )

    def mean_replication_s(self, size_bytes: float) -> float:
        """A batch is sent to a follower and appended there, and the next fetch is read."""
        machine = self._machine
        bytes_us = size_bytes * machine.broker_byte_us
        work_us = machine.broker_request_us + machine.broker_batch_us + 2 * bytes_us
        return work_us * MICROSECOND_S
