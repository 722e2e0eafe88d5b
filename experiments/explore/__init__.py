"""A local page: turn a knob, see what one request in flight and five carry, and how."""
