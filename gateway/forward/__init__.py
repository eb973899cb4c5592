"""From the journal to MQTT: outbox, retained states, the connection, the embedded broker."""
