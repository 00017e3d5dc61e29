"""How S3 holds jobs: whole folders, single records, indexes, views and reports; and what a process remembers of them."""
