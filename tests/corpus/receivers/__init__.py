"""The families of receivers.jsonl, each saying its frames in the form's words."""
