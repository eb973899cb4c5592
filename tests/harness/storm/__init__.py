"""What do crowds, outages, bad lines and attackers cost? A5 to A7, A9, A10 and what they need."""
