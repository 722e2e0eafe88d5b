"""What goes wrong, and what it does to records: told, tabulated, searched, held against Kafka."""
