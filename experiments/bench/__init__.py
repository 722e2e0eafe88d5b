"""What the model costs: against bare SimPy, a per-record model, a mock cluster, and its growth."""
