"""The sweeps: in each package ``sweep.py`` is data alone, ``analysis.py`` makes rows speak."""

#: In the order in which they are told.
SWEEPS = (
    "breakeven",
    "depth",
    "batch_depth",
    "linger_load",
    "partitions_brokers",
    "replication",
    "producers_memory",
    "idempotence",
    "errors",
)
