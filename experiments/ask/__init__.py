"""Twenty questions that Kafka users ask, each with its scenario, chart, answer and assumption."""
