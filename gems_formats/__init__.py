"""The files that more than one house reads: each has its one reader, and its writer, here."""
