"""The model against a real Kafka: measured rows in, the same rows with predictions out."""
