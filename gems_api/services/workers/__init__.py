"""What a worker says, and what it is told to do."""
