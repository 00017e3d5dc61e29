"""The `gems` command: reference library, jobs, and the embedded cloud."""
