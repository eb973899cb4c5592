"""What others may know of the gateway: events, topics, schemas, the confirming consumer."""
