"""From a cluster to measured rows: a plan of runs, and readers of what common tools print."""
