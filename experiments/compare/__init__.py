"""The head-to-head: one request in flight against five, at the user's settings and distance."""
