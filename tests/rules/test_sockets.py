"""What socket settings come to in bytes: Linux doubles, scales and takes its share."""

import math

import pytest

from model import BrokerConfig, ConfigError
from model.config.cluster import (
    FETCHES_SHARE,
    REQUESTS_SHARE,
    receive_memory_bytes,
    receive_window_bytes,
    send_buffer_bytes,
)
from model.units import KIB, MIB


def test_kafkas_default_receive_buffer_offers_what_was_measured() -> None:
    # 102,400 takes a scale of 1: 65,535 twice; the memory, 135,987, is no limit
    assert receive_window_bytes(102_400, REQUESTS_SHARE) == 131_070
    assert receive_memory_bytes(102_400, REQUESTS_SHARE) == pytest.approx(0.664 * 204_800)


@pytest.mark.parametrize(
    ("buffer_bytes", "share", "window"),
    [
        (4_096, 0.5, 4_096),  # the memory
        (65_535, 0.9, 65_535),  # no scale
        (65_536, 0.5, 65_536),  # a scale of 1, and memory for half of it
        (64 * KIB, FETCHES_SHARE, 117_964.8),
        (131_071, 1.0, 131_070),
        (131_072, 1.0, 262_140),  # a scale of 2
        (MIB, 1.0, 65_535 << 5),
    ],
)
def test_a_window_is_what_its_scale_can_tell_and_the_memory_can_hold(
    buffer_bytes: int, share: float, window: float
) -> None:
    assert receive_window_bytes(buffer_bytes, share) == pytest.approx(window)


def test_a_receive_buffer_left_to_the_system_is_no_limit() -> None:
    assert receive_window_bytes(-1, REQUESTS_SHARE) == math.inf
    assert receive_memory_bytes(-1, REQUESTS_SHARE) == math.inf


@pytest.mark.parametrize(
    ("setting_bytes", "window", "buffer_bytes"),
    [
        (131_072, 131_070, 0.88 * 262_144),
        (131_072, math.inf, 0.88 * 262_144),
        (-1, 131_070, 7 * 131_070),
        (-1, MIB, 4 * MIB),
        (-1, math.inf, 4 * MIB),
        (0, 131_070, 0.88 * 4_608),  # the least that a socket has
    ],
)
def test_a_send_buffer_is_a_share_of_twice_the_setting_or_what_the_system_grows_it_to(
    setting_bytes: int, window: float, buffer_bytes: float
) -> None:
    assert send_buffer_bytes(setting_bytes, window) == pytest.approx(buffer_bytes)


@pytest.mark.parametrize("size_bytes", [-2, 0, 4_095, 2**31])
def test_a_receive_buffer_that_no_socket_has_is_refused(size_bytes: int) -> None:
    with pytest.raises(ConfigError, match=r"^socket\.receive\.buffer\.bytes"):
        BrokerConfig(socket_receive_buffer_bytes=size_bytes)
    with pytest.raises(ConfigError, match=r"replica\.socket\.receive\.buffer\.bytes"):
        BrokerConfig(replica_socket_receive_buffer_bytes=size_bytes)
