"""Distributions of delay by their quantiles, and the file that samples come from."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from model import ConfigError
from model.config.delays import (
    NO_JITTER,
    Constant,
    Delay,
    Empirical,
    Lognormal,
    Uniform,
    read_samples,
)

ONE_SIGMA = 0.8413447460685429  # of a normal distribution


@pytest.mark.parametrize(
    ("delay", "quantiles"),
    [
        (NO_JITTER, {0.01: 0, 0.99: 0}),
        (Constant(3), {0.01: 3, 0.99: 3}),
        (Uniform(8), {0.25: 2, 0.5: 4, 0.99: 7.92}),
        (Lognormal(2, 0.5), {0.5: 2, ONE_SIGMA: 2 * math.exp(0.5)}),
        (Lognormal(2, 0), {0.1: 2, 0.9: 2}),
        (Empirical((1, 2, 4)), {0.25: 1.5, 0.5: 2, 0.75: 3, 0.999: 3.996}),
        (Empirical((7,)), {0.001: 7, 0.999: 7}),
    ],
)
def test_a_share_of_packets_takes_no_longer_than_its_quantile(
    delay: Delay, quantiles: dict[float, float]
) -> None:
    found_ms = [delay.quantile_ms(share) for share in quantiles]
    assert found_ms == pytest.approx(list(quantiles.values()))


@pytest.mark.parametrize(
    "delay", [Uniform(8), Lognormal(2, 0.5), Empirical((1, 1, 2, 9)), Constant(1)]
)
def test_a_larger_share_never_takes_less_long(delay: Delay) -> None:
    found_ms = [delay.quantile_ms(percent / 100) for percent in range(1, 100)]
    assert found_ms == sorted(found_ms)
    assert found_ms[0] >= 0


def test_samples_may_come_in_any_order() -> None:
    assert Empirical((4, 1, 2)) == Empirical((1, 2, 4))
    assert Empirical((4, 1, 2)).quantile_ms(0.5) == 2


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Constant(-1), "jitter-ms"),
        (lambda: Uniform(-1), "jitter-ms"),
        (lambda: Lognormal(-1, 1), "jitter-ms"),
        (lambda: Lognormal(1, -1), "jitter sigma"),
        (lambda: Uniform(math.nan), "jitter-ms"),
        (lambda: Empirical((1, math.inf)), "delay sample in ms"),
        (lambda: Empirical(()), "delay samples"),
        (lambda: Empirical((1, -2)), "delay sample in ms"),
    ],
)
def test_a_delay_that_cannot_be_is_refused_by_its_name(
    make: Callable[[], Delay], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        make()


def test_a_file_has_one_number_on_each_line(tmp_path: Path) -> None:
    file = tmp_path / "delays.txt"
    file.write_text("2.5\n1\n\n  4e-1\n", encoding="utf-8")
    assert read_samples(file) == Empirical((0.4, 1.0, 2.5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\n2 ms\n", "delay sample in ms.*ms.*must be a number"),
        ("1\n-2\n", "delay sample in ms.*-2"),
        ("1\nnan\n", "delay sample in ms.*nan"),
        ("\n\n", "delay samples.*at least one"),
    ],
)
def test_a_file_with_anything_else_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "delays.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_samples(file)


def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.txt.*cannot be read"):
        read_samples(str(tmp_path / "gone.txt"))
    with pytest.raises(ConfigError, match=r"gone\.txt.*cannot be read"):
        read_samples(tmp_path / "gone.txt")
    binary = tmp_path / "delays.bin"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"delays\.bin.*UTF-8"):
        read_samples(binary)
