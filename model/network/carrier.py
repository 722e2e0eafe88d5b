"""What carries the requests of a connection, as its path is.

Where packets are lost by chance it carries the answers too, and simulates every flight; elsewhere
the windows of TCP are arithmetic.
"""

from functools import partial

from model.clock import Clock
from model.config.cluster import MachineConfig
from model.network.captured import CapturedStream
from model.network.lossy import Listener, LossyStreams
from model.network.path import Path
from model.network.reports import Reports
from model.network.sockets import Sockets
from model.network.stream import ByteStream
from model.network.window import RequestStream
from model.wire.flights import Tap
from model.wire.transmission import OUT, Report


def carrier(
    env: Clock,
    path: Path,
    sockets: Sockets,
    machine: MachineConfig,
    listener: Listener,
    reports: Reports,
    report: Report,
    tap: Tap | None,
) -> RequestStream | LossyStreams:
    """One for a new connection. ``listener`` hears of what becomes of bytes that may be lost,
    a ``tap`` of every flight.
    """
    rtt_s = 2 * path.one_way_s + machine.wake_s(2 * path.one_way_s)
    if path.loses:
        return LossyStreams(
            env,
            path,
            sockets.receive_buffer,
            sockets.send_buffer_bytes,
            sockets.answer_window_bytes,
            rtt_s,
            machine.round_wake_s,
            listener,
            report,
            tap,
        )
    stream = RequestStream if tap is None else partial(CapturedStream, tap)
    return stream(
        path,
        ByteStream(path, OUT, reports.note),
        sockets.receive_buffer,
        sockets.send_buffer_bytes,
        machine.round_wake_s,
        report,
        rtt_s=rtt_s,
    )
