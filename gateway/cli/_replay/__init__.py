"""What ``alarm-gateway replay`` is made of."""
