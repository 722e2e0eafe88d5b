"""The commands of ``inflight``, one to a file; each imports what it needs when it is called."""
