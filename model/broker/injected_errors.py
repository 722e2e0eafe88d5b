"""What a broker answers while something is wrong with it, whatever is in the request.

Pure. These gates come before the check of sequence numbers (Partition.appendRecordsToLeader), so a
retry of data that is in the log gets them too. Units: seconds, bytes.
"""

from collections.abc import Iterable

from model.config.faults import ErrorSpell, Fault, Nack
from model.wire.errors import Error


class Refusals:
    """One broker's; ``acks_all`` says whether its producers ask for all replicas."""

    def __init__(self, faults: Iterable[Fault], acks_all: bool) -> None:
        faults = tuple(faults)
        spells = [
            fault
            for fault in faults
            if isinstance(fault, ErrorSpell) and (acks_all or not fault.acks_all_only)
        ]
        self._before = [fault for fault in spells if not fault.appends]
        self._after = [fault for fault in spells if fault.appends]
        nacks = (fault for fault in faults if isinstance(fault, Nack))
        self._nacks = sorted(nacks, key=lambda fault: fault.at_s)
        self._left = [fault.requests for fault in self._nacks]
        #: Whether nothing is ever refused.
        self.none = not (self._before or self._after or self._nacks)

    def of_request(self, now_s: float) -> Error:
        """The error that a request as a whole is answered with; NONE if there is none."""
        for place, fault in enumerate(self._nacks):
            if fault.at_s <= now_s and self._left[place]:
                self._left[place] -= 1
                return Error[fault.error]
        return Error.NONE

    def before_append(self, now_s: float) -> Error:
        """The error before anything is written; NONE if there is none."""
        return next((fault.error for fault in self._before if fault.lasts(now_s)), Error.NONE)

    def after_append(self, now_s: float) -> Error:
        """The error although it was written; NONE if there is none."""
        return next((fault.error for fault in self._after if fault.lasts(now_s)), Error.NONE)
