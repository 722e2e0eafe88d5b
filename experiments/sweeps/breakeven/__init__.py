"""Where five in flight pay: round trip against in-broker time."""
