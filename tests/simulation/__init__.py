"""The whole gateway in a simulated world: one seed decides everything that happens (REL-58)."""
