"""The Lambda's zip: what Zappa packs, prepared so that it holds what the API needs to run and nothing else."""
