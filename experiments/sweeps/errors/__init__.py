"""What errors do to order, duplicates and goodput, by depth and idempotence."""
