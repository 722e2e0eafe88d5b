"""What experiments share: windows, intervals, stored results, the look of charts."""
