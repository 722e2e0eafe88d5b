"""What a broker answers while something is wrong with it, whatever is in the request.

Pure. These gates come before the check of sequence numbers (Partition.appendRecordsToLeader), so a
retry of data that is in the log gets them too. Units: seconds, bytes.
"""

from collections.abc import Iterable

from model.config.faults import (
    FULL_DISK,
    NACK,
    NOT_LEADER,
    TOO_FEW_AFTER_APPEND,
    TOO_FEW_REPLICAS,
    Fault,
)
from model.wire.errors import Error

ERRORS = {
    NOT_LEADER: Error.NOT_LEADER_OR_FOLLOWER,
    FULL_DISK: Error.KAFKA_STORAGE_ERROR,
    TOO_FEW_REPLICAS: Error.NOT_ENOUGH_REPLICAS,
}
ASKS_ALL = (TOO_FEW_REPLICAS, TOO_FEW_AFTER_APPEND)


class Refusals:
    """One broker's; ``acks_all`` says whether its producers ask for all replicas."""

    def __init__(self, faults: Iterable[Fault], acks_all: bool) -> None:
        faults = [fault for fault in faults if acks_all or fault.what not in ASKS_ALL]
        self._spells = [fault for fault in faults if fault.what in ERRORS]
        self._after = [fault for fault in faults if fault.what == TOO_FEW_AFTER_APPEND]
        self._nacks = sorted(
            (fault for fault in faults if fault.what == NACK), key=lambda fault: fault.at_s
        )
        self._left = [fault.requests for fault in self._nacks]
        #: Whether nothing is ever refused.
        self.none = not (self._spells or self._after or self._nacks)

    def of_request(self, now_s: float) -> Error:
        """The error that a request as a whole is answered with; NONE if there is none."""
        for place, fault in enumerate(self._nacks):
            if fault.at_s <= now_s and self._left[place]:
                self._left[place] -= 1
                return Error[fault.error]
        return Error.NONE

    def before_append(self, now_s: float) -> Error:
        """The error before anything is written; NONE if there is none."""
        for fault in self._spells:
            if fault.at_s <= now_s < fault.until_s:
                return ERRORS[fault.what]
        return Error.NONE

    def after_append(self, now_s: float) -> Error:
        """The error although it was written; NONE if there is none."""
        if any(fault.at_s <= now_s < fault.until_s for fault in self._after):
            return Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND
        return Error.NONE
