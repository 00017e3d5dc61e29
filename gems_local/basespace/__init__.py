"""A stand-in for BaseSpace: an account with samples, launches of our app, their results, and faults at will."""
