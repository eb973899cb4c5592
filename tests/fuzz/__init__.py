"""Every parser and session against bytes that nobody thought of (SEC-15, A8)."""
