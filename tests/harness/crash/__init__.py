"""What does a crash, a cut of power or a failing disk cost? A1 to A4, A13 and REL-18."""
