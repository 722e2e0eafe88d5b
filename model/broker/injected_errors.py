"""What a broker answers while something is wrong with it, whatever is in the request.

Pure. These gates come before the check of sequence numbers (Partition.appendRecordsToLeader), so a
retry of data that is in the log gets them too. Units: seconds.
"""

from collections.abc import Iterable

from model.config.faults import ErrorSpell, Fault, Nack
from model.wire.errors import Error


class InjectedErrors:
    """One broker's, from the schedule of faults."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        faults = tuple(faults)
        spells = [fault for fault in faults if isinstance(fault, ErrorSpell)]
        self._before = [fault for fault in spells if not fault.appends]
        self._after = [fault for fault in spells if fault.appends]
        nacks = (fault for fault in faults if isinstance(fault, Nack))
        self._nacks = sorted(nacks, key=lambda fault: fault.at_s)
        self._left = [fault.requests for fault in self._nacks]
        #: Whether there will never be one.
        self.none_ever = not (self._before or self._after or self._nacks)

    def of_request(self, now_s: float) -> Error:
        """The error that a request as a whole is answered with; NONE if there is none."""
        for index, fault in enumerate(self._nacks):
            if fault.at_s <= now_s and self._left[index]:
                self._left[index] -= 1
                return Error[fault.error]
        return Error.NONE

    def before_append(self, acks: str, now_s: float) -> Error:
        """The error before anything is written; NONE if there is none."""
        return _error(self._before, acks, now_s)

    def after_append(self, acks: str, now_s: float) -> Error:
        """The error although it was written; NONE if there is none."""
        return _error(self._after, acks, now_s)


def _error(spells: list[ErrorSpell], acks: str, now_s: float) -> Error:
    for fault in spells:
        if fault.lasts(now_s) and (acks == "all" or not fault.acks_all_only):
            return fault.error
    return Error.NONE
