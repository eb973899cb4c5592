"""What does a month of events cost? A12."""
