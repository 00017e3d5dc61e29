"""Jobs that come from BaseSpace: the launch, the reads, and what BaseSpace is told. Nothing here ever stands in a job's way."""
