"""``gems artefacts``: what is published for workers, and which of it jobs get."""
