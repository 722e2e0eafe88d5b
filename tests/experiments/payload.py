"""The records that the laboratory measured codecs with: like log lines in JSON.

The same bytes, from the same generator (java.util.Random with seed 1): 997 values of words of a
vocabulary of 2,000, the first words far more often, and of numbers, cut to one length.
"""

MASK, COUNT, WORDS = (1 << 48) - 1, 997, 2_000


class JavaRandom:
    """java.util.Random's linear congruential generator."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ 0x5DEECE66D) & MASK

    def _bits(self, count: int) -> int:
        self._state = (self._state * 0x5DEECE66D + 0xB) & MASK
        return self._state >> (48 - count)

    def below(self, bound: int) -> int:
        """nextInt(bound)."""
        drawn = self._bits(31)
        if bound & (bound - 1) == 0:
            return bound * drawn >> 31
        while drawn - drawn % bound + bound - 1 >= 1 << 31:
            drawn = self._bits(31)
        return drawn % bound

    def uniform(self) -> float:
        """nextDouble()."""
        high = self._bits(26)
        return float((high << 27) + self._bits(27)) * 2.0**-53

    def coin(self) -> bool:
        """nextBoolean()."""
        return self._bits(1) != 0


def like_json(size: int, count: int = COUNT) -> list[bytes]:
    """So many values of so many bytes."""
    random = JavaRandom(1)
    words = [
        "".join(chr(ord("a") + random.below(26)) for _ in range(3 + random.below(7)))
        for _ in range(WORDS)
    ]
    values = []
    for _ in range(count):
        text = "{"
        while len(text) < size:
            text += f'"{words[int(random.uniform() ** 2 * WORDS)]}":'
            number = random.coin()
            text += f"{random.below(1_000_000)}" if number else f'"{words[random.below(WORDS)]}"'
            text += ","
        values.append(text[:size].encode())
    return values
