"""What one connection reports of bytes that do not simply cross.

Pure. TCP's arithmetic knows of a copy when the packet is lost; whether the copy arrives depends on
whether the connection lives so long, so it is reported when it has arrived. Left out: what a reset
does to bytes that were let go in advance, which are reported as if they had left. Units: seconds.
"""

from model.wire.transmission import Fate, Report, Transmission, Way


class Reports:
    """Passes on what is found."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._copies: list[Transmission] = []  # that have not arrived yet

    def note(self, found: Transmission) -> None:
        """Report it, or a copy when it has arrived."""
        if found.fate is Fate.RESENT:
            self._copies.append(found)
        else:
            self._report(found)

    def arrived(self, request: int, way: Way) -> None:
        """A request or its answer is there, and so is what was sent again of it."""
        if not self._copies:
            return
        for copy in tuple(self._copies):
            if copy.request == request and copy.way is way:
                self._report(copy)
                self._copies.remove(copy)

    def cut_off(self, request: int, way: Way, from_s: float, until_s: float) -> None:
        """A request or its answer came to an end that was gone."""
        self._report(Transmission(request, way, Fate.CUT_OFF, from_s, until_s))
