"""What others may know of the gateway: the event, the topics, the schemas, the confirming consumer."""
