"""Batches and depth trade against each other, until the receive window ends both."""
