"""Where waiting for more records helps, by load."""
