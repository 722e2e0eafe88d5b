"""What goes wrong, and what it does to records: tables, stories, a search, measured faults."""
