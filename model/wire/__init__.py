"""What travels between a client and a broker: batches, requests, their sizes, states and errors."""
