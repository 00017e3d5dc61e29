"""Typing on this machine without a cloud: what a worker does with a share, done with files."""
