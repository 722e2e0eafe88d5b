"""The books of a run: which counts of records are told, and what a reader calls them."""

#: Those of the run's books.
COUNTS = (
    *("sent", "acked", "failed", "unfinished", "duplicates", "displaced", "inversions"),
    *("acked_missing", "failed_but_present"),
)
#: Column of the rows to what a reader calls it.
NAMES = {
    "sent": "sent",
    "acked": "acknowledged",
    "failed": "failed",
    "unfinished": "unfinished at the end",
    "duplicates": "duplicates",
    "displaced": "out of order",
    "inversions": "in the log right behind a newer one",
    "acked_missing": "acknowledged, not in the log",
    "failed_but_present": "failed, in the log all the same",
}
