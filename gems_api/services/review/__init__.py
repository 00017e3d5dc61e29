"""Who says that a call stands: reading a job's review, and adding to it."""
