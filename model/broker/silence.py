"""For how long a broker cannot be spoken to by others: it stands still, or is cut off.

Pure: the schedule of faults is known. A process that has ended is another matter: its broker knows.
Units: seconds.
"""

from collections.abc import Iterable

from model.config.faults import BrokerDown, Fault


class Silence:
    """One broker's."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = [f for f in faults if f.silences and not isinstance(f, BrokerDown)]

    def left_s(self, now_s: float) -> float:
        """How long it is silent from now on; 0 if it is not."""
        at_s = now_s
        for fault in sorted(self._faults, key=lambda fault: fault.at_s):
            if fault.lasts(at_s):
                at_s = fault.until_s
        return at_s - now_s
