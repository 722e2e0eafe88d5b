"""Experiments on the model: each reads settings or rows, simulates, and leaves rows and charts."""
