"""The journal's tables, one numbered file per format; read as package data, never imported."""
