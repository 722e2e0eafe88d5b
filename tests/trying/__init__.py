"""Trying hard, by targets of make and not in CI: mutants of the model, kills of a sweep."""
