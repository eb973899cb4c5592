"""The operator's console: server-rendered pages, by keyboard, nothing fetched from outside."""
