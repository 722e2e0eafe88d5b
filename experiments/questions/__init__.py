"""The questions that Kafka users ask, each an experiment in a file of its own."""
