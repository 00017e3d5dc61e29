"""`gems review`: what people said of results, and the proof of the log that keeps it."""
