"""Several producers on one broker, and memory against outage and overload."""
