"""What a worker does with its share: a module for each step, and `way` for their order."""
