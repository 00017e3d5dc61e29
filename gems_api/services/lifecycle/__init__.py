"""A job's turns: start, launch, retry, cancel, end; its mail and its tags."""
