"""What a job is at one moment: its records, and what follows from them. Nothing here reads or writes."""
