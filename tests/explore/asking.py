"""How tests ask without a server."""

from collections.abc import Callable
from typing import Any

#: A part of the answer to positions of the knobs.
Ask = Callable[..., dict[str, Any]]
