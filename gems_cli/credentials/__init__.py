"""The tokens of users and workers, as a deployment keeps them in CredStash."""
