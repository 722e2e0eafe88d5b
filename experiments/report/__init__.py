"""One self-contained HTML page of everything that was found; stored results are all it reads."""
