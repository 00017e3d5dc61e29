"""`gems reference`: building, checking and looking into the reference library."""
