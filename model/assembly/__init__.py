"""What a scenario names, put together: brokers and producers."""
