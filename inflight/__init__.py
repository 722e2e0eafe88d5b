"""Inflight."""
