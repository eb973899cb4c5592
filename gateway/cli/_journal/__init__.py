"""What ``alarm-gateway journal`` asks of a journal."""
