"""Commands of the decision core; mounted as ``alarm-gateway decision``."""
