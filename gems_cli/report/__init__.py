"""`gems report`: results that are there already, in other formats and beside each other."""
