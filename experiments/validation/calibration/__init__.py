"""Machine constants from measured runs."""
