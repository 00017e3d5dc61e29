"""`gems job`: a client of any deployed GeMS."""
