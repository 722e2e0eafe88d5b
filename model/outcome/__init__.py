"""What a run leaves: the facts that actors report, and the figures that are functions of them."""
