"""How Kafka reads a setting's text: its types and the ranges its validators allow.

Source: ConfigDef.parseType and the validators Range, ValidString, CaseInsensitiveValidString and
NonEmptyString. Text arrives trimmed. Left out: whether a class exists on the client's class path.
"""

import re
from dataclasses import dataclass
from typing import Protocol

from model.config.checks import ConfigError
from model.settings.shown import shown

Value = bool | int | float | str

INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1

_JAVA_BLANKS = "".join(map(chr, range(0x21)))
_DIGITS = re.compile(r"[+-]?\d{1,100}")
_LAST_BMP_CHARACTER = "\uffff"
_REAL = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)[df]?", re.ASCII | re.IGNORECASE)


class Kind(Protocol):
    """A type with its range."""

    def read(self, key: str, text: str) -> Value:
        """The value that the trimmed text stands for; ConfigError where Kafka refuses it."""


def trimmed(text: str) -> str:
    """Without the blanks that Java's ``String.trim`` takes away: everything up to U+0020."""
    return text.strip(_JAVA_BLANKS)


@dataclass(frozen=True, slots=True)
class Whole:
    """INT, LONG and SHORT: decimal digits with an optional sign, as Integer.parseInt reads them."""

    low: int = -INT_MAX - 1
    high: int = INT_MAX
    but_not: int | None = None

    def read(self, key: str, text: str) -> int:
        # parseInt takes the digits of every script, but only characters of one UTF-16 unit
        if _DIGITS.fullmatch(text) and max(text) <= _LAST_BMP_CHARACTER:
            value = int(text)
            if self.low <= value <= self.high and value != self.but_not:
                return value
        gap = "" if self.but_not is None else f" but not {self.but_not}"
        rule = f"must be a whole number from {self.low} to {self.high}{gap}"
        raise ConfigError(key, shown(text), rule)


@dataclass(frozen=True, slots=True)
class Real:
    """DOUBLE, in decimal notation; Java's hexadecimal one is left out."""

    low: float = float("-inf")
    high: float = float("inf")

    def read(self, key: str, text: str) -> float:
        match = _REAL.fullmatch(text)
        if match is None or not self.low <= float(match[1]) <= self.high:
            raise ConfigError(
                key, shown(text), f"must be a number from {self.low:g} to {self.high:g}"
            )
        return float(match[1])


@dataclass(frozen=True, slots=True)
class Flag:
    """BOOLEAN: true or false in any case."""

    def read(self, key: str, text: str) -> bool:
        if text.lower() not in ("true", "false"):
            raise ConfigError(key, shown(text), "must be true or false")
        return text.lower() == "true"


@dataclass(frozen=True, slots=True)
class OneOf:
    """STRING with a validator that lists what it takes."""

    choices: tuple[str, ...]
    any_case: bool = False
    synonym: tuple[str, str] | None = None  # a further choice, and the one that it stands for

    def read(self, key: str, text: str) -> str:
        word, meaning = self.synonym or ("", "")
        if word and text == word:
            return meaning
        if (text.upper() if self.any_case else text) not in self.choices:
            choices = (*self.choices, word) if word else self.choices
            raise ConfigError(key, shown(text), f"must be one of {', '.join(choices)}")
        return text


@dataclass(frozen=True, slots=True)
class Text:
    """STRING, LIST, CLASS and PASSWORD: taken as they are, but for the empty one if need be."""

    may_be_empty: bool = True

    def read(self, key: str, text: str) -> str:
        if not (text or self.may_be_empty):
            raise ConfigError(key, "", "must not be empty")
        return text
