"""What a request costs whoever works on it."""

#: Assumed: the work per request is shared evenly by reading, handling and writing.
READ_SHARE = HANDLE_SHARE = WRITE_SHARE = 1 / 3
