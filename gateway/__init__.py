"""The receiver: reads reports, stores them, answers for them and publishes them as events."""
