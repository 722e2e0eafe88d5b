"""What a request costs whoever works on it: stated here, spent by actors, added up by the bound.

A new cost has its place here twice: in the part that an actor spends on one request, and in the
mean of a whole request beside it. Parts are summed in seconds, means in microseconds and turned
into seconds at the end, so the two agree but for the last digits. Units: seconds, bytes.
"""

from model.config.cluster import MachineConfig
from model.config.compression import CODECS, NO_CODEC
from model.config.producer import ProducerConfig
from model.config.security import uses_tls
from model.units import MICROSECOND_S

#: Assumed: the client's work per request is shared evenly by sending it and reading its response,
SEND_SHARE = ANSWER_SHARE = 1 / 2
#: and the broker's by reading, handling and writing.
READ_SHARE = HANDLE_SHARE = WRITE_SHARE = 1 / 3


#: Without codec and TLS.
PLAIN = ProducerConfig()


class ClientCosts:
    """A producer's threads; what an application's record costs, and how late threads run.

    With TLS each request and byte costs the Sender more.
    """

    def __init__(self, machine: MachineConfig, producer: ProducerConfig = PLAIN) -> None:
        self._machine = machine
        self._codec, self._level = producer.compression_type, producer.compression_level
        self._request_us, self._byte_us = machine.client_request_us, machine.client_byte_us
        self.handshake_s = 0.0
        if uses_tls(producer.security_protocol):
            self._request_us += machine.client_tls_request_us
            self._byte_us += machine.client_tls_byte_us
            self.handshake_s = machine.tls_handshake_us * MICROSECOND_S
        self.append_s = machine.client_append_us * MICROSECOND_S
        self.notify_s = machine.notify_us * MICROSECOND_S
        self.timer_late_s = machine.timer_late_us * MICROSECOND_S
        self._request_s = self._request_us * MICROSECOND_S
        self._byte_s = self._byte_us * MICROSECOND_S
        self._record_s = machine.client_record_us * MICROSECOND_S

    def sending_s(self, requests: int, size_bytes: int) -> float:
        """The Sender thread builds requests with so many bytes in all and writes them."""
        return requests * self._request_s * SEND_SHARE + size_bytes * self._byte_s

    def answers_s(self, requests: int, records: int) -> float:
        """It reads their responses and calls back for so many records in all."""
        return requests * self._request_s * ANSWER_SHARE + records * self._record_s

    @property
    def compress_byte_s(self) -> float:
        """The codec works on an uncompressed byte; whoever closes a block does that."""
        if self._codec == NO_CODEC:
            return 0.0
        work = CODECS[self._codec].work_at(self._level)
        return self._machine.compress_byte_us(self._codec) * work * MICROSECOND_S

    def mean_request_s(self, size_bytes: float, records: float) -> float:
        """Both, for one request."""
        return MICROSECOND_S * (
            self._request_us + size_bytes * self._byte_us + records * self._machine.client_record_us
        )


class BrokerCosts:
    """A broker's threads: a leader's for requests, a follower's for what it fetched.

    A leader decompresses batches of a ``codec`` to look at each record, and writes them as they
    came (LogValidator, with the topic's ``compression.type=producer``); a follower does not look.
    With TLS a network thread decrypts what producers send.
    """

    def __init__(self, machine: MachineConfig, producer: ProducerConfig = PLAIN) -> None:
        self._machine = machine
        self.request_s = machine.broker_request_us * MICROSECOND_S
        self.reading_s = self.request_s * READ_SHARE
        self.handling_s = self.request_s * HANDLE_SHARE
        self.writing_s = self.request_s * WRITE_SHARE
        self.mean_tail_s = machine.broker_tail_us * MICROSECOND_S
        self.mean_stall_s = machine.broker_stall_us * MICROSECOND_S
        self._batch_s = machine.broker_batch_us * MICROSECOND_S
        self._byte_s = machine.broker_byte_us * MICROSECOND_S
        self._unpacked_byte_s = (
            machine.decompress_byte_us(producer.compression_type) * MICROSECOND_S
        )

        self.decrypts = uses_tls(producer.security_protocol)
        self._tls_request_s = self._tls_byte_s = 0.0
        if self.decrypts:
            self._tls_request_s = machine.broker_tls_request_us * MICROSECOND_S
            self._tls_byte_s = machine.broker_tls_byte_us * MICROSECOND_S

    def append_s(self, size_bytes: int, stalled_s: float) -> float:
        """A batch is appended, under the lock of its log."""
        return self._batch_s + size_bytes * self._byte_s + stalled_s

    def validate_s(self, unpacked_bytes: float) -> float:
        """Before that, under the same lock, a compressed batch is looked into."""
        return unpacked_bytes * self._unpacked_byte_s

    def decrypt_s(self, size_bytes: float) -> float:
        """A producer's request is decrypted as it is read."""
        return self._tls_request_s + size_bytes * self._tls_byte_s

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

    def mean_network_thread_s(self, size_bytes: float) -> float:
        """A network thread's part of a request of so many bytes."""
        share_us = (READ_SHARE + WRITE_SHARE) * self._machine.broker_request_us
        return share_us * MICROSECOND_S + self.decrypt_s(size_bytes)

    def mean_log_lock_s(
        self, batches: float, size_bytes: float, unpacked_bytes: float = 0.0
    ) -> float:
        """For how long the locks of logs are held, stalls left out."""
        machine = self._machine
        locked_us = batches * machine.broker_batch_us + size_bytes * machine.broker_byte_us
        return locked_us * MICROSECOND_S + self.validate_s(unpacked_bytes)

    def mean_service_s(self, batches: int, size_bytes: int, unpacked_bytes: int = 0) -> float:
        """All work on a produce request with so many bytes of batches, stalls included."""
        machine = self._machine
        plain_s = MICROSECOND_S * (
            machine.broker_request_us
            + machine.broker_tail_us
            + batches * machine.broker_batch_us
            + size_bytes * machine.append_byte_us
        )
        return plain_s + self.validate_s(unpacked_bytes) + self.decrypt_s(size_bytes)

    def mean_replication_s(self, size_bytes: float) -> float:
        """A batch is sent to a follower and appended there, and the next fetch is read."""
        machine = self._machine
        bytes_us = size_bytes * machine.broker_byte_us
        work_us = machine.broker_request_us + machine.broker_batch_us + 2 * bytes_us
        return work_us * MICROSECOND_S
