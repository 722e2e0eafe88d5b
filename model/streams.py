"""Randomness handed in by name: one independent generator for each cause of variation."""

import zlib
from collections.abc import Iterator

import numpy as np

WORD = 0xFFFFFFFF


def stream(seed: int, cause: str) -> np.random.Generator:
    """The generator for one cause of one run, for example ``"producer-3/arrivals"``.

    Keyed by name, so that a new cause does not shift the others, and two scenarios with the same
    seed draw the same numbers for the same cause (common random numbers).
    """
    return np.random.default_rng([seed, zlib.crc32(cause.encode())])


def exponentials(mean: float, generator: np.random.Generator, block: int = 1024) -> Iterator[float]:
    """Endless exponential draws with this mean, drawn in blocks because single draws are slow."""
    while True:
        yield from (generator.standard_exponential(block) * mean).tolist()


def deviations(generator: np.random.Generator, block: int = 256) -> Iterator[float]:
    """Endless standard normal draws, none further than three standard deviations off."""
    while True:
        yield from generator.standard_normal(block).clip(-3, 3).tolist()


def words(generator: np.random.Generator, block: int = 64) -> Iterator[int]:
    """Endless draws of 32 bits, as NumPy takes whole numbers from: of 64 the lower half first."""
    while True:
        for both in generator.bit_generator.random_raw(block).tolist():
            yield both & WORD
            yield both >> 32


def below(limit: int, words: Iterator[int]) -> int:
    """A whole number from 0 to ``limit`` - 1, all alike (Lemire's method).

    What Generator.integers gives, which takes longer for one than for a thousand.
    """
    if limit == 1:
        return 0
    product = next(words) * limit
    if product & WORD < limit:
        while product & WORD < (WORD + 1 - limit) % limit:
            product = next(words) * limit
    return product >> 32


def uniform(generator: np.random.Generator, block: int = 64) -> Iterator[float]:
    """Endless uniform draws from 0 to 1."""
    while True:
        yield from generator.random(block).tolist()
