"""How the gap between one and five closes as partitions and brokers are added."""
