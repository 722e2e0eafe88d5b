"""``buffer.memory`` as a count of bytes."""

import pytest

from model.producer.buffer_pool import BufferPool


def test_buffers_are_taken_until_there_is_no_room() -> None:
    pool = BufferPool(250)
    assert [pool.allocate(100), pool.allocate(100), pool.allocate(100)] == [True, True, False]
    assert (pool.available_bytes, pool.waiting) == (50, True)


def test_a_freed_buffer_ends_the_wait() -> None:
    pool = BufferPool(100)
    pool.allocate(100)
    pool.allocate(100)
    pool.deallocate(100)
    assert pool.allocate(100)
    assert (pool.available_bytes, pool.waiting) == (0, False)


def test_more_than_was_taken_cannot_come_back() -> None:
    pool = BufferPool(100)
    with pytest.raises(RuntimeError, match="more bytes came back"):
        pool.deallocate(1)
