"""What acks wait for, by the distance of the replicas."""
