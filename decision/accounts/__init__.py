"""People who use the console: who they are, how they prove it, how long that holds."""
